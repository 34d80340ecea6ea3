package io.fovea.format;

import static io.fovea.format.ProtoGraph.dims;
import static io.fovea.format.ProtoGraph.integer;
import static io.fovea.format.ProtoGraph.ints;
import static io.fovea.format.ProtoGraph.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a file, one line says where. */
class OnnxErrorsTest {
    @TempDir
    Path folder;

    static Stream<Arguments> files() {
        ProtoGraph elsewhere = conv();
        elsewhere.graph.getInitializerBuilder(0).setDataLocation(TensorProto.DataLocation.EXTERNAL);
        ProtoGraph huge = conv();
        huge.graph.getInitializerBuilder(0).clearDims().addDims(1L << 40).addDims(1L << 40);
        ProtoGraph negative = conv();
        negative.graph.getInitializerBuilder(0).clearDims().addDims(-4).addDims(-27);
        ProtoGraph shortData = conv();
        shortData.graph.getInitializerBuilder(0).setDims(0, 5);
        ProtoGraph odd = conv();
        odd.graph.getInitializerBuilder(0).setDataType(TensorProto.DataType.STRING.getNumber());
        ProtoGraph old = conv();
        old.opset = 9;
        ProtoGraph foreign = conv();
        foreign.graph.getNodeBuilder(0).setDomain("com.microsoft");
        return Stream.of(
                Arguments.of(image().node("Erf", "x -> y"), "node 'y_node' (Erf): operator is not supported"),
                Arguments.of(image().floats("s", dims(), 1f).node("QuantizeLinear", "x s -> y"),
                        "quantised activations are not supported"),
                Arguments.of(image().node("Slice", "x a b c -> y").vector("a", 0).vector("b", 2).vector("c", 0),
                        null),
                Arguments.of(image().floats("k", dims(1, 1, 5, 6), new float[30]).node("Add", "x k -> y"),
                        "constants that vary over positions are not supported"),
                Arguments.of(image().floats("s", dims(4), 1f, 1f, 2f, 2f).node("Resize", "x - s -> y",
                        text("mode", "cubic")), "mode 'cubic' is not supported"),
                Arguments.of(image().floats("s", dims(4), 1f, 1f, 1e9f, 2f).node("Resize", "x - s -> y"),
                        "the output would be"),
                Arguments.of(image().vector("n", 1 << 30).node("ConstantOfShape", "n -> c").node("Add", "x c -> y"),
                        "is out of range"),
                Arguments.of(foreign, "operators of domain 'com.microsoft' are not supported"),
                Arguments.of(elsewhere, "tensor 'w': data in another file is not supported"),
                Arguments.of(huge, "tensor 'w': dims [1099511627776, 1099511627776] are out of range"),
                Arguments.of(negative, "tensor 'w': dims [-4, -27] are out of range"),
                Arguments.of(shortData, "tensor 'w': dims need 135 values, the file holds 108"),
                Arguments.of(odd, "tensor 'w': data type STRING is not supported"),
                Arguments.of(old, "opset 9 is not supported (11 to 21 are)"),
                Arguments.of(image().node("Conv", "x nothing -> y"),
                        "node 'y_node' (Conv): reads 'nothing', which no initialiser holds and no node before it writes"),
                Arguments.of(image().node("Add", "x b -> a").node("Relu", "a -> b").node("Relu", "a -> y"),
                        "node 'a_node' (Add): reads 'b', which no initialiser holds and no node before it writes"),
                Arguments.of(image().node("Relu", "x -> y").node("Relu", "x -> y"),
                        "node 'y_node' (Relu): writes 'y', which exists already"),
                Arguments.of(image().node("Relu", "x -> z"), "output 'y' is written by no node"),
                Arguments.of(image().noise("w", 4, 2, 3, 3).node("Conv", "x w -> y"),
                        "weights of shape [4, 2, 3, 3] in 1 groups need 2 input channels, 'x' has 3"),
                Arguments.of(image().noise("w", 4, 3, 9, 9).node("Conv", "x w -> y"),
                        "window does not fit input 5x6x3"),
                Arguments.of(image().noise("w", 4, 3, 3).node("Conv", "x w -> y"),
                        "only two spatial axes are supported"),
                Arguments.of(image().noise("w", 4, 3, 3, 3).node("Conv", "x w -> y", ints("pads", -1, 0, 0, 0)),
                        "attribute pads holds -1"),
                Arguments.of(image().noise("w", 4, 3, 3, 3).node("Conv", "x w -> y", text("auto_pad", "LATER")),
                        "auto_pad 'LATER' is unknown"),
                Arguments.of(image().noise("w", 4, 3, 3, 3).node("Conv", "x w -> y", text("pads", "1")),
                        "attribute pads is of type STRING, not INTS"),
                Arguments.of(image().noise("w", 4, 3, 3, 3).node("Conv", "x w -> y", ints("strides", 0, 1)),
                        "must be at least 1"),
                Arguments.of(image().noise("k", 6).node("Mul", "x k -> y"),
                        "the constant of shape [6] is neither one value nor one per channel (3)"),
                Arguments.of(image().node("Relu", "x -> r").node("Pow", "x r -> y"), "one side must be a constant"),
                Arguments.of(image().vector("s", 1, -1, 3).node("Reshape", "x s -> y"),
                        "needs Transpose(0, 2, 3, 1) before it"),
                Arguments.of(image().node("Transpose", "x -> t", ints("perm", 0, 2, 3, 1)).vector("s", 1, -1, 7)
                        .node("Reshape", "t s -> y"), "shape [1, 5, 6, 3] cannot become [1, -1, 7]"),
                Arguments.of(image().node("Transpose", "x -> t", ints("perm", 0, 2, 3, 1)).vector("s", 1, -1, 9)
                        .node("Reshape", "t s -> y"), "rows of 9 values do not divide the 3 channels of 'x'"),
                Arguments.of(image().node("Transpose", "x -> y", ints("perm", 3, 2, 1, 0)),
                        "permutation [3, 2, 1, 0] of a feature map is not supported"),
                Arguments.of(image().node("Concat", "x x -> y", integer("axis", 2)), "along axis 2"),
                Arguments.of(image().node("MaxPool", "x -> y i", ints("kernel_shape", 2, 2)).node("Relu", "i -> z"),
                        "its output 1 is read"),
                Arguments.of(new ProtoGraph().input("x", 1, 3, 5, 6).input("z", 1).output("y").node("Relu", "x -> y"),
                        "the graph has 2 inputs [x, z], one image is supported"),
                Arguments.of(new ProtoGraph().input("x", 1, 3, -1, 6).output("y").node("Relu", "x -> y"),
                        "input 'x' has shape [1, 3, 0, 6]"),
                Arguments.of(new ProtoGraph().input("x", 2, 3, 4, 6).output("y").node("Relu", "x -> y"),
                        "batch size 2"),
                Arguments.of(new ProtoGraph().input("x", 1, 65536, 1, 1).floats("k", dims(), 2f).output("y")
                        .node("Mul", "x k -> a").node("Relu", "a -> y"), null));
    }

    private static ProtoGraph image() {
        return new ProtoGraph().input("x", 1, 3, 5, 6).output("y", 1, 3, 5, 6);
    }

    private static ProtoGraph conv() {
        return image().noise("w", 4, 3, 3, 3).node("Conv", "x w -> y");
    }

    @ParameterizedTest
    @MethodSource("files")
    void aWrongFileIsRefusedInOneLine(ProtoGraph proto, String message) throws IOException {
        Path file = proto.write(folder);
        if (message == null) {
            OnnxReader.readGraph(file);
            return;
        }
        String found = assertThrows(ModelFormatException.class, () -> OnnxReader.readGraph(file)).getMessage();
        assertTrue(found.startsWith(file + ": ") && found.contains(message), found);
        assertEquals(1, found.lines().count(), found);
    }

    @Test
    void aSmallFileCannotAskForMuchMemory() throws IOException {
        ProtoGraph proto = new ProtoGraph().input("x", 1, 65536, 1, 1).floats("k", dims(), 2f).output("y");
        String last = "x";
        for (int i = 0; i < 2000; i++) {
            proto.node("Mul", last + " k -> v" + i);
            last = "v" + i;
        }
        Path file = proto.node("Relu", last + " -> y").write(folder);
        String found = assertThrows(ModelFormatException.class, () -> OnnxReader.readGraph(file)).getMessage();
        assertTrue(found.contains("spreads its constants over more values than the file's size allows"), found);
    }

    @Test
    void filesThatAreNoModels() throws IOException {
        Path missing = folder.resolve("missing.onnx");
        assertMessage(missing, "no such file: " + missing);
        assertMessage(Files.createDirectory(folder.resolve("dir")), "is a directory");
        assertMessage(Files.createFile(folder.resolve("empty.onnx")), "the file is empty");
        assertMessage(Files.writeString(folder.resolve("text.onnx"), "not a model at all\n".repeat(20)),
                "not an ONNX file, or a damaged one");
        assertMessage(Files.write(folder.resolve("zeros.onnx"), new byte[4096]), "not an ONNX file");
    }

    private static void assertMessage(Path file, String message) {
        String found = assertThrows(ModelFormatException.class, () -> OnnxReader.read(file)).getMessage();
        assertTrue(found.contains(message), found);
        assertEquals(1, found.lines().count(), found);
    }

    @Test
    void specAndNetMustFit() throws IOException {
        Model tiny = Specs.tiny();
        Path file = folder.resolve("tiny.onnx");
        String found = assertThrows(ModelFormatException.class,
                () -> OnnxWriter.write(new Model(tiny.graph(), Specs.spec(3)), file)).getMessage();
        assertTrue(found.contains("it has 18 anchors, output 'boxes' has 12 rows"), found);

        OnnxWriter.write(tiny.graph(), file);
        assertMessage(file,
                "no detector spec: neither metadata 'fovea.detector' in the file nor tiny.onnx.json or tiny.json");
        Files.writeString(folder.resolve("tiny.json"), SpecJson.write(Specs.spec(3)));
        assertMessage(file, "it has 18 anchors, output 'boxes' has 12 rows");
        Files.writeString(folder.resolve("tiny.onnx.json"), SpecJson.write(Specs.spec(2)));
        assertEquals(tiny.spec(), OnnxReader.read(file).spec());
        Files.writeString(folder.resolve("tiny.onnx.json"), "{");
        assertMessage(file, "tiny.onnx.json: detector spec: no valid JSON");
    }

    /** Damages a valid file everywhere, byte by byte and in bursts: it is read or refused, nothing else. */
    @Test
    void damagedFilesAreReadOrRefused() throws IOException {
        ModelProto proto = OnnxWriter.proto(Specs.tiny().graph(), Specs.tiny()).toBuilder()
                .setMetadataProps(0, StringStringEntryProto.newBuilder().setKey(DetectorSpec.METADATA_KEY)
                        .setValue(SpecJson.write(Specs.spec(2))))
                .build();
        byte[] valid = proto.toByteArray();
        Path file = folder.resolve("damaged.onnx");
        Random random = new Random(5);
        for (int i = 0; i < 6000; i++) {
            byte[] bytes = i % 3 == 2 ? java.util.Arrays.copyOf(valid, random.nextInt(valid.length)) : valid.clone();
            for (int k = 0; k <= i % 4 && bytes.length > 0; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bytes);
            try {
                OnnxReader.read(file);
            } catch (ModelFormatException e) {
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError("damage " + i + " (seed 5): " + e, e);
            }
        }
    }
}
