package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.format.Calibration;
import io.fovea.format.CalibrationJson;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.Image;
import io.fovea.image.PictureWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrateCommandTest {
    @TempDir
    Path folder;
    private Path model;
    private Path photos;

    /** A detector of red on 16x16 pixels: 4x4 cells, each with its mean colour as value "x", which a 3x3 layer reads. */
    private static Model red() {
        float[] mean = new float[9 * 16];
        for (int c = 0; c < 3; c++) {
            for (int t = 0; t < 16; t++) {
                mean[(3 * c + c) * 16 + t] = 1f / 16;
            }
        }
        float[] middle = new float[27];
        middle[4] = middle[13] = middle[22] = 1;
        GraphBuilder g = new GraphBuilder("red", "image", new Shape(16, 16, 3));
        g.add("stem", new Op.Conv(Window.square(4, 4, 0), 1, 3, mean, new float[3], Activation.RELU), "x", "image");
        g.add("dw", new Op.Conv(Window.square(3, 1, 1), 3, 3, middle, new float[3], Activation.NONE), "d", "x");
        g.add("score", new Op.Conv(Window.POINTWISE, 1, 3, new float[]{0, 0, 0, 20, -10, 0, 0, 0, 0},
                new float[]{0, -10, -20}, Activation.NONE), "s", "d");
        g.add("scores", new Op.HeadRows(3), "scores", "s");
        g.add("box", new Op.Conv(Window.POINTWISE, 1, 4, new float[12], new float[4], Activation.NONE), "b", "x");
        g.add("boxes", new Op.HeadRows(4), "boxes", "b");
        DetectorSpec tiny = TinyModel.model().spec();
        DetectorSpec spec = new DetectorSpec("red", null, tiny.input(), "boxes", "scores", tiny.classes(), 0,
                tiny.scoreActivation(), tiny.boxCoding(),
                List.of(new FeatureMap(4, 4, 4, 4, .5f, List.of(new Anchor(4, 4)))), tiny.nms());
        return new Model(g.build(List.of("boxes", "scores")), spec);
    }

    @BeforeEach
    void files() throws IOException {
        model = folder.resolve("red.onnx");
        OnnxWriter.write(red(), model);
        photos = Files.createDirectory(folder.resolve("photos"));
        Random random = new Random(1);
        for (int p = 0; p < 400; p++) {
            byte[] rgb = new byte[3 * 256];
            for (int cell = 0; cell < 16; cell++) {
                boolean red = random.nextInt(8) == 0;
                byte[] color = {(byte) (red ? 200 + random.nextInt(56) : random.nextInt(100)),
                        (byte) random.nextInt(red ? 50 : 256), (byte) random.nextInt(256)};
                for (int i = 0; i < 16; i++) {
                    System.arraycopy(color, 0, rgb, 3 * ((cell / 4 * 4 + i / 4) * 16 + cell % 4 * 4 + i % 4), 3);
                }
            }
            PictureWriter.write(Image.ofRgb(rgb, 16, 16, 48).toBufferedImage(),
                    photos.resolve("p%03d.png".formatted(p)));
        }
    }

    private CommandRun run(Object... args) {
        Object[] all = new Object[args.length + 7];
        System.arraycopy(new Object[]{"calibrate", "--model", model, "--threads", 1, "--kernels", "scalar"}, 0, all, 0,
                7);
        System.arraycopy(args, 0, all, 7, args.length);
        return CommandRun.of(all);
    }

    @Test
    void calibratesTheModelsOwnFileAndJudgesIt() throws IOException {
        CommandRun run = run("--images", photos, "--judge", photos);
        assertEquals(0, run.code(), run::err);
        assertTrue(run.out().contains("red: 320 photos learnt from, 80 held out; means of 1 value"), run.out());
        assertTrue(run.out().contains("Written to " + model), run.out());
        assertTrue(run.out().contains("Head gate against the dense head on 400 photos: 0."), run.out());
        Calibration calibration = OnnxReader.read(model).calibration();
        assertEquals(Set.of("x"), calibration.means().keySet());
        assertEquals(1, calibration.headGate().size());
        assertTrue(CommandRun.of("inspect", model).out()
                .contains("calibrated  means of 1 value, head gate on 1 level"), "inspect");
        CommandRun judged = run("--judge", photos, "--limit", 50, "--json", "-");
        assertEquals(0, judged.code(), judged::err);
        JsonNode verdict = new ObjectMapper().readTree(judged.out()).required("judge");
        assertEquals(50, verdict.required("photos").intValue());
        assertTrue(verdict.required("dense").intValue() > 50 && verdict.required("executedShare").doubleValue() < .9,
                judged::out);
        assertEquals(1, verdict.required("f1").doubleValue(), .01, judged::out);
    }

    @Test
    void writesACopyOrTheCalibrationAlone() throws IOException {
        byte[] before = Files.readAllBytes(model);
        Path copy = folder.resolve("copy.onnx");
        Path json = folder.resolve("red.json");
        Path report = folder.resolve("report.json");
        assertEquals(0, run("--images", photos, "--out", copy, "--json", report).code());
        assertEquals(0, run("--images", photos, "--out", json).code());
        assertArrayEquals(before, Files.readAllBytes(model), "the source stays");
        Calibration alone = CalibrationJson.read(Files.readString(json));
        assertEquals(CalibrationJson.write(OnnxReader.read(copy).calibration()), CalibrationJson.write(alone));
        JsonNode made = new ObjectMapper().readTree(Files.readString(json)).required("made");
        assertEquals(made, new ObjectMapper().readTree(Files.readString(report)).required("calibration"));
        assertEquals(400, made.required("photos").intValue());
        assertEquals("red", made.required("model").textValue());
    }

    @Test
    void tooFewPhotosGiveNoGate() throws IOException {
        Files.write(photos.resolve("a-broken.png"), new byte[20]);
        CommandRun run = run("--images", photos, "--limit", 5);
        assertEquals(1, run.code());
        assertEquals(1, run.errorLines(), run::err);
        assertTrue(run.err().contains("a-broken.png"), run.err());
        assertTrue(run.out().contains("No head gate: no level has enough examples."), run.out());
        assertFalse(OnnxReader.read(model).calibration().means().isEmpty());
        CommandRun judge = run("--judge", photos);
        assertEquals(1, judge.code());
        assertTrue(judge.err().contains("carries no head gate"), judge.err());
    }

    @Test
    void wrongUsage() throws IOException {
        assertEquals(2, run().code());
        assertEquals(2, run("--judge", photos, "--out", folder.resolve("x.onnx")).code());
        assertEquals(2, run("--images", photos, "--keep-above", "1").code());
        assertEquals(2, run("--images", photos, "--limit", "0").code());
        assertEquals(2, run("--images", photos, "--out", folder).code());
        assertEquals(2, run("--images", Files.createDirectory(folder.resolve("empty"))).code());
        CommandRun missing = run("--images", folder.resolve("none"));
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("no such folder"), missing.err());
    }
}
