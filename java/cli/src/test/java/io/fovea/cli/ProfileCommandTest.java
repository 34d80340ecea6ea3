package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileCommandTest {
    private static final int BOXES = 4 * 4 * 192;
    private static final int SCORES = 4 * 3 * 192;

    @TempDir
    Path folder;

    private Path model;
    private Path photo;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyModel.write(folder);
        // Red everywhere: one of three channels of the input is not zero.
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 32; i++) {
            image.setRGB(i % 32, i / 32, 0xff0000);
        }
        photo = folder.resolve("photo.png");
        ImageIO.write(image, "png", photo.toFile());
    }

    private CommandRun profile(Object... args) {
        Object[] all = new Object[args.length + 10];
        System.arraycopy(new Object[]{"profile", photo, "--model", model, "--threads", 1, "--kernels", "scalar",
                "--rounds", 3}, 0, all, 0, 10);
        System.arraycopy(args, 0, all, 10, args.length);
        return CommandRun.of(all);
    }

    private static List<JsonNode> rows(String text) {
        return text.lines().map(line -> {
            try {
                return new ObjectMapper().readTree(line);
            } catch (IOException e) {
                throw new AssertionError(line, e);
            }
        }).toList();
    }

    @Test
    void everyStepAndTheTotal() {
        CommandRun run = profile();
        assertEquals(0, run.code(), run::err);
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.get(0).startsWith("tiny, " + photo + ", 1 thread, kernels scalar"), run.out());
        assertTrue(lines.stream().anyMatch(line -> line.matches(
                "1  box conv +Conv 8x8s8 +16x16x3 > 2x2x4 +scalar/conv +[\\d.]+ +[\\d.]+ % +[\\d.]+ +100\\.0 % +3072 +3072 +1024")),
                run.out());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("Whole run ") && line.contains("sum of the steps")),
                run.out());
        assertTrue(
                lines.getLast()
                        .startsWith("MACs: dense 5376 (100.0 %), executed 5376 (100.0 %), non-zero 1792 (33.3 %)"),
                run.out());
    }

    @Test
    void maskedAsJson() {
        CommandRun run = profile("--region", "0,0,16,16", "--json", "-");
        assertEquals(0, run.code(), run::err);
        List<JsonNode> rows = rows(run.out());
        assertEquals(3, rows.size(), run::out);
        JsonNode first = rows.getFirst();
        assertEquals("box conv", first.get("step").asText());
        assertEquals(1, first.get("activeSites").asInt());
        assertEquals(4, first.get("sites").asInt());
        JsonNode total = rows.getLast();
        assertTrue(total.get("masked").asBoolean());
        assertEquals(BOXES + SCORES, total.get("denseMacs").asInt());
        assertEquals((BOXES + SCORES) / 4, total.get("executedMacs").asInt());
        assertEquals((BOXES + SCORES) / 12, total.get("nonZeroMacs").asInt());
        assertEquals(.25, total.get("executedShare").asDouble(), 1e-9);
        double sum = rows.stream().limit(2).mapToDouble(row -> row.get("micros").asDouble()).sum();
        assertEquals(total.get("sumMicros").asDouble(), sum + total.get("sitesMicros").asDouble(), .01);
        assertTrue(run.err().contains("sites and tables"), run.err());
    }

    @Test
    void emptyMaskAndWrongRounds() throws IOException {
        Path json = folder.resolve("rows.jsonl");
        CommandRun run = profile("--region", "90,90,1,1", "--json", json);
        assertEquals(0, run.code(), run::err);
        assertTrue(run.out().contains("empty"), run.out());
        assertEquals("", Files.readString(json));
        assertEquals(2, profile("--rounds", "0").code());
        assertEquals(2, profile("--kernels", "gpu").code());
        CommandRun missing = CommandRun.of("profile", folder.resolve("none.jpg"), "--model", model);
        assertEquals(1, missing.code());
        assertEquals(1, missing.errorLines(), missing::err);
    }
}
