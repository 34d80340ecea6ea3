package io.fovea.format;

import static io.fovea.format.ProtoGraph.dims;
import static io.fovea.format.ProtoGraph.integer;
import static io.fovea.format.ProtoGraph.ints;
import static io.fovea.format.ProtoGraph.real;
import static io.fovea.format.ProtoGraph.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Graph;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files as other exporters write them: read, written again by us, and run side by side in ONNX Runtime. */
class OnnxPatternsTest {
    @TempDir
    Path folder;

    static Stream<Named<ProtoGraph>> files() {
        List<Named<ProtoGraph>> all = new ArrayList<>();
        all.add(Named.of("batch normalisation, no bias", image(6, 7).noise("w", 4, 3, 3, 3)
                .node("Conv", "x w -> c", ints("pads", 1, 0, 1, 2)).noise("scale", 4).noise("b", 4).noise("mean", 4)
                .floats("var", dims(4), 0.1f, 1f, 2f, 0.5f)
                .node("BatchNormalization", "c scale b mean var -> n", real("epsilon", 1e-3f)).node("Relu", "n -> y")
                .output("y", 1, 4, 6, 7)));
        all.add(Named.of("x * Sigmoid(x) and x * HardSigmoid(x)",
                image(4, 4).node("Sigmoid", "x -> s").node("Mul", "s x -> m")
                        .node("HardSigmoid", "m -> h", real("alpha", 1f / 6)).node("Mul", "m h -> y")
                        .output("y", 1, 3, 4, 4)));
        all.add(Named.of("a sigmoid that is read twice stays",
                image(4, 4).node("Sigmoid", "x -> s").node("Mul", "x s -> m").node("Add", "m s -> y")
                        .output("y", 1, 3, 4, 4)));
        all.add(Named.of("constants on either side", image(3, 5).noise("a", 1, 3, 1, 1).noise("b", 3, 1, 1)
                .floats("k", dims(), 0.7f).floats("d", dims(1), 3f).node("Sub", "x a -> t").node("Sub", "b t -> u")
                .node("Mul", "k u -> v").node("Div", "v d -> y").output("y", 1, 3, 3, 5)));
        for (String pad : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            all.add(Named.of("auto_pad " + pad, image(6, 9).noise("w", 3, 1, 3, 4)
                    .node("Conv", "x w -> c", text("auto_pad", pad), integer("group", 3), ints("strides", 2, 2))
                    .node("MaxPool", "c -> y", ints("kernel_shape", 2, 2), text("auto_pad", pad))
                    .output("y", -1, -1, -1, -1)));
        }
        for (int size = 4; size < 9; size++) {
            all.add(Named.of("ceil_mode at " + size, image(size, size + 1)
                    .node("MaxPool", "x -> m", ints("kernel_shape", 3, 2), ints("strides", 2, 3),
                            ints("pads", 1, 0, 1, 1), integer("ceil_mode", 1))
                    .node("AveragePool", "x -> a", ints("kernel_shape", 3, 2), ints("strides", 2, 3),
                            ints("pads", 1, 0, 1, 1), integer("ceil_mode", 1))
                    .node("Concat", "m a -> y", integer("axis", -3)).output("y", -1, -1, -1, -1)));
        }
        all.add(Named.of("head rows, explicit sizes", image(3, 2).node("Transpose", "x -> t", ints("perm", 0, 2, 3, 1))
                .vector("s", 0, -1, 1).node("Reshape", "t s -> r").vector("z", 1, 18, 1).node("Reshape", "t z -> q")
                .node("Concat", "r q -> y", integer("axis", 1)).output("y", 1, 36, 1)));
        all.add(Named.of("heads flattened, joined, reshaped", image(3, 2).noise("w", 6, 3, 1, 1)
                .node("Conv", "x w -> c").node("Transpose", "x -> t", ints("perm", 0, 2, 3, 1))
                .node("Transpose", "c -> u", ints("perm", 0, 2, 3, 1)).vector("s", 1, -1).node("Reshape", "t s -> r")
                .node("Flatten", "u -> q").node("Concat", "r q -> f", integer("axis", 1)).vector("k", 0, -1, 3)
                .node("Reshape", "f k -> y").output("y", 1, 18, 3)));
        all.add(Named.of("split channels", image(2, 5).noise("w", 8, 3, 1, 1).node("Conv", "x w -> c")
                .vector("five", 1, 2, 4, 2, 5).node("Reshape", "c five -> v")
                .node("Transpose", "v -> t", ints("perm", 0, 3, 4, 1, 2)).vector("s", 1, -1, 4)
                .node("Reshape", "t s -> r")
                .node("Sigmoid", "r -> y").output("y", 1, 20, 4)));
        all.add(Named.of("boxes with a fourth axis", image(2, 3).noise("w", 8, 3, 1, 1).node("Conv", "x w -> c")
                .node("Transpose", "c -> t", ints("perm", 0, 2, 3, 1)).vector("s", 1, -1, 1, 4)
                .node("Reshape", "t s -> r")
                .node("Concat", "r r -> j", integer("axis", 1)).vector("two", 2).node("Squeeze", "j two -> y")
                .output("y", 1, 24, 4)));
        all.add(Named.of("identities and clips", image(2, 2).floats("lo", dims(), -0.2f).floats("hi", dims(), 0.3f)
                .node("Identity", "x -> i").node("Dropout", "i -> d").node("Clip", "d lo -> e")
                .node("Clip", "e - hi -> f")
                .node("LeakyRelu", "f -> g").node("HardSigmoid", "g -> h").node("GlobalAveragePool", "h -> y")
                .output("y", 1, 3, 1, 1)));
        more(all);
        return all.stream();
    }

    private static void more(List<Named<ProtoGraph>> all) {
        all.add(Named.of("resized to the size of another map", image(6, 9).node("MaxPool", "x -> m",
                ints("kernel_shape", 2, 2), ints("strides", 2, 2)).node("Shape", "x -> s").vector("a", 2).vector("b", 4)
                .vector("zero", 0).node("Slice", "s a b zero -> hw").node("Shape", "m -> t").vector("n", 0)
                .vector("c", 1).node("Gather", "t n -> batch").node("Gather", "t c -> channels")
                .node("Concat", "batch channels hw -> sizes", integer("axis", 0))
                .node("Resize", "m - - sizes -> r", text("mode", "linear"),
                        text("coordinate_transformation_mode", "pytorch_half_pixel"))
                .node("Add", "r x -> y").output("y", 1, 3, 6, 9)));
        all.add(Named.of("upsampled by scales", image(3, 4).floats("k", dims(4), 1f, 1f, 2f, 2f)
                .node("Resize", "x - k -> y", text("mode", "nearest"),
                        text("coordinate_transformation_mode", "asymmetric"), text("nearest_mode", "floor"))
                .output("y", 1, 3, 6, 8)));
        all.add(Named.of("slices of channels and positions", image(6, 9).vector("a", 1, 2, 1).vector("b", 3, 6, 1 << 20)
                .vector("axes", 1, 2, 3).vector("steps", 1, 1, 2).node("Slice", "x a b axes steps -> y")
                .output("y", 1, 2, 4, 4)));
        all.add(Named.of("space to depth by slices", image(6, 8).vector("a", 0, 0).vector("c", 1, 0)
                .vector("b", 100, 100).vector("axes", -2, -1).vector("steps", 2, 2)
                .node("Slice", "x a b axes steps -> p")
                .node("Slice", "x c b axes steps -> q").node("Concat", "p q -> y", integer("axis", 1))
                .output("y", 1, 6, 3, 4)));
        all.add(Named.of("split and joined in another order",
                image(4, 4).noise("w", 7, 3, 1, 1).node("Conv", "x w -> c")
                        .vector("sizes", 4, 3).node("Split", "c sizes -> p q", integer("axis", 1))
                        .node("Concat", "q p -> y", integer("axis", 1)).output("y", 1, 7, 4, 4)));
        all.add(Named.of("gathered channels", image(4, 4).vector("i", 2, -3, 2).node("Gather", "x i -> y",
                integer("axis", 1)).output("y", 1, 3, 4, 4)));
        all.add(Named.of("channel shuffle", image(4, 3).noise("w", 6, 3, 1, 1).node("Conv", "x w -> c")
                .vector("five", 1, 2, 3, 4, 3).vector("four", 1, 6, 4, 3).node("Reshape", "c five -> v")
                .node("Transpose", "v -> t", ints("perm", 0, 2, 1, 3, 4)).node("Reshape", "t four -> y")
                .output("y", 1, 6, 4, 3)));
        all.add(Named.of("L2 norm as torch writes it", image(5, 4).node("ReduceL2", "x -> n", ints("axes", 1))
                .floats("lo", dims(), 1e-12f).node("Clip", "n lo -> c").node("Shape", "x -> s")
                .node("Expand", "c s -> e").node("Div", "x e -> d").noise("k", 1, 3, 1, 1).node("Mul", "k d -> y")
                .output("y", 1, 3, 5, 4)));
        all.add(Named.of("L2 norm step by step", image(5, 4).floats("two", dims(), 2f).node("Pow", "x two -> p")
                .vector("one", 1).node("ReduceSum", "p one -> s").node("Sqrt", "s -> r").floats("e", dims(), 1e-10f)
                .node("Add", "r e -> n").node("Div", "x n -> y").output("y", 1, 3, 5, 4)));
        all.add(Named.of("LpNormalization", image(5, 4).node("LpNormalization", "x -> y", integer("axis", 1))
                .output("y", 1, 3, 5, 4)));
        all.add(Named.of("squeeze and excite", image(5, 4).node("GlobalAveragePool", "x -> g").noise("w", 6, 3, 1, 1)
                .node("Conv", "g w -> d").node("Relu", "d -> r").noise("v", 3, 6, 1, 1).node("Conv", "r v -> u")
                .node("HardSigmoid", "u -> s", real("alpha", 1f / 6)).node("Mul", "s x -> y").output("y", 1, 3, 5, 4)));
        all.add(Named.of("squeeze and excite by matrices", image(5, 4).node("ReduceMean", "x -> g", ints("axes", 2, 3),
                integer("keepdims", 0)).noise("w", 6, 3).noise("b", 6).node("Gemm", "g w b -> d", integer("transB", 1))
                .node("Relu", "d -> r").noise("v", 6, 3).node("MatMul", "r v -> u").node("Sigmoid", "u -> s")
                .vector("four", 1, 3, 1, 1).node("Reshape", "s four -> t").node("Mul", "x t -> y")
                .output("y", 1, 3, 5, 4)));
        all.add(Named.of("a map as a vector", image(3, 4).node("Flatten", "x -> f").noise("w", 36, 5)
                .node("MatMul", "f w -> m").vector("k", 1, 1, 5).node("Reshape", "m k -> y").output("y", 1, 1, 5)));
        all.add(Named.of("rows through a matrix", image(3, 2).noise("c", 8, 3, 1, 1).node("Conv", "x c -> m")
                .node("Transpose", "m -> t", ints("perm", 0, 2, 3, 1)).vector("s", 1, -1, 4).node("Reshape", "t s -> r")
                .noise("w", 4, 3).node("MatMul", "r w -> p").noise("b", 3).node("Add", "p b -> y")
                .output("y", 1, 12, 3)));
        all.add(Named.of("heads anchor by anchor", image(3, 2).noise("w", 10, 3, 1, 1).node("Conv", "x w -> c")
                .vector("five", 1, 2, 5, 3, 2).node("Reshape", "c five -> v")
                .node("Transpose", "v -> t", ints("perm", 0, 1, 3, 4, 2)).vector("s", 1, -1, 5)
                .node("Reshape", "t s -> r").node("Sigmoid", "r -> y").output("y", 1, 12, 5)));
        all.add(Named.of("softmax before flattening", image(3, 2).noise("w", 8, 3, 1, 1).node("Conv", "x w -> c")
                .node("Transpose", "c -> t", ints("perm", 0, 2, 3, 1)).vector("f", 1, 3, 2, 2, 4)
                .node("Reshape", "t f -> v").node("Softmax", "v -> m", integer("axis", 4)).vector("s", 1, -1)
                .node("Reshape", "m s -> r").vector("k", 1, -1, 4).node("Reshape", "r k -> y").output("y", 1, 12, 4)));
        all.add(Named.of("sigmoid of flattened scores", image(3, 2)
                .node("Transpose", "x -> t", ints("perm", 0, 2, 3, 1))
                .node("Flatten", "t -> f").node("Concat", "f f -> j", integer("axis", 1)).node("Sigmoid", "j -> g")
                .floats("two", dims(), 2f).node("Mul", "g two -> h").vector("k", 1, -1, 3).node("Reshape", "h k -> y")
                .output("y", 1, 12, 3)));
        for (int output = 0; output < 2; output++) {
            all.add(Named.of("transposed convolution, output_padding " + output, image(4, 3).noise("w", 3, 5, 3, 4)
                    .noise("b", 5).node("ConvTranspose", "x w b -> y", ints("strides", 2, 3), ints("pads", 1, 0, 0, 2),
                            ints("output_padding", output, 2 * output))
                    .output("y", -1, -1, -1, -1)));
        }
        all.add(Named.of("transposed convolution in groups, dilated", image(4, 3).noise("c", 4, 3, 1, 1)
                .node("Conv", "x c -> m").noise("w", 4, 3, 2, 2)
                .node("ConvTranspose", "m w -> y", ints("strides", 2, 2), ints("dilations", 2, 1), integer("group", 2))
                .output("y", -1, -1, -1, -1)));
        for (String mode : List.of("constant", "edge", "reflect")) {
            all.add(Named.of("padded, " + mode, image(4, 3).vector("p", 0, 0, 1, 2, 0, 0, 3, 0)
                    .node("Pad", "x p -> y", text("mode", mode)).output("y", -1, -1, -1, -1)));
        }
        all.add(Named.of("padded by negative sizes", image(4, 6).vector("p", 0, 0, -1, 0, 0, 0, 0, -2)
                .node("Pad", "x p -> y").output("y", -1, -1, -1, -1)));
        all.add(Named.of("numbers on either side", image(4, 3).node("Abs", "x -> a").floats("k", dims(), 1.5f)
                .node("Add", "a k -> b").node("Div", "k b -> d").node("Neg", "d -> n").floats("m", dims(), -0.8f)
                .node("Max", "n m -> e").node("Min", "e d -> f").node("Reciprocal", "b -> r").node("Exp", "f -> g")
                .node("Sum", "f r g -> s").node("Softplus", "s -> p").node("Sub", "p x -> q").node("Mul", "q p -> y")
                .output("y", 1, 3, 4, 3)));
        all.add(Named.of("mish step by step", image(4, 3).node("Softplus", "x -> p").node("Tanh", "p -> t")
                .node("Mul", "x t -> y").output("y", 1, 3, 4, 3)));
        all.add(Named.of("slopes per channel", image(4, 3).noise("s", 3, 1, 1).node("PRelu", "x s -> p")
                .floats("one", dims(1), 0.3f).node("PRelu", "p one -> e").node("Elu", "e -> y", real("alpha", 0.7f))
                .output("y", 1, 3, 4, 3)));
        all.add(Named.of("weights as bytes", image(4, 3).bytes("w", dims(5, 3, 2, 2)).floats("s", dims(5), 0.01f, 0.02f,
                0.03f, 0.005f, 0.01f).node("DequantizeLinear", "w s -> d", integer("axis", 0))
                .node("Conv", "x d -> y").output("y", -1, -1, -1, -1)));
        all.add(Named.of("maxima over whole maps", image(4, 3).node("GlobalMaxPool", "x -> m")
                .node("ReduceMax", "x -> n", ints("axes", 2, 3)).node("Add", "m n -> y").output("y", 1, 3, 1, 1)));
    }

    private static ProtoGraph image(long height, long width) {
        return new ProtoGraph().input("x", 1, 3, height, width);
    }

    @ParameterizedTest
    @MethodSource("files")
    void whatIsReadMeansTheSame(ProtoGraph proto) throws IOException {
        Path theirs = proto.write(folder);
        Graph graph = OnnxReader.readGraph(theirs);
        Path ours = folder.resolve("ours.onnx");
        OnnxWriter.write(Passes.optimise(graph), ours);
        Shape in = graph.inputShape();
        float[] x = OnnxRuntime.noise(7, in.values());
        Map<String, float[]> expected = OnnxRuntime.run(theirs, x, 1, in.channels(), in.height(), in.width());
        Map<String, float[]> actual = OnnxRuntime.run(ours, x, 1, in.channels(), in.height(), in.width());
        double worst = OnnxRuntime.difference(actual.get("y"), expected.get("y"));
        assertTrue(worst < 1e-5, "difference " + worst);
    }

    @Test
    void everythingThatCanBecomesOneConvolution() throws IOException {
        Path file = image(6, 6).noise("m", 3, 1, 1).noise("w", 5, 3, 3, 3).noise("b", 5).noise("s", 5, 1, 1)
                .noise("a", 1, 5, 1, 1).noise("p", 5, 5, 1, 1).node("Mul", "x m -> n")
                .node("Conv", "n w b -> c", ints("pads", 1, 1, 1, 1)).node("Mul", "c s -> d").node("Add", "d a -> e")
                .node("Relu", "e -> f").node("Conv", "f p -> g").node("Add", "f g -> h").node("Add", "h a -> i")
                .node("Relu", "i -> y").output("y", 1, 5, 6, 6).write(folder);
        Graph graph = Passes.optimise(OnnxReader.readGraph(file));
        assertEquals(Map.of("Conv", 2L), graph.nodes().stream().map(n -> n.op().getClass().getSimpleName())
                .collect(java.util.stream.Collectors.groupingBy(n -> n, TreeMap::new,
                        java.util.stream.Collectors.counting())));
        assertEquals(2, graph.nodes().get(1).inputs().size());
        assertTrue(((Op.Conv) graph.nodes().get(1).op()).activation().low() == 0f);
    }
}
