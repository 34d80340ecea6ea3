package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.lab.prune.HeadRewriter;
import io.fovea.lab.prune.Overanchors;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** eval, prune, slice and overanchorize on a made detector whose boxes are its four cells. */
class LabCommandsTest {
    @TempDir
    Path folder;

    private Path model;
    private Path data;

    @BeforeEach
    void photosWithRedAndBlueCells() throws IOException {
        model = TinyModel.write(folder);
        List<String> images = new ArrayList<>();
        List<String> objects = new ArrayList<>();
        for (int p = 0; p < 6; p++) {
            BufferedImage picture = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
            Graphics2D g = picture.createGraphics();
            for (int cell = 0; cell < 2; cell++) {
                int x = 16 * ((p + cell) % 2);
                g.setColor(cell == 0 ? Color.RED : Color.BLUE);
                g.fillRect(x, 16 * cell, 16, 16);
                objects.add(
                        "{\"id\": %d, \"image_id\": %d, \"category_id\": %d, \"bbox\": [%d, %d, 16, 16], \"area\": 256}"
                                .formatted(10 * p + cell + 1, p + 1, cell + 7, x, 16 * cell));
            }
            g.dispose();
            ImageIO.write(picture, "png", folder.resolve(p + ".png").toFile());
            images.add("{\"id\": %d, \"file_name\": \"%d.png\", \"width\": 32, \"height\": 32}".formatted(p + 1, p));
        }
        data = Files.writeString(folder.resolve("set.json"), "{\"images\": %s, \"annotations\": %s, \"categories\": ["
                .formatted(images, objects) + "{\"id\": 7, \"name\": \"red\"}, {\"id\": 8, \"name\": \"Blue\"}]}");
    }

    private CommandRun run(String command, Object... args) {
        List<Object> all = new ArrayList<>(List.of(command, "--model", model));
        all.addAll(List.of(args));
        return CommandRun.of(all.toArray());
    }

    @Test
    void evalJudgesTheModel() throws IOException {
        Path json = folder.resolve("figures.json");
        Path plot = folder.resolve("curve.png");
        CommandRun run = run("eval", "--data", data, "--images", folder, "--json", json, "--plot", plot);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("AP50") && run.out().contains("6 photos, 12 objects"), run.out());
        JsonNode figures = new ObjectMapper().readTree(json.toFile());
        assertEquals(1, figures.get("AP").asDouble(), 1e-9);
        assertEquals(6, figures.get("images").asInt());
        assertEquals(1, figures.get("apPerCategory").get("8").asDouble(), 1e-9);
        assertEquals(-1, figures.get("APlarge").asDouble());
        for (String field : List.of("dense", "executed", "gate", "nonZero")) {
            assertTrue(figures.get("macs").get(field).asDouble() >= 0, field);
        }
        assertTrue(figures.get("millis").get("total").asDouble() > 0);
        assertTrue(Files.size(plot) > 1000);
    }

    @Test
    void evalComparesTwoModelsOnOneHalf() throws IOException {
        Path red = folder.resolve("red.onnx");
        assertEquals(0, run("slice", "--classes", "red", "--out", red).code());
        CommandRun run = run("eval", "--data", data, "--images", folder, "--half", "report", "--versus", red);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("3 photos, 6 objects"), run.out());
        assertTrue(run.out().contains("dense: +0.5000; 95 % of 1000 draws"), run.out());
        assertEquals(2, run("eval", "--data", data, "--detections", red, "--versus", red).code());
    }

    @Test
    void aPerfectGateComputesLess() throws IOException {
        CommandRun run = run("eval", "--data", data, "--images", folder, "--mask-from-boxes", 0, "--json", "-",
                "--limit",
                4, "--threads", 2);
        assertEquals(0, run.code(), run.err());
        JsonNode figures = new ObjectMapper().readTree(run.out());
        assertEquals(4, figures.get("images").asInt());
        assertEquals(1, figures.get("AP").asDouble(), 1e-9);
        assertTrue(figures.get("macs").get("executed").asDouble() <= figures.get("macs").get("dense").asDouble());
    }

    @Test
    void evalJudgesAResultsFile() throws IOException {
        Path results = Files.writeString(folder.resolve("results.json"),
                "[{\"image_id\": 1, \"category_id\": 7, \"bbox\": [0, 0, 16, 16], \"score\": 0.9}]");
        CommandRun run = CommandRun.of("eval", "--data", data, "--detections", results, "--json", "-");
        assertEquals(0, run.code(), run.err());
        JsonNode figures = new ObjectMapper().readTree(run.out());
        assertEquals(17 / 101.0 / 2, figures.get("AP").asDouble(), 1e-9);
        assertTrue(figures.get("macs") == null);
    }

    @Test
    void missingPhotosAreCountedAndBadFilesEndInOneLine() throws IOException {
        Files.delete(folder.resolve("0.png"));
        Files.write(folder.resolve("1.png"), new byte[40]);
        CommandRun run = run("eval", "--data", data, "--images", folder);
        assertEquals(1, run.code());
        assertTrue(run.err().contains("1 x photo without a file") && run.err().contains("1 x photo that cannot"),
                run.err());
        assertTrue(run.out().contains("4 photos"), run.out());
        Path cut = Files.writeString(folder.resolve("cut.json"), Files.readString(data).substring(0, 200));
        CommandRun broken = run("eval", "--data", cut, "--images", folder);
        assertEquals(1, broken.code());
        assertTrue(broken.err().startsWith("fovea: cut.json: no valid JSON at byte 200"), broken.err());
        assertEquals(1, broken.errorLines());
        Path other = Files.writeString(folder.resolve("other.json"),
                Files.readString(data).replace("\"red\"", "\"dog\"").replace("\"Blue\"", "\"cat\""));
        CommandRun strange = run("eval", "--data", other, "--images", folder);
        assertEquals(1, strange.code());
        assertEquals(1, strange.errorLines(), strange.err());
        Path empty = Files.writeString(folder.resolve("empty.json"), "{\"images\": []}");
        assertEquals("fovea: empty.json: lists no photo",
                run("eval", "--data", empty, "--images", folder).err().strip());
        assertEquals(2, run("eval", "--data", data).code());
        assertEquals(2, run("eval", "--data", data, "--images", folder, "--mask-from-boxes", -1).code());
    }

    @Test
    void pruneWritesAFrontAndAModel() throws IOException {
        Model wide = HeadRewriter.widen(TinyModel.model(),
                Overanchors.dense(TinyModel.model().spec(), 1, List.of(1.0, 2.0, .5)));
        model = folder.resolve("wide.onnx");
        OnnxWriter.write(wide, model);
        Path out = folder.resolve("pruned");
        CommandRun run = run("prune", "--data", data, "--images", folder, "--out", out, "--no-times");
        assertEquals(0, run.code(), run.err());
        Model pruned = OnnxReader.read(out.resolve("pruned.onnx"));
        assertEquals(1, pruned.spec().featureMaps().get(0).anchors().size(), "all three find the same");
        JsonNode front = new ObjectMapper().readTree(out.resolve("front.json").toFile());
        assertEquals(1, front.get("chosen").get("shapes").asInt());
        assertEquals(1, front.get("chosen").get("apReport").asDouble(), 1e-9);
        CommandRun again = run("prune", "--data", data, "--images", folder, "--out", out, "--no-times", "--resume");
        assertEquals(0, again.code(), again.err());
        CommandRun otherShare = run("prune", "--data", data, "--images", folder, "--out", out, "--resume",
                "--search-share", .3);
        assertEquals(1, otherShare.code());
        assertTrue(otherShare.err().contains("start without --resume"), otherShare.err());
        assertEquals(2, run("prune", "--data", data, "--images", folder, "--out", out, "--search-share", 1).code());
        assertEquals(2, run("prune", "--data", data, "--images", folder, "--out", out, "--max-cost", 0).code());
        CommandRun cheap = run("prune", "--data", data, "--images", folder, "--out", out, "--no-times", "--max-cost",
                .7);
        assertEquals(0, cheap.code(), cheap.err());
        assertTrue(OnnxReader.read(out.resolve("pruned.onnx")).spec().featureMaps().get(0).anchors().size() < 3);
        CommandRun none = run("prune", "--data", data, "--images", folder, "--out", out, "--no-times", "--max-cost",
                .1);
        assertEquals(1, none.code());
        assertTrue(none.err().contains("at most 0.1 of the whole head"), none.err());
        assertEquals(2, run("prune", "--data", data, "--images", folder, "--out", out, "--cost", "beauty").code());
    }

    @Test
    void sliceAndOveranchorizeWriteModels() throws IOException {
        Path out = folder.resolve("red.onnx");
        CommandRun run = run("slice", "--classes", "red", "--out", out);
        assertEquals(0, run.code(), run.err());
        assertEquals(List.of("red"), OnnxReader.read(out).spec().classes());
        assertEquals(2, run("slice", "--classes", "green", "--out", out).code());
        assertEquals(2, run("slice", "--anchors", "5", "--out", out).code());
        assertEquals(2, run("slice", "--out", out).code());
        assertEquals(2, run("slice", "--named-classes", "--classes", "red", "--out", out).code());
        CommandRun named = run("slice", "--named-classes", "--out", out);
        assertEquals(0, named.code(), named.err());
        List<String> labels = TinyModel.model().spec().classes().stream().filter(l -> !l.equals("background")).toList();
        assertEquals(labels, OnnxReader.read(out).spec().classes());
        Path wide = folder.resolve("wide.onnx");
        CommandRun wider = run("overanchorize", "--scales", 2, "--ratios", "1,2,1/2", "--out", wide);
        assertEquals(0, wider.code(), wider.err());
        assertEquals(6 * 4, OnnxReader.read(wide).spec().rows());
        assertEquals(2, run("overanchorize", "--ratios", "0", "--out", wide).code());
        assertEquals(2, run("overanchorize", "--scales", 0, "--out", wide).code());
    }
}
