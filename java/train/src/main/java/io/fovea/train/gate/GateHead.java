package io.fovea.train.gate;

import io.fovea.graph.Activation;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Interpolation;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Appends the untrained head of a gate to a trunk. */
public final class GateHead {
    /** The first logit of every cell says that it is background with a probability of about .9. */
    private static final float FIRST_BIAS = -2;

    /** How the maps read come together. */
    public enum Style {
        /** One small net per map, each with a map of logits of its own; their sum counts. */
        SUM,
        /** From the coarsest map to the finest: each is added, resized, to the next, and the finest gives the logits. */
        FUSED
    }

    private final GraphBuilder builder;
    private final int width;
    private final int depth;
    private final FirstWeights weights;

    private GateHead(GraphBuilder builder, int width, int depth, long seed) {
        this.builder = builder;
        this.width = width;
        this.depth = depth;
        this.weights = new FirstWeights(seed);
    }

    /**
     * Makes a gate: the trunk's nodes, then the head's.
     *
     * @param width channels inside the head
     * @param depth depthwise-separable layers at each map
     * @param seed of the first weights
     * @return a graph whose outputs are the maps of logits
     */
    static Graph append(Trunk trunk, Style style, int width, int depth, long seed) {
        Graph graph = trunk.graph();
        GraphBuilder builder = new GraphBuilder(graph.name(), graph.input(), graph.inputShape());
        for (Node node : graph.nodes()) {
            builder.add(node.name(), node.op(), node.output(), node.inputs());
        }
        GateHead head = new GateHead(builder, width, depth, seed);
        return builder.build(style == Style.SUM ? head.sum(trunk.reads()) : head.fused(trunk.reads()));
    }

    private List<String> sum(List<String> reads) {
        List<String> logits = new ArrayList<>();
        for (int i = 0; i < reads.size(); i++) {
            String name = "gate" + i;
            String x = pointwise(name + "/in", reads.get(i), width, Activation.RELU6);
            logits.add(logit(name, layers(name, x), i == 0 ? FIRST_BIAS : 0));
        }
        return logits;
    }

    private List<String> fused(List<String> reads) {
        String coarser = null;
        for (int i = reads.size() - 1; i >= 0; i--) {
            String name = "gate" + i;
            if (coarser == null) {
                coarser = pointwise(name + "/in", reads.get(i), width, Activation.RELU6);
            } else {
                String own = pointwise(name + "/in", reads.get(i), width, Activation.NONE);
                coarser = builder.add(name + "/join", new Op.Add(Activation.RELU6), name + "/joined",
                        List.of(own, resized(name, coarser, builder.shape(own))));
            }
            coarser = layers(name, coarser);
        }
        return List.of(logit("gate", coarser, FIRST_BIAS));
    }

    private String resized(String name, String x, Shape to) {
        Shape from = builder.shape(x);
        Interpolation linear = new Interpolation(true, Interpolation.Coordinates.HALF_PIXEL,
                Interpolation.Rounding.ROUND_PREFER_FLOOR);
        return builder.add(name + "/resize", new Op.Resize(to.height(), to.width(),
                (float) to.height() / from.height(), (float) to.width() / from.width(), linear), name + "/resized", x);
    }

    private String layers(String name, String x) {
        for (int d = 1; d <= depth; d++) {
            Shape s = builder.shape(x);
            int kernel = Math.min(s.width() <= 16 ? 5 : 3, Math.min(s.height(), s.width()) * 2 - 1);
            Window w = Window.square(kernel, 1, kernel / 2);
            String deep = builder.add(name + "/depthwise" + d, new Op.Conv(w, width, width,
                    weights.gaussian(width * w.taps(), w.taps()), new float[width], Activation.RELU6),
                    name + "/depthwise" + d, x);
            x = pointwise(name + "/mix" + d, deep, width, Activation.RELU6);
        }
        return x;
    }

    private String logit(String name, String x, float bias) {
        int in = builder.shape(x).channels();
        return builder.add(name + "/logit",
                new Op.Conv(Window.POINTWISE, 1, 1, weights.gaussian(in, in), new float[]{bias},
                        Activation.NONE),
                name + "/logits", x);
    }

    private String pointwise(String name, String x, int out, Activation activation) {
        int in = builder.shape(x).channels();
        return builder.add(name, new Op.Conv(Window.POINTWISE, 1, out, weights.gaussian(in * out, in), new float[out],
                activation), name, x);
    }

    /** Returns the nodes that are a gate's own: all but those of the detector's. */
    static List<Node> own(Graph gate, Trunk trunk) {
        return trunk.learns() ? gate.nodes() : head(gate, trunk);
    }

    private static List<Node> head(Graph gate, Trunk trunk) {
        Set<String> shared = new HashSet<>();
        trunk.graph().nodes().forEach(n -> shared.add(n.output()));
        return gate.nodes().stream().filter(n -> !shared.contains(n.output())).toList();
    }

    /** Returns the multiply-accumulates of a gate behind its trunk. */
    static long macs(Graph gate, Trunk trunk) {
        return head(gate, trunk).stream().mapToLong(n -> Cost.of(gate, n).macs()).sum();
    }
}
