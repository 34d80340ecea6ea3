package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchCommandTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path folder;

    private Path model;
    private Path frames;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyModel.write(folder);
        frames = Files.createDirectory(folder.resolve("frames"));
    }

    /** Writes a frame whose four quarters are black but for the named ones. */
    private void frame(String name, int width, Color... quarters) throws IOException {
        BufferedImage image = new BufferedImage(width, width, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        for (int i = 0; i < quarters.length; i++) {
            graphics.setColor(quarters[i]);
            graphics.fillRect(i % 2 * width / 2, i / 2 * width / 2, width / 2, width / 2);
        }
        graphics.dispose();
        ImageIO.write(image, "png", frames.resolve(name).toFile());
    }

    private CommandRun watch(Object... args) {
        List<Object> all = new ArrayList<>(List.of("watch", frames, "--model", model, "--threads", 1, "--kernels",
                "scalar"));
        all.addAll(List.of(args));
        return CommandRun.of(all.toArray());
    }

    private static List<JsonNode> lines(String text) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    @Test
    void framesAreReadInTheOrderOfTheirNumbersAndSummedUp() throws IOException {
        frame("frame9.png", 160, Color.RED);
        frame("frame10.png", 160, Color.RED);
        frame("frame11.png", 160, Color.RED, Color.BLACK, Color.BLACK, Color.BLUE);
        Files.writeString(frames.resolve("notes.txt"), "no picture");
        CommandRun run = watch("--json", "-", "--compare-dense", "--dilation", 0, "--key", 0);
        assertEquals(0, run.code(), run::err);
        List<JsonNode> lines = lines(run.out());
        assertEquals(4, lines.size(), run.out());
        assertTrue(lines.get(0).get("keyFrame").asBoolean());
        assertEquals("first", lines.get(0).get("key").asText());
        assertFalse(lines.get(1).get("keyFrame").asBoolean());
        assertEquals(0, lines.get(1).get("executedShare").asDouble());
        assertEquals(lines.get(0).get("detections"), lines.get(1).get("detections"), "nothing changed");
        assertEquals(0.25, lines.get(2).get("executedShare").asDouble());
        assertEquals(0.25, lines.get(2).get("activeShare").asDouble());
        assertEquals(List.of("red", "blue").toString(), lines.get(2).get("detections").findValuesAsText("label")
                .toString());
        for (int i = 0; i < 3; i++) {
            assertEquals(i, lines.get(i).get("frame").asInt());
            assertTrue(lines.get(i).get("millis").asDouble() >= 0);
        }
        JsonNode summary = lines.get(3).get("summary");
        assertEquals(3, summary.get("frames").asInt());
        assertEquals(1, summary.get("keyFrames").asInt());
        assertEquals(1.25 / 3, summary.get("executedShare").asDouble(), 1e-4);
        assertEquals(1.25 / 3, summary.get("activeShare").asDouble(), 1e-4);
        assertTrue(summary.get("medianMillis").asDouble() >= 0);
        assertEquals(1, summary.get("f1").asDouble());
        assertEquals(1, summary.get("precision").asDouble());
        assertEquals(1, summary.get("recall").asDouble());
        assertTrue(run.err().contains("3 frames, 1 of them key frames"), run::err);
    }

    @Test
    void eachSoManiethFrameAndAFileOfLines() throws IOException {
        for (int i = 0; i < 7; i++) {
            frame("f" + i + ".png", 40, Color.RED);
        }
        Path json = folder.resolve("found.jsonl");
        CommandRun run = watch("--every", 3, "--key", 2, "--json", json);
        assertEquals(0, run.code(), run::err);
        List<JsonNode> lines = lines(Files.readString(json));
        assertEquals(List.of(0, 3, 6), lines.stream().limit(3).map(n -> n.get("frame").asInt()).toList());
        assertEquals("period", lines.get(2).get("key").asText());
        assertFalse(lines.get(3).get("summary").has("f1"));
    }

    @Test
    void markedFramesShowBoxesAndTheCellsThatWereComputed() throws IOException {
        frame("0.png", 160, Color.RED);
        frame("1.png", 160, Color.RED, Color.BLACK, Color.BLACK, Color.GRAY);
        Path out = folder.resolve("marked");
        CommandRun run = watch("--out", out, "--dilation", 0);
        assertEquals(0, run.code(), run::err);
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(2, files.count());
        }
        BufferedImage second = ImageIO.read(out.resolve("000001.jpg").toFile());
        int still = second.getRGB(120, 40);
        int moved = second.getRGB(120, 120);
        assertTrue((still & 0xFF) < 20, "a cell that was not computed stays black: " + Integer.toHexString(still));
        assertTrue((moved >> 16 & 0xFF) > (moved & 0xFF) + 20, "a computed cell is tinted: "
                + Integer.toHexString(moved));
    }

    @Test
    void objectsAreFoundInTheRegionOnly() throws IOException {
        for (int i = 0; i < 4; i++) {
            frame("f" + i + ".png", 160, i % 2 == 0 ? Color.RED : Color.BLACK, Color.BLUE, Color.BLACK,
                    i % 2 == 0 ? Color.BLACK : Color.RED);
        }
        Path picture = folder.resolve("left.png");
        BufferedImage left = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        left.setRGB(0, 0, 0xFFFFFF);
        ImageIO.write(left, "png", picture.toFile());
        for (CommandRun run : List.of(watch("--json", "-", "--region", "0,0,80,160"),
                watch("--json", "-", "--mask", picture))) {
            assertEquals(0, run.code(), run::err);
            List<JsonNode> lines = lines(run.out());
            for (int i = 0; i < 4; i++) {
                assertEquals(i % 2 == 0 ? "[red]" : "[]",
                        lines.get(i).get("detections").findValuesAsText("label").toString(), "frame " + i);
                assertTrue(i == 0 || lines.get(i).get("activeShare").asDouble() <= 0.5, lines.get(i)::toString);
            }
        }
        assertLine(watch("--region", "0,0,80,160", "--mask", picture), "exclude each other", 2);
        assertLine(watch("--region", "0,0,80"), "--region: '0,0,80'", 2);
        assertLine(watch("--region", "0,0,80,160", "--gate", "auto"), "exclude each other", 2);
        assertLine(watch("--gate", "auto"), "carries no gate", 2);
        assertLine(watch("--gate", folder.resolve("none.onnx")), "none.onnx", 2);
        assertLine(watch("--gate-threshold", 1), "--gate-threshold: needs --gate", 2);
    }

    @Test
    void whatCannotBeWatchedIsSaidInOneLine() throws IOException {
        assertLine(watch(), "no pictures in it", 1);
        frame("0.png", 160, Color.RED);
        frame("1.png", 80, Color.RED);
        CommandRun sizes = watch("--json", "-");
        assertEquals(1, sizes.code());
        assertTrue(sizes.err().contains("frame 1: frame of 80x80 pixels in a stream of 160x160"), sizes::err);
        assertEquals(1, lines(sizes.out()).getLast().get("summary").get("frames").asInt(),
                "what was done is summed up");
        CommandRun reset = watch("--new-size", "reset", "--json", "-");
        assertEquals(0, reset.code(), reset::err);
        assertEquals(2, lines(reset.out()).getLast().get("summary").get("keyFrames").asInt());
        Files.write(frames.resolve("2.png"), new byte[]{1, 2, 3});
        CommandRun broken = watch("--new-size", "reset");
        assertEquals(1, broken.code());
        assertTrue(broken.err().contains("2.png"), broken::err);
        if (Files.exists(Path.of("/dev/full"))) {
            assertLine(watch("--json", "/dev/full"), "/dev/full: No space left on device", 1);
        }
        assertLine(watch("--json", model.resolve("found.jsonl")), "found.jsonl", 1);
        assertLine(watch("--out", model.resolve("marked")), "marked", 1);
        assertLine(watch("--motion", -3), "motion threshold -3", 2);
        assertLine(watch("--every", 0), "--every", 2);
        assertLine(CommandRun.of("watch", folder.resolve("none.mp4"), "--model", model), "no such file", 1);
    }

    private static void assertLine(CommandRun run, String part, int code) {
        assertEquals(code, run.code(), run::err);
        assertTrue(run.err().contains(part) && run.err().startsWith("fovea: "), run::err);
    }
}
