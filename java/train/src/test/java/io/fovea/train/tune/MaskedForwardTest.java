package io.fovea.train.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fovea.format.Calibration;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.format.OnnxReader;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.Image;
import io.fovea.run.SessionOptions;
import io.fovea.sites.Mask;
import io.fovea.train.OnTorch;
import io.fovea.train.Torch;
import io.fovea.train.TrainableGraph;
import io.fovea.zoo.Zoo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A differentiable net under a gate's mask gives what the engine's gated run gives, wherever that computes. */
@OnTorch
class MaskedForwardTest {
    private static final int SIZE = 64;
    private final Random random = new Random(5);

    private float[] values(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return values;
    }

    private Op.Conv conv(Window window, int groups, int in, int out, Activation activation) {
        int weights = out * in / groups * window.taps();
        return new Op.Conv(window, groups, out, values(weights, Math.sqrt(1.5 / (weights / out))), values(out, .3),
                activation);
    }

    /** Strides, depthwise windows, a residual, a pooled branch over the whole map, and heads on two maps. */
    private Model model(boolean withMeans) {
        GraphBuilder g = new GraphBuilder("made", "image", new Shape(SIZE, SIZE, 3));
        g.add("stem", conv(Window.same(3, 2, SIZE, SIZE), 1, 3, 6, Activation.RELU6), "stem", "image");
        g.add("wide", conv(Window.POINTWISE, 1, 6, 12, Activation.RELU6), "wide", "stem");
        g.add("depthwise", conv(Window.square(3, 1, 1), 12, 12, 12, Activation.RELU6), "depthwise", "wide");
        g.add("narrow", conv(Window.POINTWISE, 1, 12, 6, Activation.NONE), "narrow", "depthwise");
        g.add("sum", new Op.Add(Activation.RELU), "sum", List.of("narrow", "stem"));
        g.add("down", conv(Window.same(3, 2, 32, 32), 1, 6, 8, Activation.RELU), "down", "sum");
        g.add("pool", new Op.MaxPool(Window.same(3, 2, 16, 16)), "pool", "down");
        g.add("late", conv(Window.square(3, 1, 1), 1, 8, 8, Activation.RELU6), "late", "pool");
        g.add("mean", new Op.GlobalAverage(), "mean", "late");
        g.add("score1", conv(Window.square(3, 1, 1), 1, 8, 6, Activation.NONE), "score1", "down");
        g.add("score2", conv(Window.POINTWISE, 1, 8, 3, Activation.NONE), "score2", "late");
        g.add("score3", conv(Window.POINTWISE, 1, 8, 3, Activation.NONE), "score3", "mean");
        g.add("box1", conv(Window.POINTWISE, 1, 8, 8, Activation.NONE), "box1", "down");
        g.add("box2", conv(Window.square(3, 1, 1), 1, 8, 4, Activation.NONE), "box2", "late");
        g.add("box3", conv(Window.POINTWISE, 1, 8, 4, Activation.NONE), "box3", "mean");
        for (int level = 1; level <= 3; level++) {
            g.add("rows" + level, new Op.HeadRows(3), "s" + level, "score" + level);
            g.add("boxrows" + level, new Op.HeadRows(4), "b" + level, "box" + level);
        }
        g.add("scores", new Op.JoinRows(), "scores", List.of("s1", "s2", "s3"));
        g.add("boxes", new Op.JoinRows(), "boxes", List.of("b1", "b2", "b3"));
        DetectorSpec c = ColourModel.make().spec();
        DetectorSpec spec = new DetectorSpec("made", null, c.input(), "boxes", "scores", c.classes(),
                c.backgroundIndex(), c.scoreActivation(), c.boxCoding(),
                List.of(new FeatureMap(16, 16, 4, 4, .5f, List.of(new Anchor(4, 4), new Anchor(8, 8))),
                        new FeatureMap(8, 8, 8, 8, .5f, List.of(new Anchor(16, 16))),
                        new FeatureMap(1, 1, 64, 64, .5f, List.of(new Anchor(60, 60)))),
                c.nms());
        Model made = new Model(g.build(List.of("boxes", "scores")), spec);
        Map<String, float[]> means = new HashMap<>();
        made.graph().nodes().stream().filter(n -> !n.name().contains("rows") && !n.name().matches("scores|boxes"))
                .forEach(n -> means.put(n.output(), values(made.graph().shape(n.output()).channels(), 1)));
        return made.with(new Calibration(withMeans ? means : Map.of("wide", means.get("wide")), List.of()));
    }

    private GateModel gate(Model model, int size, List<String> peripheral) {
        GraphBuilder g = new GraphBuilder("gate", "down", new Shape(size / 4, size / 4, 8));
        g.add("logit", conv(Window.square(3, 1, 1), 1, 8, 1, Activation.NONE), "logits", "down");
        Map<String, Stretch> lines = new HashMap<>();
        for (String value : peripheral) {
            int channels = model.graph().shape(value).channels();
            lines.put(value, new Stretch(values(channels, 1), values(channels, 1)));
        }
        return new GateModel(List.of(g.build(List.of("logits"))), new GateSpec("made", GateSpec.Trunk.DETECTOR, size,
                size, List.of("down"), 0, 8, 4, .3f, lines, Map.of()));
    }

    private static Image photo(int width, int height, long seed) {
        Random random = new Random(seed);
        byte[] rgb = new byte[3 * width * height];
        double[] wave = random.doubles(12, .5, 5).toArray();
        for (int i = 0; i < rgb.length; i++) {
            int c = i % 3;
            double y = (i / 3 / width + .5) / height;
            double x = (i / 3 % width + .5) / width;
            rgb[i] = (byte) (127 + 90 * Math.sin(wave[c] * x * 6 + wave[c + 3]) * Math.cos(wave[c + 6] * y * 6)
                    + 35 * random.nextDouble());
        }
        return Image.ofRgb(rgb, width, height, 3 * width);
    }

    /** Compares at the threshold that leaves half of the cells. */
    private static void assertSame(Model model, GateModel gate, List<String> inner, List<Image> photos,
            String kernels) {
        MaskedForward masked = new MaskedForward(model, gate);
        for (Image photo : photos) {
            float threshold;
            try (GateLoop look = GateLoop.open(model, gate, null, kernels)) {
                float[] sorted = look.logits(photo).logits();
                Arrays.sort(sorted);
                threshold = sorted[sorted.length / 2];
            }
            try (GateLoop loop = GateLoop.open(model, gate, threshold, kernels);
                    Runner runner = new Runner(model, inner, loop, new SessionOptions(1, kernels));
                    NDManager manager = Torch.manager(1)) {
                Runner.Result expected = runner.run(photo);
                GateLoop.Look look = loop.logits(photo);
                Mask mask = masked.mask(look.logits(), threshold);
                assertTrue(!mask.isFull() && !mask.isEmpty(), mask.toString());
                assertArrayEquals(expected.computed(), masked.computed(mask));
                TrainableGraph net = new TrainableGraph(model.graph(), manager);
                Shape in = model.graph().inputShape();
                NDArray input = manager.create(expected.values().get(model.graph().input()),
                        new ai.djl.ndarray.types.Shape(1, in.channels(), in.height(), in.width()));
                NDArray small = manager.create(look.picture(),
                        new ai.djl.ndarray.types.Shape(1, 3, masked.smallHeight(), masked.smallWidth()));
                // A second, whole view in the batch must not change the first.
                Map<String, NDArray> got = net.run(Map.of(model.graph().input(), input.concat(input)),
                        expected.values().keySet().stream().filter(v -> !v.equals(model.graph().input())).toList(),
                        masked.rewrite(net, List.of(mask, masked.whole()), small.concat(small), manager));
                for (String output : List.of(model.spec().boxesOutput(), model.spec().scoresOutput())) {
                    float[] want = expected.values().get(output);
                    float[] have = got.get(output).get(0).toFloatArray();
                    int width = want.length / model.spec().rows();
                    for (int i = 0; i < want.length; i++) {
                        if (expected.computed()[i / width]) {
                            assertEquals(want[i], have[i], 1e-4f, output + " row " + i / width);
                        }
                    }
                }
                for (String value : inner) {
                    float[] want = expected.values().get(value);
                    float[] have = got.get(value).get(0).toFloatArray();
                    int sites = model.graph().shape(value).sites();
                    int active = 0;
                    for (int site = 0; site < sites; site++) {
                        boolean computed = false;
                        for (int i = site; i < want.length && !computed; i += sites) {
                            computed = want[i] != 0;
                        }
                        for (int i = site; i < want.length && computed; i += sites) {
                            assertEquals(want[i], have[i], 1e-4f, value + " site " + site);
                        }
                        active += computed ? 1 : 0;
                    }
                    assertTrue(active > 0 && active < sites, value + ": " + active + " of " + sites);
                }
            }
        }
    }

    @Test
    void equalsTheGatedRun() {
        Model model = model(true);
        List<Image> photos = List.of(photo(SIZE, SIZE, 1), photo(90, 50, 2), photo(200, 260, 3));
        for (List<String> peripheral : List.of(List.<String>of(), List.of("wide", "sum"),
                List.of("wide", "down", "pool", "sum", "late"))) {
            assertSame(model, gate(model, 40, peripheral), List.of("sum", "late"), photos, "scalar");
        }
    }

    @Test
    void equalsTheGatedRunOfTheZoosDetector() {
        Model model;
        try {
            model = OnnxReader.read(Zoo.standard().fetch("ssdlite-mobilenet-v2-coco"));
        } catch (RuntimeException e) {
            Assumptions.abort("no zoo model here: " + e.getMessage());
            return;
        }
        Assumptions.assumeTrue(model.gate() != null, "the zoo's model carries no gate here");
        assertSame(model, model.gate(), List.of(), List.of(photo(400, 300, 4)), "auto");
    }

    @Test
    void masksAreTheGates() {
        Model model = model(true);
        GateModel gate = gate(model, 40, List.of("wide"));
        MaskedForward masked = new MaskedForward(model, gate);
        try (GateLoop loop = GateLoop.open(model, gate, .1f, "scalar"); var answer = loop.look(photo(SIZE, SIZE, 6))) {
            Mask mask = masked.mask(loop.logits(photo(SIZE, SIZE, 6)).logits(), .1f);
            assertEquals(answer.mask(), mask);
        }
    }

    @Test
    void aValueWithoutBackgroundIsNamed() {
        Model model = model(false);
        ModelFormatException e = assertThrows(ModelFormatException.class,
                () -> new MaskedForward(model, gate(model, 40, List.of("down"))));
        assertTrue(e.getMessage().contains("calibrated means of '"), e.getMessage());
    }
}
