package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetectCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private Path model;
    private Path photo;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyModel.write(folder);
        photo = paint("photo.png", Color.RED);
    }

    /** Paints a black photo of 64x32 pixels whose upper left quarter has one colour. */
    private Path paint(String name, Color color) throws IOException {
        BufferedImage image = new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(color);
        graphics.fillRect(0, 0, 32, 16);
        graphics.dispose();
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private CommandRun detect(Object... args) {
        Object[] all = new Object[args.length + 5];
        System.arraycopy(new Object[]{"detect", "--model", model, "--threads", 1}, 0, all, 0, 5);
        System.arraycopy(args, 0, all, 5, args.length);
        return CommandRun.of(all);
    }

    @Test
    void printsWhatItFound() {
        CommandRun run = detect(photo);
        assertEquals(0, run.code(), run::err);
        List<String> lines = run.out().lines().toList();
        assertEquals(photo + "  64x32", lines.get(0));
        assertTrue(lines.get(2).matches("  red +1\\.000 +0\\.0 +0\\.0 +32\\.0 +16\\.0"), lines.get(2));
        assertTrue(
                lines.get(3).matches(
                        "  1 object\\. Milliseconds: decode [\\d.]+, preprocess [\\d.]+, net [\\d.]+ \\(\\S+\\), head [\\d.]+"),
                lines.get(3));
        assertEquals(4, lines.size(), run::out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void jsonIsOneObjectPerPhoto(String kernels) throws IOException {
        Path blue = paint("blue.png", Color.BLUE);
        CommandRun run = detect(photo, blue, "--json", "-", "--kernels", kernels);
        assertEquals(0, run.code(), run::err);
        List<String> lines = run.out().lines().toList();
        assertEquals(2, lines.size(), run::out);
        JsonNode first = JSON.readTree(lines.get(0));
        assertEquals(photo.toString(), first.get("image").asText());
        assertEquals(64, first.get("width").asInt());
        assertEquals(32, first.get("height").asInt());
        assertEquals(1, first.get("detections").size());
        JsonNode found = first.get("detections").get(0);
        assertEquals("red", found.get("label").asText());
        assertEquals(1, found.get("classId").asInt());
        assertTrue(found.get("score").floatValue() > 0.9f, found::toString);
        JsonNode box = found.get("box");
        assertAll(() -> assertEquals(0, box.get("x").floatValue(), 1e-4),
                () -> assertEquals(0, box.get("y").floatValue(), 1e-4),
                () -> assertEquals(32, box.get("width").floatValue(), 1e-4),
                () -> assertEquals(16, box.get("height").floatValue(), 1e-4));
        for (String stage : List.of("decode", "preprocess", "net", "head")) {
            assertTrue(first.get("millis").get(stage).isNumber(), lines.get(0));
        }
        assertEquals("blue", JSON.readTree(lines.get(1)).get("detections").get(0).get("label").asText());
    }

    @Test
    void jsonFileStandsBesideTheTable() throws IOException {
        Path json = folder.resolve("found.jsonl");
        CommandRun run = detect(photo, "--json", json, "--classes", "blue");
        assertEquals(0, run.code(), run::err);
        assertTrue(run.out().contains("nothing found"), run.out());
        assertEquals(0, JSON.readTree(Files.readString(json)).get("detections").size());
    }

    @Test
    void badInputsGetOneLineEachAndTheOthersRun() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.jpg"));
        Path text = Files.writeString(folder.resolve("text.png"), "not a photo");
        Path cut = folder.resolve("cut.png");
        Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(photo), 60));
        Path missing = folder.resolve("missing.jpg");
        Path noPhotos = Files.createDirectory(folder.resolve("none"));
        CommandRun run = detect(empty, text, cut, missing, noPhotos, photo);
        assertEquals(1, run.code());
        assertEquals(5, run.errorLines(), run::err);
        for (Path bad : List.of(empty, text, cut, missing, noPhotos)) {
            assertEquals(1,
                    run.err().lines().filter(line -> line.startsWith("fovea: ") && line.contains(bad.toString()))
                            .count(),
                    () -> bad + " in " + run.err());
        }
        assertFalse(run.err().contains("\tat "), run.err());
        assertTrue(run.out().contains("red"), run.out());
    }

    @Test
    void debugShowsWhere() {
        CommandRun run = CommandRun.of("--debug", "detect", "--model", model, folder.resolve("missing.jpg"));
        assertEquals(1, run.code());
        assertTrue(run.err().contains("\tat io.fovea."), run.err());
    }

    @Test
    void drawsIntoAFile() throws IOException {
        Path out = folder.resolve("marked.png");
        assertEquals(0, detect(photo, "--out", out).code());
        BufferedImage drawn = ImageIO.read(out.toFile());
        BufferedImage plain = ImageIO.read(photo.toFile());
        assertEquals(64, drawn.getWidth());
        assertEquals(plain.getRGB(60, 28), drawn.getRGB(60, 28), "pixels far from the box stay");
        int changed = 0;
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 64; x++) {
                changed += plain.getRGB(x, y) == drawn.getRGB(x, y) ? 0 : 1;
            }
        }
        assertNotEquals(0, changed, "nothing was drawn");
    }

    @Test
    void drawsAFolderWithItsSubfoldersAndKeepsEqualNamesApart() throws IOException {
        paint("in/a/photo.png", Color.BLUE);
        paint("in/b/photo.png", Color.BLUE);
        Path out = folder.resolve("out");
        assertEquals(0, detect(folder.resolve("in"), photo, paint("x/photo.png", Color.RED), "--out", out).code());
        for (String name : List.of("a/photo.png", "b/photo.png", "photo.png", "photo-2.png")) {
            assertTrue(Files.size(out.resolve(name)) > 0, name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--threshold=1.5", "--threshold=x", "--iou=-1", "--max=0", "--threads=0", "--classes=dog",
            "--kernels=gpu", "--nonsense"})
    void wrongUsageIsExitCode2(String option) {
        CommandRun run = detect(photo, option);
        assertEquals(2, run.code(), run::err);
        assertEquals(2, run.errorLines(), run::err);
        assertEquals("", run.out());
    }

    @Test
    void oneFileForTwoPhotosIsRefused() {
        CommandRun run = detect(photo, photo, "--out", folder.resolve("one.png"));
        assertEquals(2, run.code());
        assertTrue(run.err().contains("2 photos"), run.err());
    }

    @Test
    void unusableModels() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.onnx"), "no protobuf at all");
        for (Object bad : List.of(broken, folder.resolve("absent.onnx"), folder)) {
            CommandRun run = CommandRun.of("detect", "--model", bad, photo);
            assertEquals(1, run.code(), run::err);
            assertEquals(1, run.errorLines(), run::err);
            assertTrue(run.err().contains(bad.toString()), run.err());
        }
        CommandRun unknown = CommandRun.of("detect", "--model", "nosuchmodel", photo);
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("ssdlite-mobilenet-v2-coco"), unknown.err());
    }
}
