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
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Masks from the command line on a detector whose four 8x8 cells are its only sites: a photo of 64x32 pixels has a red quarter (upper
 * left) and a blue one (lower right).
 */
class GateOptionsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private Path model;
    private Path photo;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyModel.write(folder);
        photo = paint("photo.png", 64, 32, Color.RED, Color.BLUE);
    }

    private Path paint(String name, int width, int height, Color upperLeft, Color lowerRight) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(upperLeft);
        graphics.fillRect(0, 0, width / 2, height / 2);
        graphics.setColor(lowerRight);
        graphics.fillRect(width / 2, height / 2, width - width / 2, height - height / 2);
        graphics.dispose();
        Path file = folder.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private CommandRun run(String command, Object... args) {
        Object[] all = new Object[args.length + 8];
        System.arraycopy(new Object[]{command, "--model", model, "--threads", 1, "--kernels", "scalar", photo}, 0, all,
                0, 8);
        System.arraycopy(args, 0, all, 8, args.length);
        return CommandRun.of(all);
    }

    private JsonNode detect(Object... args) throws IOException {
        Object[] all = java.util.Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--json";
        all[args.length + 1] = "-";
        CommandRun run = run("detect", all);
        assertEquals(0, run.code(), run::err);
        return JSON.readTree(run.out());
    }

    private static void assertFound(String labels, double activeShare, double executedShare, JsonNode result) {
        List<String> found = new java.util.ArrayList<>();
        result.get("detections").forEach(d -> found.add(d.get("label").asText()));
        found.sort(null);
        assertEquals(labels, String.join(" ", found), result::toString);
        JsonNode work = result.get("work");
        assertEquals(activeShare, work.get("activeShare").asDouble(), 1e-9, result::toString);
        assertEquals(executedShare, work.get("executedShare").asDouble(), 1e-9, result::toString);
        // Boxes 4 and scores 3 channels, kernels of 8x8x3, 4 sites.
        assertEquals(4 * 7 * 192, work.get("denseMacs").asLong());
        assertEquals(Math.round(executedShare * 4 * 7 * 192), work.get("executedMacs").asLong());
    }

    @Test
    void withoutAMaskEverythingIsComputed() throws IOException {
        assertFound("blue red", 1, 1, detect());
        CommandRun table = run("detect");
        assertFalse(table.out().contains("executed"), table.out());
    }

    @Test
    void regionsInPixelsOfThePhoto() throws IOException {
        assertFound("red", .25, .25, detect("--region", "0,0,32,16"));
        assertFound("red", .25, .25, detect("--region", "-5,-5,20,8.5"));
        assertFound("blue red", .5, .5, detect("--region", "0,0,32,16", "--region", "40,20,24,12"));
        assertFound("", 0, 0, detect("--region", "100,100,5,5"));
        CommandRun table = run("detect", "--region", "0,0,32,16");
        assertTrue(table.out().contains("  25.0 % of the photo looked at, 25.0 % of the net's MACs executed"),
                table.out());
    }

    @Test
    void maskPictureIsStretchedOverThePhoto() throws IOException {
        Path mask = paint("mask.png", 10, 10, Color.BLACK, Color.WHITE);
        assertFound("blue", .25, .25, detect("--mask", mask));
        assertFound("blue red", 1, 1, detect("--mask", mask, "--margin", 3));
    }

    @Test
    void coarseRuleAndCells() throws IOException {
        // Cells of 1 pixel: a quarter of the 8x8 site is to be looked at, which is not more than a quarter.
        assertFound("", 16.0 / 256, 0, detect("--region", "0,0,16,8", "--cell", 1));
        assertFound("red", 16.0 / 256, .25, detect("--region", "0,0,16,8", "--cell", 1, "--coarse", ".24"));
        assertFound("red", 1.0 / 256, .25, detect("--region", "0,0,4,2", "--cell", 1, "--coarse", "0"));
    }

    @Test
    void exactModeReadsTheBackgroundOutsideTheMask() throws IOException {
        Path red = paint("red.png", 64, 32, Color.RED, Color.RED);
        // A part of the first site is the photo's (red), the rest the reference's: red enough with a red one, not with a black one.
        Path dark = paint("dark.png", 64, 32, Color.BLACK, Color.BLACK);
        assertFound("red", .125, .25, detect("--region", "0,0,32,8", "--cell", 4, "--mode", "exact", "--background",
                red));
        assertFound("", 1.0 / 16, .25, detect("--region", "0,0,16,8", "--cell", 4, "--mode", "EXACT", "--background",
                dark));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--region=1,2,3", "--region=1,2,3,x", "--region=0,0,0,5", "--region=1,2,NaN,4",
            "--region=1,2,3,4,5", "--mask=missing.png", "--mode=fast", "--background=missing.png", "--background=means",
            "--margin=-1", "--margin=x", "--coarse=1", "--coarse=-.1", "--cell=0", "--gate=missing.bin"})
    void wrongValuesAreOneLineAndExitCode2(String option) {
        for (String command : List.of("detect", "profile", "explain")) {
            CommandRun run = command.equals("explain")
                    ? run(command, option, "--out", folder.resolve("page.html"))
                    : run(command, option);
            assertEquals(2, run.code(), run::err);
            assertEquals(2, run.errorLines(), run::err);
            String name = option.substring(0, option.indexOf('='));
            assertTrue(run.err().contains(name), run.err());
            assertEquals("", run.out());
        }
    }

    @Test
    void combinationsThatContradict() throws IOException {
        assertEquals(2, run("detect", "--mask", photo, "--region", "0,0,5,5").code());
        assertEquals(2, run("detect", "--mode", "exact", "--background", "means").code());
        Path gate = Files.writeString(folder.resolve("gate.bin"), "x");
        CommandRun run = run("detect", "--gate", gate);
        assertEquals(2, run.code());
        assertTrue(run.err().contains("gate.bin: not an ONNX file"), run.err());
        assertEquals(0, run("detect", "--gate", "none").code());
    }
}
