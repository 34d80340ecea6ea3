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
        return all.stream();
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
