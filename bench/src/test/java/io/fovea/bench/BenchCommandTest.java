package io.fovea.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    @TempDir
    Path folder;

    private final CommandRun commands = new CommandRun();
    private final StringWriter out = commands.out;
    private final StringWriter err = commands.err;

    private int run(Object... args) {
        return commands.run(args);
    }

    private Path model() throws Exception {
        Random random = new Random(7);
        List<Node> nodes = List.of(conv("b", 4, random), new Node("boxes", new Op.HeadRows(4), List.of("b"), "boxes"),
                conv("s", 2, random), new Node("scores", new Op.HeadRows(2), List.of("s"), "scores"));
        Graph graph = new Graph("small", "image", new Shape(12, 10, 3), nodes, List.of("boxes", "scores"));
        DetectorSpec spec = new DetectorSpec("small", null,
                new DetectorSpec.InputSpec("image", 10, 12, ColorOrder.RGB, List.of(127f, 127f, 127f),
                        List.of(.01f, .01f, .01f), Resize.BILINEAR),
                "boxes", "scores", List.of("background", "thing"), 0, DetectorSpec.ScoreActivation.SIGMOID,
                new DetectorSpec.BoxCoding(DetectorSpec.BoxOrder.XYWH, .1f, .1f, .2f, .2f),
                List.of(new DetectorSpec.FeatureMap(12, 10, 1, 1, .5f, List.of(new DetectorSpec.Anchor(4, 4)))),
                new DetectorSpec.NmsSpec(.3f, .6f, 100, 100));
        Path file = folder.resolve("small.onnx");
        OnnxWriter.write(new Model(graph, spec), file);
        return file;
    }

    private static Node conv(String name, int channels, Random random) {
        float[] weights = new float[channels * 3 * 9];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        return new Node(name + " conv",
                new Op.Conv(Window.square(3, 1, 1), 1, channels, weights, new float[channels], Activation.NONE),
                List.of("image"), name);
    }

    @Test
    void rowsForEveryEngineAndThreadCount() throws Exception {
        int code = run("bench", "--model", model(), "--peer", "onnxruntime", "--threads", "1,2", "--kernels",
                "scalar,vector",
                "--rounds", 1, "--json", "-");
        assertEquals(0, code, err::toString);
        List<String> lines = out.toString().lines().toList();
        assertEquals(6, lines.size(), out::toString);
        for (int i = 0; i < 6; i++) {
            JsonNode row = new ObjectMapper().readTree(lines.get(i));
            assertEquals("small", row.get("model").asText());
            assertEquals(i % 3 == 0 ? "onnxruntime" : "fovea", row.get("engine").asText());
            assertEquals(List.of("cpu", "scalar", "vector").get(i % 3), row.get("tier").asText());
            assertEquals(1 + i / 3, row.get("threads").asInt());
            assertEquals(1, row.get("active").asDouble());
            assertEquals(1, row.get("executedShare").asDouble());
            assertTrue(row.get("minMillis").asDouble() <= row.get("medianMillis").asDouble(), lines.get(i));
            assertTrue(row.get("medianMillis").asDouble() <= row.get("p90Millis").asDouble(), lines.get(i));
            assertTrue(row.get("ratio").isNumber(), lines.get(i));
        }
        List<String> table = err.toString().lines().filter(line -> line.startsWith("  fovea")).toList();
        assertEquals(4, table.size(), err::toString);
        for (String line : table) {
            double difference = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            assertTrue(difference <= 1e-4, "raw outputs differ: " + line);
        }
    }

    @Test
    void maskedRowsAndTheirCurve() throws Exception {
        Path png = folder.resolve("curve.png");
        int code = run("bench", "--model", model(), "--kernels", "scalar", "--rounds", 1, "--active", "1,0.25",
                "--plot", png,
                "--json", "-");
        assertEquals(0, code, err::toString);
        List<String> lines = out.toString().lines().toList();
        assertEquals(5, lines.size(), out::toString);
        for (int i = 1; i < 5; i++) {
            JsonNode row = new ObjectMapper().readTree(lines.get(i));
            assertEquals(i < 3 ? "square" : "blobs", row.get("mask").asText());
            boolean full = i % 2 == 1;
            assertEquals(full ? 1 : 0.25, row.get("active").asDouble(), lines.get(i));
            // Pixels of the quarter's cells that lie inside the input, 12x10 with cells of 8.
            double executed = row.get("executedShare").asDouble();
            assertTrue(full ? executed == 1 : executed > 0 && executed <= 64 / 120.0 + 1e-4, lines.get(i));
        }
        assertTrue(javax.imageio.ImageIO.read(png.toFile()).getWidth() > 100);
        assertEquals(2, run("bench", "--active", "2"));
        assertEquals(2, run("bench", "--plot", png));
    }

    @Test
    void memoryOfEachEngineInAProcessOfItsOwn() throws Exception {
        assumeTrue(MemoryProbe.isPossible(), "skipped: no /proc/self/status here");
        assertEquals(0,
                run("bench", "--model", model(), "--kernels", "scalar", "--peer", "onnxruntime", "--rounds", 1,
                        "--memory"),
                err::toString);
        List<String> lines = out.toString().lines().dropWhile(line -> !line.contains("peak resident memory")).toList();
        assertEquals(4, lines.size(), out::toString);
        double[] mebibytes = lines.stream().skip(1)
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).toArray();
        assertTrue(mebibytes[0] > 1 && mebibytes[1] > mebibytes[0] && mebibytes[2] > mebibytes[0], out.toString());
    }

    @Test
    void withoutAPeerThereIsNoRatio() throws Exception {
        Path json = folder.resolve("rows.jsonl");
        assertEquals(0, run("bench", "--model", model(), "--rounds", 1, "--kernels", "scalar", "--json", json),
                err::toString);
        JsonNode row = new ObjectMapper().readTree(json.toFile());
        assertTrue(row.get("ratio").isNull(), row::toString);
        assertTrue(out.toString().contains("JDK "), out.toString());
    }

    @Test
    void wrongUsage() {
        assertEquals(2, run("bench", "--peer", "tensorrt"));
        assertEquals(2, run("bench", "--threads", "0"));
        assertEquals(2, run("bench", "--rounds", "0"));
        assertEquals(0, run("bench", "-h"));
    }
}
