package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.GateSpec.Trunk;
import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.plan.Windows;
import io.fovea.testing.MadeGate;
import io.fovea.testing.SmallDetector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateFileTest {
    private static final Model MODEL = SmallDetector.of(3);
    @TempDir
    Path folder;

    private static GateModel gate() {
        List<String> reads = Windows.read(Passes.optimise(MODEL.graph())).stream().limit(2).toList();
        return MadeGate.onDetector(MODEL, 19, 21, reads, 4);
    }

    private static void assertSame(GateModel want, GateModel got) {
        assertEquals(GateJson.write(want.spec()), GateJson.write(got.spec()));
        assertEquals(want.heads().size(), got.heads().size());
        for (int h = 0; h < want.heads().size(); h++) {
            Graph a = want.heads().get(h);
            Graph b = got.heads().get(h);
            assertEquals(a.input() + a.inputShape() + a.outputs(), b.input() + b.inputShape() + b.outputs());
            assertEquals(a.nodes().stream().map(n -> n.name() + n.inputs()).toList(),
                    b.nodes().stream().map(n -> n.name() + n.inputs()).toList());
            for (int n = 0; n < a.nodes().size(); n++) {
                assertArrayEquals(((Op.Conv) a.nodes().get(n).op()).weights(),
                        ((Op.Conv) b.nodes().get(n).op()).weights());
            }
        }
    }

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        Path file = folder.resolve("g.onnx");
        GateFile.write(file, gate());
        assertSame(gate(), GateFile.read(file));
        byte[] once = Files.readAllBytes(file);
        GateFile.write(file, GateFile.read(file));
        assertArrayEquals(once, Files.readAllBytes(file));
        assertSame(gate(), GateFile.read(once));
        GateModel own = MadeGate.onPicture(MODEL, 12, 13, 1);
        GateFile.write(file, own.heads().getFirst(), own.spec());
        assertSame(own, GateFile.read(file));
    }

    @Test
    void aModelCarriesItsGate() throws Exception {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(MODEL.with(gate()), file);
        assertSame(gate(), OnnxReader.read(file).gate());
        OnnxWriter.annotate(file, OnnxReader.read(file), file);
        assertSame(gate(), OnnxReader.read(file).gate());
        OnnxWriter.annotate(file, MODEL, file);
        assertNull(OnnxReader.read(file).gate());
        GateFile.write(folder.resolve("m.gate.onnx"), gate());
        assertSame(gate(), OnnxReader.read(file).gate());
        GateModel own = MadeGate.onPicture(MODEL, 12, 13, 1);
        OnnxWriter.write(MODEL.with(own), file);
        assertSame(own, OnnxReader.read(file).gate());
    }

    @Test
    void anotherDetectorsGateIsRefused() throws Exception {
        Path file = folder.resolve("m.onnx");
        GateModel gate = gate();
        GateSpec s = gate.spec();
        GateSpec other = new GateSpec("ssd", s.trunk(), s.inputHeight(), s.inputWidth(), s.reads(), 0, 8, 0, 0,
                Map.of(), Map.of());
        refused("the gate was made for detector 'ssd', this is 'small'",
                () -> OnnxWriter.write(MODEL.with(gate.with(other)), file));
        GateSpec wide = s
                .withPeripheral(Map.of(s.reads().getFirst(), new GateSpec.Stretch(new float[1], new float[1])));
        refused("gate does not fit the net: peripheral '" + s.reads().getFirst() + "' has 1 channels",
                () -> OnnxWriter.write(MODEL.with(gate.with(wide)), file));
        OnnxWriter.write(MODEL, file);
        refused("m.onnx: is no gate: metadata 'fovea.gate' is missing", () -> GateFile.read(file));
        refused("no such file", () -> GateFile.read(folder.resolve("x.onnx")));
        Files.write(folder.resolve("m.gate.onnx"), new byte[]{1, 2, 3});
        refused("m.gate.onnx", () -> OnnxReader.read(file));
    }

    @Test
    void aSpecThatIsWrongIsNamed() {
        String good = GateJson.write(gate().spec());
        GateJson.read(good);
        record Wrong(String message, UnaryOperator<String> edit) {}
        List<Wrong> all = List.of(
                new Wrong("gate spec: no valid JSON", t -> t.substring(1)),
                new Wrong("gate spec.version: 2 is not known", t -> t.replace("\"version\":1", "\"version\":2")),
                new Wrong("gate spec.trunk: 'x' is none of",
                        t -> t.replace("\"detector\",\"inputHeight", "\"x\",\"inputHeight")),
                new Wrong("inputHeight: is missing", t -> t.replace("\"inputHeight\":19,", "")),
                new Wrong("input: size 21x0", t -> t.replace("\"inputHeight\":19", "\"inputHeight\":0")),
                new Wrong("threshold: is missing", t -> t.replace("\"threshold\":0.0,", "")),
                new Wrong("cell: 0 is not within", t -> t.replace("\"cell\":4", "\"cell\":0")),
                new Wrong("margin: -1 is not within", t -> t.replace("\"margin\":0", "\"margin\":-1")),
                new Wrong("coarseShare: 1.0 is not within",
                        t -> t.replace("\"coarseShare\":0.25", "\"coarseShare\":1.0")),
                new Wrong(".a: is not base64", t -> t.replaceFirst("\"a\":\"", "\"a\":\"!")),
                new Wrong("reads: at least one", t -> t.replaceFirst("\"reads\":\\[[^]]*]", "\"reads\":[]")));
        for (Wrong w : all) {
            String bad = w.edit().apply(good);
            assertTrue(!bad.equals(good), w.message());
            refused(w.message(), () -> GateJson.read(bad));
        }
    }

    @Test
    void inputsThatMeetAreOneGraph() throws Exception {
        GraphBuilder b = new GraphBuilder("meet", "a", new Shape(4, 6, 2));
        b.addInput("b", new Shape(4, 6, 2));
        b.addInput("c", new Shape(2, 2, 1));
        b.add("sum", new Op.Add(Activation.RELU), "s", List.of("a", "b"));
        b.add("logit", new Op.Conv(Window.POINTWISE, 1, 1, new float[]{1, 2}, new float[1], Activation.NONE), "l", "s");
        b.add("other", new Op.Activate(Activation.RELU), "m", "c");
        GateSpec spec = new GateSpec("small", Trunk.DETECTOR, 19, 21, List.of("a", "b", "c"), 0, 8, 0, 0, Map.of(),
                Map.of());
        Path file = folder.resolve("meet.onnx");
        GateFile.write(file, b.build(List.of("l", "m")), spec);
        List<Graph> heads = GateFile.read(file).heads();
        assertEquals(List.of(List.of("a", "b"), List.of("c")), heads.stream().map(Graph::inputs).toList());
        assertEquals(List.of(List.of("l"), List.of("m")), heads.stream().map(Graph::outputs).toList());
        assertEquals(1, heads.get(1).shape("m").channels());
    }

    @Test
    void namesThatClashAreRefused() throws Exception {
        GateModel gate = gate();
        refused("two graphs of the gate use the name", () -> GateFile.write(folder.resolve("g.onnx"),
                new GateModel(List.of(rename(gate.heads().get(0), "x"), rename(gate.heads().get(1), "x")),
                        gate.spec())));
        refused("its spec says 19x21x3", () -> new GateModel(
                List.of(new GraphBuilder("own", "picture", new Shape(5, 5, 3)).build(List.of("picture"))),
                new GateSpec("small", Trunk.OWN, 19, 21, List.of(), 0, 8, 0, 0, Map.of(), Map.of())));
    }

    private static Graph rename(Graph head, String name) {
        GraphBuilder b = new GraphBuilder(head.name(), head.input(), head.inputShape());
        Op.Conv first = (Op.Conv) head.nodes().getFirst().op();
        Op.Conv second = (Op.Conv) head.nodes().getLast().op();
        b.add(name, first, name + 1, head.input());
        b.add(name + "out", second, name + 2, name + 1);
        return b.build(List.of(name + 2));
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void refused(String part, Action what) {
        String message = assertThrows(ModelFormatException.class, what::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
