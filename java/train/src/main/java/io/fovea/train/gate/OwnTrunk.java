package io.fovea.train.gate;

import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * A small trunk that starts from nothing: depthwise-separable blocks (Howard et al., MobileNets, 2017), for detectors whose own first blocks
 * are too dear to run once more.
 */
final class OwnTrunk {
    private static final int STEM = 16;
    /** Channels and number of the blocks at a quarter, an eighth and a sixteenth of the small picture. */
    private static final int[][] STAGES = {{32, 2}, {64, 3}, {96, 4}};

    private final GraphBuilder builder;
    private final FirstWeights weights;

    private OwnTrunk(GraphBuilder builder, long seed) {
        this.builder = builder;
        this.weights = new FirstWeights(seed);
    }

    /**
     * Makes one with random weights.
     *
     * @param size height and width of the small picture, pixels
     * @param seed of the first weights
     */
    static Trunk make(int size, long seed) {
        GraphBuilder builder = new GraphBuilder("gate", "picture", new Shape(size, size, 3));
        OwnTrunk trunk = new OwnTrunk(builder, 31 * seed + 7);
        Window stem = Window.same(3, 2, size, size);
        String x = builder.add("stem",
                new Op.Conv(stem, 1, STEM, trunk.weights.gaussian(STEM * 27, 27), new float[STEM],
                        Activation.RELU6),
                "stem", "picture");
        List<String> reads = new ArrayList<>();
        for (int stage = 0; stage < STAGES.length; stage++) {
            for (int block = 0; block < STAGES[stage][1]; block++) {
                x = trunk.block("stage" + stage + "/block" + block, x, STAGES[stage][0], block == 0 ? 2 : 1);
            }
            reads.add(x);
        }
        return new Trunk(builder.build(reads), reads, true);
    }

    /** Depthwise, then pointwise; added to what it reads where that fits. */
    private String block(String name, String x, int out, int stride) {
        Shape s = builder.shape(x);
        int in = s.channels();
        Window window = Window.same(3, stride, s.height(), s.width());
        String deep = builder.add(name + "/depthwise",
                new Op.Conv(window, in, in, weights.gaussian(in * 9, 9), new float[in],
                        Activation.RELU6),
                name + "/depthwise", x);
        String mixed = builder.add(name + "/mix", new Op.Conv(Window.POINTWISE, 1, out, weights.gaussian(in * out, in),
                new float[out], Activation.RELU6), name + "/mix", deep);
        return in == out && stride == 1
                ? builder.add(name + "/add", new Op.Add(Activation.NONE), name, List.of(x, mixed))
                : mixed;
    }
}
