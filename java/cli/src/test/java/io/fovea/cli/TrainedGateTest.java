package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.format.GateFile;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateSpec.Trunk;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trained gates from the command line: one that lets red cells through, its logit being 20 * red - 10. */
class TrainedGateTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private Path model;
    private Path photo;
    private Path gate;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyModel.write(folder);
        Files.createDirectories(folder.resolve("photos"));
        photo = paint(folder.resolve("photos/a.png"), Color.RED, Color.BLUE);
        paint(folder.resolve("photos/b.png"), Color.RED, Color.RED);
        paint(folder.resolve("photos/c.png"), Color.BLUE, Color.BLACK);
        gate = folder.resolve("red.onnx");
        GateFile.write(gate, redGate("tiny"));
    }

    private static GateModel redGate(String detector) {
        GraphBuilder b = new GraphBuilder("red", "s", new Shape(2, 2, 3));
        b.add("pick", new Op.Conv(Window.POINTWISE, 1, 1, new float[]{0, 1, 0}, new float[1], Activation.NONE), "logit",
                "s");
        return new GateModel(List.of(b.build(List.of("logit"))),
                new GateSpec(detector, Trunk.DETECTOR, 16, 16, List.of("s"), 0, 8, 0, 0.25f, Map.of(), Map.of()));
    }

    private static Path paint(Path file, Color upperLeft, Color lowerRight) throws IOException {
        BufferedImage image = new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(upperLeft);
        graphics.fillRect(0, 0, 32, 16);
        graphics.setColor(lowerRight);
        graphics.fillRect(32, 16, 32, 16);
        graphics.dispose();
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private CommandRun run(Object... args) {
        List<Object> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--model", model, "--threads", 1, "--kernels", "scalar"));
        return CommandRun.of(all.toArray());
    }

    private String detected(Object... args) throws IOException {
        List<Object> all = new ArrayList<>(List.of("detect", photo, "--json", "-"));
        all.addAll(List.of(args));
        CommandRun run = run(all.toArray());
        assertEquals(0, run.code(), run::err);
        JsonNode result = JSON.readTree(run.out());
        List<String> found = new ArrayList<>();
        result.get("detections").forEach(d -> found.add(d.get("label").asText()));
        found.sort(null);
        return String.join(" ", found) + " " + result.get("work").get("activeShare").asText();
    }

    @Test
    void aGateFileIsAsked() throws IOException {
        assertEquals("blue red 1.0", detected());
        assertEquals("red 0.25", detected("--gate", gate));
        assertEquals("blue red 1.0", detected("--gate", "none"));
        assertEquals("blue red 1.0", detected("--gate", gate, "--gate-threshold", "-11"));
        assertEquals(" 0.0", detected("--gate", gate, "--gate-threshold", "11"));
        assertEquals("blue red 1.0", detected("--gate", gate, "--margin", 8));
        assertEquals("blue 0.25", detected("--gate", gate, "--region", "40,20,4,4"), "a region goes before a gate");
    }

    @Test
    void autoTakesTheGateInsideTheModelOrBesideIt() throws IOException {
        Path beside = folder.resolve("tiny.gate.onnx");
        Files.copy(gate, beside);
        assertEquals("red 0.25", detected());
        assertEquals("blue red 1.0", detected("--gate", "none"));
        OnnxWriter.write(OnnxReader.read(model), model);
        Files.delete(beside);
        assertEquals("red 0.25", detected("--gate", "auto"), "what was read is written inside");
        CommandRun export = run("profile", photo, "--rounds", 1);
        assertEquals(0, export.code(), export::err);
        CommandRun explain = run("explain", photo, "--rounds", 1, "--out", folder.resolve("page.html"));
        assertEquals(0, explain.code(), explain::err);
        assertTrue(Files.readString(folder.resolve("page.html")).contains("background grey, margin 0 px"));
    }

    @Test
    void settingsAreComparedWithTheDenseRun() throws IOException {
        Path csv = folder.resolve("sweep.csv");
        Path plot = folder.resolve("sweep.png");
        CommandRun run = run("eval", "--reference", "dense", "--images", folder.resolve("photos"), "--gate", gate,
                "--gate-threshold", "-11,0,11", "--margin", "0", "--time", 2, "--csv", csv, "--plot", plot,
                "--non-zero");
        assertEquals(0, run.code(), run::err);
        List<String> lines = Files.readAllLines(csv);
        assertEquals(5, lines.size(), run::out);
        // Dense finds red and blue, red and red, blue.
        String[] all = lines.get(2).split(",(?=[^ ])");
        assertEquals("\"threshold -11.0, margin 0\"", all[0]);
        assertEquals("1,1,1", String.join(",", all[3], all[4], all[5]));
        String[] red = lines.get(3).split(",(?=[^ ])");
        assertEquals("0.750000,0.600000,1", String.join(",", red[3], red[4], red[5]));
        assertEquals("0.250000", red[6], "one cell in four of the first, two of the second, none of the third");
        String[] none = lines.get(4).split(",(?=[^ ])");
        assertEquals("0,0,1", String.join(",", none[3], none[4], none[5]));
        assertTrue(run.out().contains("5 sure detections of the dense run"), run::out);
        assertTrue(ImageIO.read(plot.toFile()).getWidth() > 1000, "two charts");
        CommandRun last = run("eval", "--reference", "dense", "--images", folder.resolve("photos"), "--gate", gate,
                "--last", 1, "--csv", csv);
        assertEquals(0, last.code(), last::err);
        assertTrue(last.out().contains("1 photo, 1 sure detection"), last::out);
    }

    @Test
    void knownObjectsAreJudgedToo() throws IOException {
        Path data = folder.resolve("instances.json");
        Files.writeString(data,
                """
                        {"images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 32}],
                         "categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "blue"}],
                         "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 32, 16], "area": 512},
                                         {"id": 2, "image_id": 1, "category_id": 2, "bbox": [32, 16, 32, 16], "area": 512}]}""");
        CommandRun run = run("eval", "--data", data, "--images", folder.resolve("photos"), "--gate", gate,
                "--gate-threshold", "-11,0");
        assertEquals(0, run.code(), run::err);
        assertTrue(run.out().contains("Cheapest at AP >= dense - 0.003: threshold -11.0, margin 0, AP 1.0000"),
                run::out);
        assertTrue(run.out().matches("(?s).*threshold 0\\.0, margin 0 +0\\.5000 .*"), run::out);
        Path copy = Files.copy(model, folder.resolve("copy.onnx"));
        CommandRun two = run("eval", "--data", data, "--images", folder.resolve("photos"), "--gate", gate,
                "--gate-threshold", "-11", "--versus", copy, "--csv", folder.resolve("two.csv"));
        assertEquals(0, two.code(), two::err);
        assertTrue(two.out().matches("(?s)way +boxes +M MACs +AP .*"), two::out);
        assertTrue(two.out().matches("(?s).*tiny, threshold -11\\.0, margin 0 +4 .*"), two::out);
        assertTrue(two.out().matches("(?s).*copy\\.onnx, dense +4 .*copy\\.onnx, threshold -11\\.0, margin 0 +4 .*"),
                two::out);
        CommandRun one = run("eval", "--data", data, "--images", folder.resolve("photos"), "--gate", gate);
        assertEquals(0, one.code(), one::err);
        assertTrue(one.out().matches("(?s).*AP +0\\.5000.*"), one::out);
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws IOException {
        GateFile.write(folder.resolve("other.onnx"), redGate("another"));
        refused("the gate was made for detector 'another', this is 'tiny'", "detect", photo, "--gate",
                folder.resolve("other.onnx"));
        refused("--gate: no such file", "detect", photo, "--gate", folder.resolve("none.onnx"));
        refused("metadata 'fovea.gate' is missing", "detect", photo, "--gate", model);
        refused("carries no gate; name one with --gate", "detect", photo, "--gate-threshold", 1);
        refused("--gate-threshold: one value is needed here", "detect", photo, "--gate", gate, "--gate-threshold",
                "1,2");
        refused("--gate-threshold: needs a trained gate", "detect", photo, "--region", "1,1,5,5", "--gate-threshold",
                1);
        refused("needs a gate that has one", "detect", photo, "--gate", gate, "--background", "peripheral");
        refused("--data is needed", "eval", "--images", folder);
        refused("--peer: no engine 'tea' here", "eval", "--reference", "dense", "--images", folder.resolve("photos"),
                "--gate", gate, "--time", 1, "--peer", "tea");
        refused("--peer: needs --time", "eval", "--reference", "dense", "--images", folder, "--peer", "tea");
        refused("--gate: needs --images", "calibrate", "--gate", gate, "--judge", folder.resolve("photos"));
        refused("carries no gate", "calibrate", "--gate", "carried", "--images", folder.resolve("photos"));
    }

    private void refused(String part, Object... args) {
        CommandRun run = run(args);
        assertTrue(run.code() != 0 && run.errorLines() <= 2 && run.err().contains(part),
                () -> run.code() + ": " + run.err());
    }
}
