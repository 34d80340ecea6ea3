package io.fovea.run;

import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Interpolation;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.testing.OnnxPeer;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every operator alone in a net, written by our writer, run by ONNX Runtime and by every tier. */
class OperatorTest {
    private static final int[][] SIZES = {{1, 1}, {2, 2}, {1, 7}, {5, 4}, {7, 7}, {8, 6}, {13, 12}};

    private final Random random = new Random(20);

    @Test
    void convolutionsOfAllKernelsAndStridesWithSamePadding() {
        for (int[] size : SIZES) {
            for (int kernel : new int[]{1, 3, 5}) {
                for (int stride = 1; stride <= 2; stride++) {
                    Window w = Window.same(kernel, stride, size[0], size[1]);
                    check(new Shape(size[0], size[1], 3), conv(3, 17, 1, w, Activation.RELU6));
                    check(new Shape(size[0], size[1], 24), conv(24, 8, 1, w, Activation.NONE));
                }
            }
        }
    }

    @Test
    void convolutionsWithExplicitPaddingAndDilation() {
        for (int[] size : new int[][]{{5, 4}, {7, 7}, {8, 6}}) {
            Shape shape = new Shape(size[0], size[1], 5);
            for (int stride = 1; stride <= 2; stride++) {
                check(shape, conv(5, 9, 1, new Window(3, 3, stride, stride, 0, 0, 0, 0, 1, 1), Activation.RELU));
                check(shape, conv(5, 9, 1, new Window(3, 3, stride, stride, 1, 0, 2, 1, 1, 1), Activation.RELU));
                check(shape, conv(5, 9, 1, new Window(3, 1, stride, 1, 1, 0, 1, 0, 1, 1), Activation.RELU));
                check(shape, conv(5, 9, 1, new Window(1, 3, 1, stride, 0, 0, 0, 2, 1, 1), Activation.RELU));
                check(shape, conv(5, 9, 1, new Window(3, 3, stride, stride, 2, 2, 2, 2, 2, 2), Activation.RELU));
                check(shape, conv(5, 5, 5, new Window(3, 3, stride, stride, 2, 0, 1, 2, 1, 1), Activation.RELU));
                check(shape, conv(5, 5, 5, new Window(3, 3, stride, stride, 2, 2, 2, 2, 2, 2), Activation.RELU));
                check(shape, conv(5, 5, 1, new Window(1, 1, stride, stride, 0, 1, 1, 0, 1, 1), Activation.RELU));
            }
        }
    }

    @Test
    void depthwiseAndGroupedConvolutions() {
        for (int[] size : SIZES) {
            for (int kernel : new int[]{1, 3, 5}) {
                for (int stride = 1; stride <= 2; stride++) {
                    Window w = Window.same(kernel, stride, size[0], size[1]);
                    for (int channels : new int[]{2, 16, 35}) {
                        check(new Shape(size[0], size[1], channels),
                                conv(channels, channels, channels, w, Activation.RELU6));
                    }
                    check(new Shape(size[0], size[1], 6), conv(6, 12, 6, w, Activation.NONE));
                    check(new Shape(size[0], size[1], 6), conv(6, 9, 3, w, Activation.RELU));
                }
            }
        }
    }

    @Test
    void residualsOfConvolutions() {
        for (int[] size : SIZES) {
            Window w = Window.same(3, 1, size[0], size[1]);
            for (Activation act : List.of(Activation.NONE, Activation.RELU)) {
                for (Window window : List.of(w, Window.POINTWISE)) {
                    for (int groups : new int[]{1, 12}) {
                        GraphBuilder net = new GraphBuilder("residual", "x", new Shape(size[0], size[1], 12));
                        net.add("first", conv(12, 12, 1, w, Activation.RELU), "a", "x");
                        net.add("second", conv(12, 12, groups, window, act), "y", List.of("a", "a"));
                        check(net.build(List.of("y")));
                    }
                }
            }
        }
    }

    @Test
    void activationsAloneAndBehindAConvolutionOrASum() {
        Shape shape = new Shape(5, 4, 19);
        for (Activation act : activations()) {
            check(shape, new Op.Activate(act));
            check(shape, conv(19, 18, 1, Window.same(3, 2, 5, 4), act));
            check(shape, conv(19, 18, 1, Window.POINTWISE, act));
            GraphBuilder net = pair(shape);
            net.add("sum", new Op.Add(act), "y", List.of("a", "b"));
            check(net.build(List.of("y")));
        }
    }

    private static List<Activation> activations() {
        return List.of(Activation.NONE, Activation.RELU, Activation.RELU6, Activation.clip(-0.3f, 0.6f),
                Activation.clip(-0.3f, Float.POSITIVE_INFINITY), Activation.clip(Float.NEGATIVE_INFINITY, 0.6f),
                new Activation(Activation.Kind.LEAKY_RELU, 0.1f, 0), Activation.of(Activation.Kind.SIGMOID),
                new Activation(Activation.Kind.HARD_SIGMOID, 0.25f, 0.4f), Activation.of(Activation.Kind.HARD_SWISH),
                new Activation(Activation.Kind.ELU, 0.7f, 0), Activation.of(Activation.Kind.SOFTPLUS),
                Activation.of(Activation.Kind.MISH), Activation.of(Activation.Kind.EXP),
                Activation.of(Activation.Kind.ABS), new Activation(Activation.Kind.POWER, 2, 0),
                Activation.of(Activation.Kind.SILU), Activation.of(Activation.Kind.TANH));
    }

    @Test
    void everyKindOfActivationIsTried() {
        for (Activation.Kind kind : Activation.Kind.values()) {
            if (activations().stream().noneMatch(a -> a.kind() == kind)) {
                throw new AssertionError(kind + " is not among the activations tried");
            }
        }
    }

    @Test
    void affineSumAndJoinOfMaps() {
        for (int[] size : SIZES) {
            Shape shape = new Shape(size[0], size[1], 7);
            check(shape, new Op.Affine(Values.gaussian(random, 7, 1), Values.gaussian(random, 7, 1)));
            GraphBuilder sum = pair(shape);
            sum.add("sum", new Op.Add(Activation.RELU), "y", List.of("a", "b"));
            check(sum.build(List.of("y")));
            GraphBuilder join = pair(shape);
            join.add("c", conv(7, 10, 1, Window.POINTWISE, Activation.NONE), "c", "b");
            join.add("join", new Op.Concat(), "y", List.of("c", "a", "b", "a"));
            check(join.build(List.of("y")));
        }
    }

    @Test
    void sumAndJoinOfTheInputItself() {
        Shape shape = new Shape(5, 4, 7);
        GraphBuilder sum = new GraphBuilder("sum", "x", shape);
        sum.add("sum", new Op.Add(Activation.RELU), "y", List.of("x", "x"));
        check(sum.build(List.of("y")));
        GraphBuilder join = new GraphBuilder("join", "x", shape);
        join.add("join", new Op.Concat(), "y", List.of("x", "x"));
        check(join.build(List.of("y")));
        GraphBuilder residual = new GraphBuilder("residual", "x", shape);
        residual.add("c", conv(7, 7, 1, Window.same(3, 1, 5, 4), Activation.NONE), "c", "x");
        residual.add("sum", new Op.Add(Activation.RELU), "s", List.of("c", "x"));
        residual.add("max", new Op.MaxPool(Window.same(3, 1, 5, 4)), "m", "x");
        residual.add("sum", new Op.Add(Activation.RELU), "t", List.of("x", "m"));
        residual.add("join", new Op.Concat(), "y", List.of("x", "s", "t"));
        check(residual.build(List.of("y")));
    }

    @Test
    void poolsOfAllWindows() {
        for (int[] size : SIZES) {
            Shape shape = new Shape(size[0], size[1], 18);
            check(shape, new Op.GlobalAverage());
            for (int kernel : new int[]{1, 2, 3, 5}) {
                for (int stride = 1; stride <= 2; stride++) {
                    Window same = Window.same(kernel, stride, size[0], size[1]);
                    check(shape, new Op.MaxPool(same));
                    check(shape, new Op.AveragePool(same, false));
                    check(shape, new Op.AveragePool(same, true));
                }
            }
            Window uneven = new Window(3, 2, 2, 1, 1, 0, 2, 1, 1, 1);
            if (uneven.outHeight(size[0]) > 0 && uneven.outWidth(size[1]) > 0) {
                check(shape, new Op.MaxPool(uneven));
                check(shape, new Op.AveragePool(uneven, false));
                check(shape, new Op.AveragePool(uneven, true));
            }
        }
    }

    @Test
    void resizedMaps() {
        int[][] targets = {{1, 1}, {2, 2}, {3, 5}, {10, 8}, {14, 14}, {19, 19}, {10, 24}, {26, 24}};
        for (int[] size : SIZES) {
            Shape shape = new Shape(size[0], size[1], 9);
            for (Interpolation.Coordinates coordinates : Interpolation.Coordinates.values()) {
                for (int[] target : targets) {
                    check(shape, resize(shape, target[0], target[1],
                            new Interpolation(true, coordinates, Interpolation.Rounding.ROUND_PREFER_FLOOR)));
                }
                for (Interpolation.Rounding rounding : Interpolation.Rounding.values()) {
                    for (int[] target : targets) {
                        if (isPlain(size[0], target[0]) && isPlain(size[1], target[1])) {
                            check(shape, resize(shape, target[0], target[1],
                                    new Interpolation(false, coordinates, rounding)));
                        }
                    }
                }
            }
        }
    }

    /** Whether the ratio is exact in float32 or has no position near the middle between two; elsewhere the last bit decides. */
    private static boolean isPlain(int in, int out) {
        return Integer.bitCount(in) == 1 && Integer.bitCount(out) == 1
                || out % in == 0 && Integer.bitCount(out / in) == 1
                || in == 7 && out == 19 || in == 13 && out == 10;
    }

    @Test
    void resizedByScalesThatAreNoRatioOfSizes() {
        Shape shape = new Shape(7, 5, 3);
        for (float scale : new float[]{0.4f, 0.5f, 1.3f, 1.7f, 2.5f}) {
            for (boolean linear : new boolean[]{false, true}) {
                for (Interpolation.Coordinates coordinates : Interpolation.Coordinates.values()) {
                    check(shape, new Op.Resize((int) (7 * scale), (int) (5 * scale), scale, scale, new Interpolation(
                            linear, coordinates, Interpolation.Rounding.FLOOR)));
                }
            }
        }
    }

    private static Op.Resize resize(Shape in, int height, int width, Interpolation how) {
        return new Op.Resize(height, width, (float) height / in.height(), (float) width / in.width(), how);
    }

    @Test
    void pyramidOfResizedSumsAndJoins() {
        Interpolation nearest = new Interpolation(false, Interpolation.Coordinates.ASYMMETRIC,
                Interpolation.Rounding.FLOOR);
        Interpolation linear = new Interpolation(true, Interpolation.Coordinates.HALF_PIXEL,
                Interpolation.Rounding.ROUND_PREFER_FLOOR);
        GraphBuilder net = new GraphBuilder("pyramid", "x", new Shape(13, 9, 4));
        net.add("c3", conv(4, 8, 1, Window.same(3, 2, 13, 9), Activation.RELU), "c3", "x");
        net.add("c4", conv(8, 8, 1, Window.same(3, 2, 7, 5), Activation.RELU), "c4", "c3");
        net.add("up", resize(new Shape(4, 3, 8), 7, 5, nearest), "up", "c4");
        net.add("sum", new Op.Add(Activation.NONE), "sum", List.of("c3", "up"));
        net.add("back", resize(new Shape(13, 9, 4), 7, 5, linear), "back", "x");
        net.add("join", new Op.Concat(), "join", List.of("back", "sum", "up"));
        net.add("p", conv(20, 6, 1, Window.POINTWISE, Activation.of(Activation.Kind.SIGMOID)), "p", "join");
        check(net.build(List.of("p", "join")));
    }

    @Test
    void activationsAndAffineBehindRows() {
        for (Activation act : activations()) {
            GraphBuilder net = pair(new Shape(5, 4, 12));
            net.add("c", conv(12, 6, 1, Window.same(3, 2, 5, 4), Activation.NONE), "c", "a");
            for (String map : List.of("a", "b", "c")) {
                net.add("rows", new Op.HeadRows(3), map + "rows", map);
            }
            net.add("each", new Op.Activate(act), "one", "crows");
            net.add("join", new Op.JoinRows(), "j", List.of("crows", "arows", "brows"));
            net.add("affine", new Op.Affine(Values.gaussian(random, 3, 1), Values.gaussian(random, 3, 1)), "k", "j");
            net.add("all", new Op.Activate(act), "y", "k");
            check(net.build(List.of("one", "y")));
        }
    }

    @Test
    void rootsAndReciprocals() {
        for (float exponent : new float[]{0.5f, -1f, -0.5f, 3f}) {
            GraphBuilder net = new GraphBuilder("power", "x", new Shape(5, 4, 19));
            net.add("abs", new Op.Activate(Activation.of(Activation.Kind.ABS)), "a", "x");
            float[] ones = new float[19];
            java.util.Arrays.fill(ones, 1f);
            net.add("add", new Op.Affine(ones, ones), "b", "a");
            net.add("power", new Op.Activate(new Activation(Activation.Kind.POWER, exponent, 0)), "y", "b");
            check(net.build(List.of("y")));
        }
    }

    @Test
    void groupedConvolutionsOfManyWidths() {
        for (int[] g : new int[][]{{16, 32, 2}, {32, 16, 4}, {36, 24, 3}, {64, 64, 32}, {40, 80, 40}, {24, 48, 8}}) {
            for (Window w : List.of(Window.POINTWISE, Window.same(3, 1, 7, 6), Window.same(3, 2, 7, 6))) {
                check(new Shape(7, 6, g[0]), conv(g[0], g[1], g[2], w, Activation.RELU));
            }
        }
    }

    @Test
    void dilatedPools() {
        for (int[] size : new int[][]{{7, 7}, {8, 6}}) {
            check(new Shape(size[0], size[1], 5), new Op.MaxPool(new Window(3, 3, 1, 2, 2, 2, 1, 2, 2, 2)));
            check(new Shape(size[0], size[1], 5), new Op.MaxPool(new Window(2, 3, 2, 1, 0, 1, 1, 0, 3, 2)));
        }
    }

    @Test
    void prelu() {
        for (int[] size : SIZES) {
            check(new Shape(size[0], size[1], 7), new Op.PRelu(Values.gaussian(random, 7, 1)));
        }
    }

    @Test
    void softmaxOverAllChannelsAndOverGroups() {
        for (int[] size : SIZES) {
            for (int width : new int[]{1, 2, 3, 6, 12}) {
                check(new Shape(size[0], size[1], 12), new Op.Softmax(width));
                GraphBuilder net = pair(new Shape(size[0], size[1], 12));
                net.add("rows", new Op.HeadRows(width), "arows", "a");
                net.add("rows", new Op.HeadRows(width), "brows", "b");
                net.add("join", new Op.JoinRows(), "j", List.of("arows", "brows"));
                net.add("softmax", new Op.Softmax(width), "y", "j");
                check(net.build(List.of("y")));
            }
        }
    }

    @Test
    void combinedMapsWithOneSiteOneChannelOrOneValueRepeated() {
        for (int[] size : SIZES) {
            Shape shape = new Shape(size[0], size[1], 10);
            for (Op.Binary.Kind kind : Op.Binary.Kind.values()) {
                for (int second = 0; second < 4; second++) {
                    GraphBuilder net = pair(shape);
                    float[] two = new float[10];
                    java.util.Arrays.fill(two, 2f);
                    net.add("square", new Op.Activate(new Activation(Activation.Kind.POWER, 2, 0)), "s", "b");
                    net.add("away", new Op.Affine(two, two), "t", "s");
                    net.add("mean", new Op.GlobalAverage(), "site", "t");
                    net.add("sum", new Op.Reduce(Op.Reduce.Kind.SUM), "channel", "t");
                    net.add("one", new Op.Reduce(Op.Reduce.Kind.MEAN), "value", "site");
                    String with = List.of("t", "site", "channel", "value").get(second);
                    if (kind == Op.Binary.Kind.DIV_INTO) {
                        net.add("positive", new Op.Affine(two, two), "p", "s");
                        net.add("binary", new Op.Binary(kind), "y", List.of("p", with));
                    } else {
                        net.add("binary", new Op.Binary(kind), "y", List.of("a", with));
                    }
                    check(net.build(List.of("y")));
                }
            }
        }
    }

    @Test
    void channelsReducedAndSelected() {
        for (int[] size : SIZES) {
            Shape shape = new Shape(size[0], size[1], 9);
            for (Op.Reduce.Kind kind : Op.Reduce.Kind.values()) {
                check(shape, new Op.Reduce(kind));
            }
            check(shape, new Op.SelectChannels(new int[]{3, 0, 8, 3}));
            GraphBuilder net = pair(shape);
            net.add("rows", new Op.HeadRows(3), "r", "a");
            net.add("select", new Op.SelectChannels(new int[]{2, 0}), "y", "r");
            check(net.build(List.of("y")));
        }
    }

    @Test
    void squeezeAndExcite() {
        GraphBuilder net = new GraphBuilder("se", "x", new Shape(13, 9, 8));
        net.add("c", conv(8, 24, 1, Window.same(3, 1, 13, 9), Activation.of(Activation.Kind.HARD_SWISH)), "c", "x");
        net.add("mean", new Op.GlobalAverage(), "m", "c");
        net.add("down", conv(24, 6, 1, Window.POINTWISE, Activation.RELU), "d", "m");
        net.add("up", conv(6, 24, 1, Window.POINTWISE, new Activation(Activation.Kind.HARD_SIGMOID, 1 / 6f, 0.5f)), "u",
                "d");
        net.add("scale", new Op.Binary(Op.Binary.Kind.MUL), "s", List.of("c", "u"));
        net.add("p", conv(24, 8, 1, Window.POINTWISE, Activation.NONE), "y", "s");
        check(net.build(List.of("y")));
    }

    @Test
    void paddedCroppedAndSpreadMaps() {
        for (int[] size : SIZES) {
            Shape shape = new Shape(size[0], size[1], 5);
            for (Op.Pad.Fill fill : Op.Pad.Fill.values()) {
                check(shape, new Op.Pad(Math.min(2, size[0] - 1), 0, Math.min(1, size[0] - 1), Math.min(3, size[1] - 1),
                        fill));
            }
            check(shape, new Op.Crop(size[0] / 3, size[1] / 4, 1 + size[0] / 4, 1 + size[1] / 4, 2, 1));
            check(shape, new Op.Spread(2, 3));
            GraphBuilder net = pair(shape);
            net.add("spread", new Op.Spread(2, 2), "s", "a");
            net.add("conv", conv(5, 7, 1, new Window(4, 4, 1, 1, 2, 2, 2, 2, 1, 1), Activation.RELU), "y", "s");
            check(net.build(List.of("y")));
        }
    }

    @Test
    void twoListsOfRowsCombined() {
        GraphBuilder net = pair(new Shape(5, 4, 12));
        net.add("rows", new Op.HeadRows(4), "r", "a");
        net.add("rows", new Op.HeadRows(4), "q", "b");
        net.add("join", new Op.JoinRows(), "j", List.of("r", "q"));
        net.add("join", new Op.JoinRows(), "k", List.of("q", "q"));
        net.add("add", new Op.Add(Activation.RELU), "sum", List.of("j", "k"));
        net.add("mul", new Op.Binary(Op.Binary.Kind.MUL), "y", List.of("sum", "k"));
        check(net.build(List.of("y", "sum")));
    }

    @Test
    void headRowsAndTheirJoin() {
        for (int[] size : SIZES) {
            Shape shape = new Shape(size[0], size[1], 12);
            for (int width : new int[]{1, 4, 12}) {
                check(shape, new Op.HeadRows(width));
                GraphBuilder net = pair(shape);
                net.add("c", conv(12, 2 * width, 1, Window.same(3, 2, size[0], size[1]), Activation.NONE), "c", "a");
                for (String map : List.of("a", "b", "c")) {
                    net.add("rows", new Op.HeadRows(width), map + "rows", map);
                }
                net.add("join", new Op.JoinRows(), "y", List.of("crows", "arows", "brows"));
                check(net.build(List.of("y", "b")));
            }
        }
    }

    @Test
    void rowsOfRows() {
        GraphBuilder net = new GraphBuilder("rows", "x", new Shape(3, 2, 12));
        net.add("c", conv(12, 12, 1, Window.POINTWISE, Activation.NONE), "c", "x");
        net.add("rows", new Op.HeadRows(6), "six", "c");
        net.add("rows", new Op.HeadRows(3), "three", "six");
        check(net.build(List.of("three")));
    }

    /** Starts a net with two different maps of the input's shape that no pass merges into what reads them. */
    private static GraphBuilder pair(Shape shape) {
        GraphBuilder net = new GraphBuilder("pair", "x", shape);
        Window same = Window.same(3, 1, shape.height(), shape.width());
        net.add("max", new Op.MaxPool(same), "a", "x");
        net.add("mean", new Op.AveragePool(same, false), "b", "x");
        return net;
    }

    private Op.Conv conv(int in, int out, int groups, Window w, Activation act) {
        int fanIn = in / groups * w.taps();
        return new Op.Conv(w, groups, out, Values.gaussian(random, out * fanIn, 1 / Math.sqrt(fanIn)),
                Values.gaussian(random, out, 0.5), act);
    }

    private void check(Shape shape, Op op) {
        GraphBuilder net = new GraphBuilder("one", "x", shape);
        net.add("node", op, "y", "x");
        check(net.build(List.of("y")));
    }

    private static String text(Node node) {
        return node.op().toString().replaceAll("\\[F@[0-9a-f]+", "..") + node.inputs();
    }

    private void check(Graph graph) {
        Shape shape = graph.inputShape();
        float[] nchw = Values.gaussian(random, shape.values(), 1);
        String repro = graph.nodes().stream().map(OperatorTest::text).toList() + " on " + shape;
        Map<String, float[]> want;
        try (OnnxPeer peer = OnnxPeer.of(graph)) {
            want = peer.run(nchw, shape);
        }
        for (String tier : Tiers.here()) {
            try (Session session = Session.open(graph, new SessionOptions(1, tier))) {
                Map<String, float[]> got = session.run(nchw);
                for (String output : graph.outputs()) {
                    Values.assertClose(want.get(output), got.get(output), 2e-5, true,
                            "output " + output + " of " + tier + ", " + repro);
                }
            } catch (RuntimeException e) {
                throw new AssertionError(tier + " fails on " + repro + ": " + e, e);
            }
        }
    }
}
