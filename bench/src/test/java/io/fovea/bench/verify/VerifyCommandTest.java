package io.fovea.bench.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.bench.CommandRun;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.format.OnnxWriter;
import io.fovea.format.SpecJson;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path folder;

    private final CommandRun commands = new CommandRun();
    private final StringWriter out = commands.out;
    private final StringWriter err = commands.err;

    private int run(Object... args) {
        return commands.run(args);
    }

    /** A net of three convolutions; the second's weights are multiplied by a factor. */
    private static Model model(float factor) {
        Random random = new Random(7);
        List<Node> nodes = List.of(conv("stem", "image", 3, 5, 1, random), conv("body", "stem", 5, 6, factor, random),
                conv("b", "body", 6, 4, 1, random), new Node("boxes", new Op.HeadRows(4), List.of("b"), "boxes"),
                conv("s", "body", 6, 2, 1, random), new Node("scores", new Op.HeadRows(2), List.of("s"), "scores"));
        Graph graph = new Graph("small", "image", new Shape(12, 10, 3), nodes, List.of("boxes", "scores"));
        DetectorSpec spec = new DetectorSpec("small", null,
                new DetectorSpec.InputSpec("image", 10, 12, ColorOrder.RGB, List.of(127f, 127f, 127f),
                        List.of(.01f, .01f, .01f), Resize.BILINEAR),
                "boxes", "scores", List.of("background", "thing"), 0, DetectorSpec.ScoreActivation.SIGMOID,
                new DetectorSpec.BoxCoding(DetectorSpec.BoxOrder.XYWH, .1f, .1f, .2f, .2f),
                List.of(new DetectorSpec.FeatureMap(12, 10, 1, 1, .5f, List.of(new DetectorSpec.Anchor(4, 4)))),
                new DetectorSpec.NmsSpec(.3f, .6f, 100, 100));
        return new Model(graph, spec);
    }

    private static Node conv(String name, String in, int inChannels, int channels, float factor, Random random) {
        float[] weights = new float[channels * inChannels * 9];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = factor * (float) random.nextGaussian();
        }
        return new Node(name + " conv",
                new Op.Conv(Window.square(3, 1, 1), 1, channels, weights, new float[channels], Activation.NONE),
                List.of(in), name);
    }

    private List<JsonNode> rows() throws Exception {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : out.toString().lines().toList()) {
            rows.add(MAPPER.readTree(line));
        }
        return rows;
    }

    @Test
    void allTiersAgreeWithTheOtherEngine() throws Exception {
        Path file = folder.resolve("small.onnx");
        OnnxWriter.write(model(1), file);
        assertEquals(0, run("verify", file, "--kernels", "scalar,vector", "--json", "-"), err::toString);
        List<JsonNode> rows = rows();
        assertEquals(4, rows.size(), out::toString);
        for (JsonNode row : rows) {
            List<String> keys = new ArrayList<>();
            row.fieldNames().forEachRemaining(keys::add);
            assertEquals(List.of("model", "tier", "against", "input", "output", "maxAbs", "maxRel", "ok"), keys);
            assertEquals("onnxruntime", row.path("against").asText());
            assertTrue(row.path("maxRel").asDouble() < 1e-5, row::toString);
        }
        assertTrue(err.toString().contains("All 4 comparisons agree."), err::toString);
    }

    @Test
    void goldenOutputsBesideTheSpecAreCompared() throws Exception {
        Path file = folder.resolve("small.onnx");
        Model model = model(1);
        OnnxWriter.write(model, file);
        Path json = golden(model, file, 0);
        assertEquals(0, run("verify", file, "--kernels", "vector", "--spec", json), () -> out + " " + err);
        assertTrue(out.toString().contains("golden"), out::toString);

        assertEquals(1, run("verify", file, "--kernels", "vector", "--golden", golden(model, file, 1000)),
                () -> out + " " + err);
        assertTrue(out.toString().contains("DIFFERS"), out::toString);
        assertTrue(out.toString().contains("no layer differs by itself"), out::toString);
    }

    /** Writes golden files out of ONNX Runtime's outputs, with an error added to one of the boxes. */
    private Path golden(Model model, Path file, float error) throws Exception {
        Shape shape = model.graph().inputShape();
        float[] input = new float[shape.values()];
        double sum = 0;
        for (int i = 0; i < input.length; i++) {
            int x = i % 10;
            int y = i / 10 % 12;
            int c = i / 120;
            input[i] = (mix((c * 4096 + y / 16) * 4096 + x / 16) & 127) + (mix(i) & 127);
            sum += input[i];
        }
        Map<String, float[]> outputs;
        try (PeerNet peer = PeerNet.open(file, 1)) {
            outputs = peer.run(input, shape);
        }
        var tree = (com.fasterxml.jackson.databind.node.ObjectNode) MAPPER.readTree(SpecJson.write(model.spec()));
        var golden = tree.putObject("golden");
        golden.put("sum", sum).putArray("firstValues").add(input[0]).add(input[1]);
        var list = golden.putArray("outputs");
        outputs.get("boxes")[3] += error;
        for (String name : List.of("boxes", "scores")) {
            float[] values = outputs.get(name);
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            Files.write(folder.resolve(name + error + ".bin"), bytes.array());
            list.addObject().put("output", name).put("file", name + error + ".bin").put("count", values.length);
        }
        Path json = folder.resolve("golden" + error + ".json");
        Files.writeString(json, MAPPER.writeValueAsString(tree));
        return json;
    }

    private static int mix(int k) {
        int h = k * 0x9E3779B1;
        h ^= h >>> 15;
        h *= 0x85EBCA77;
        return h ^ h >>> 13;
    }

    @Test
    void theFirstLayerThatDiffersIsNamed() throws Exception {
        Path file = folder.resolve("other.onnx");
        OnnxWriter.write(model(1), file);
        List<Comparison> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Model changed = model(1.01f);
        try (Verification verification = new Verification(file, changed, 1, 1e-3, true)) {
            verification.check("vector", List.of(Input.noise(changed.spec().input(), changed.graph().inputShape())),
                    rows, notes);
        }
        assertFalse(rows.stream().anyMatch(Comparison::ok), rows::toString);
        assertEquals(1, notes.size(), notes::toString);
        assertTrue(notes.getFirst().contains("'body"), notes::toString);
    }

    @Test
    void withoutOnnxRuntimeTiersAreComparedWithTheFirst() throws Exception {
        Path file = folder.resolve("small.onnx");
        OnnxWriter.write(model(1), file);
        Model model = model(1);
        List<Comparison> rows = new ArrayList<>();
        List<Input> inputs = List.of(Input.noise(model.spec().input(), model.graph().inputShape()));
        try (Verification verification = new Verification(file, model, 1, 1e-3, false)) {
            verification.check("scalar", inputs, rows, new ArrayList<>());
            verification.check("vector", inputs, rows, new ArrayList<>());
        }
        assertEquals(2, rows.size(), rows::toString);
        assertTrue(rows.stream().allMatch(row -> row.against().equals("scalar") && row.ok()), rows::toString);
    }

    @Test
    void whatIsWrongIsNamed() throws Exception {
        Path file = folder.resolve("small.onnx");
        OnnxWriter.write(model(1), file);
        assertEquals(2, run("verify", file, "--kernels", "gpu"), out::toString);
        assertTrue(err.toString().contains("no tier 'gpu'"), err::toString);
        assertEquals(1, run("verify", file, "--golden", folder.resolve("none.json")), out::toString);
        assertTrue(err.toString().contains("none.json"), err::toString);
    }

    @Test
    void nanIsADifference() {
        assertFalse(Comparison.of("m", "t", "a", "i", "o", new float[]{Float.NaN}, new float[]{1}, .5).ok());
        assertTrue(Comparison.of("m", "t", "a", "i", "o", new float[]{Float.NaN}, new float[]{Float.NaN}, .5).ok());
        assertFalse(Comparison.of("m", "t", "a", "i", "o", new float[]{1, 2}, new float[]{1}, .5).ok());
    }

    @Test
    void thirdPartyGoldens() throws Exception {
        String given = System.getProperty("fovea.shared", System.getenv("FOVEA_SHARED"));
        Path at = Path.of("").toAbsolutePath();
        while (at.getParent() != null && !Files.exists(at.resolve(".git"))) {
            at = at.getParent();
        }
        Path shared = given != null ? Path.of(given) : at.resolveSibling("shared");
        Path file = shared.resolve("models/face-detection-retail-0004.onnx");
        Assumptions.assumeTrue(Files.exists(file), "skipped: no " + file);
        assertEquals(0, run("verify", file, "--kernels", "vector"), () -> out + " " + err);
        assertTrue(out.toString().contains("golden"), out::toString);
    }
}
