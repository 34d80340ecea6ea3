package io.fovea.lab.prune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.Model;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.util.List;
import java.util.Random;

/** Small detectors with random weights. */
final class MadeModels {
    static final int SIZE = 32;

    private MadeModels() {
    }

    static int shapes(Model model) {
        return model.spec().featureMaps().stream().mapToInt(m -> m.anchors().size()).sum();
    }

    /** Two maps, 8x8 with 3 and 4x4 with 2 anchors; SSDLite-like branches (depthwise, then pointwise) on the fine one. */
    static Model twoLevels(long seed, ScoreActivation activation) {
        Random random = new Random(seed);
        GraphBuilder g = new GraphBuilder("made", "image", new Shape(SIZE, SIZE, 3));
        g.add("stem", conv(random, Window.square(3, 4, 1), 1, 3, 8, Activation.RELU), "stem", "image");
        g.add("down", conv(random, Window.square(3, 2, 1), 1, 8, 12, Activation.RELU6), "down", "stem");
        g.add("fine/dwb", conv(random, Window.square(3, 1, 1), 8, 8, 8, Activation.RELU), "fine/dwb", "stem");
        g.add("fine/box", conv(random, Window.POINTWISE, 1, 8, 12, Activation.NONE), "fine/box", "fine/dwb");
        g.add("fine/boxrows", new Op.HeadRows(4), "fine/boxrows", "fine/box");
        g.add("fine/dws", conv(random, Window.square(3, 1, 1), 8, 8, 8, Activation.RELU), "fine/dws", "stem");
        g.add("fine/score", conv(random, Window.POINTWISE, 1, 8, 15, Activation.NONE), "fine/score", "fine/dws");
        g.add("fine/scorerows", new Op.HeadRows(5), "fine/scorerows", "fine/score");
        g.add("coarse/box", conv(random, Window.square(3, 1, 1), 1, 12, 8, Activation.NONE), "coarse/box", "down");
        g.add("coarse/boxrows", new Op.HeadRows(4), "coarse/boxrows", "coarse/box");
        g.add("coarse/score", conv(random, Window.square(3, 1, 1), 1, 12, 10, Activation.NONE), "coarse/score", "down");
        g.add("coarse/scorerows", new Op.HeadRows(5), "coarse/scorerows", "coarse/score");
        g.add("boxes", new Op.JoinRows(), "boxes", List.of("fine/boxrows", "coarse/boxrows"));
        g.add("scores", new Op.JoinRows(), "scores", List.of("fine/scorerows", "coarse/scorerows"));
        DetectorSpec spec = new DetectorSpec("made", null,
                new InputSpec("image", SIZE, SIZE, ColorOrder.RGB, List.of(127.5f, 127.5f, 127.5f),
                        List.of(1 / 127.5f, 1 / 127.5f, 1 / 127.5f), Resize.BILINEAR),
                "boxes", "scores", List.of("background", "person", "car", "cat", "dog"), 0, activation,
                new BoxCoding(BoxOrder.YXHW, .1f, .1f, .2f, .2f),
                List.of(new FeatureMap(8, 8, 4, 4, .5f, List.of(new Anchor(6, 6), new Anchor(8, 4), new Anchor(4, 8))),
                        new FeatureMap(4, 4, 8, 8, .5f, List.of(new Anchor(16, 16), new Anchor(20, 10)))),
                new NmsSpec(.01f, .5f, 0, 50));
        return new Model(g.build(List.of("boxes", "scores")), spec);
    }

    private static Op.Conv conv(Random random, Window window, int groups, int in, int out, Activation activation) {
        float[] weights = new float[out * (in / groups) * window.taps()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / (in / groups * window.taps())));
        }
        float[] bias = new float[out];
        for (int i = 0; i < out; i++) {
            bias[i] = (float) (random.nextGaussian() * .1);
        }
        return new Op.Conv(window, groups, out, weights, bias, activation);
    }

    static float[] noise(Model model, long seed) {
        Random random = new Random(seed);
        float[] values = new float[model.graph().inputShape().values()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }
}
