package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fovea.zoo.Zoo;
import io.fovea.zoo.ZooEntry;
import io.fovea.zoo.ZooException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtherCommandsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"detect", "models", "export", "inspect"})
    void everyCommandHasHelp(String command) {
        CommandRun run = CommandRun.of(command, "-h");
        assertEquals(0, run.code());
        assertTrue(run.out().startsWith("Usage: fovea " + command), run.out());
    }

    @Test
    void withoutACommand() {
        assertEquals(2, CommandRun.of().code());
        assertEquals(2, CommandRun.of("detekt").code());
        assertTrue(CommandRun.of("--version").out().startsWith("Fovea "));
    }

    @Test
    void modelsListsTheZoo() {
        CommandRun run = CommandRun.of("models");
        assertEquals(0, run.code(), run::err);
        for (ZooEntry entry : Zoo.standard().list()) {
            String line = run.out().lines().filter(text -> text.startsWith(entry.name() + " ")).findFirst()
                    .orElseThrow();
            assertTrue(line.contains(entry.licence()) && line.contains(entry.inputWidth() + "x" + entry.inputHeight())
                    && line.contains(entry.cached() ? " yes " : " no "), line);
        }
    }

    @Test
    void inspectCountsByHand() throws IOException {
        CommandRun run = CommandRun.of("inspect", TinyModel.write(folder));
        assertEquals(0, run.code(), run::err);
        List<String> lines = run.out().lines().toList();
        // Two convolutions of 8x8 kernels over 3 channels on 4 sites: 4 and 3 output channels.
        int boxes = 4 * 4 * 3 * 64;
        int scores = 4 * 3 * 3 * 64;
        String total = lines.stream().filter(line -> line.contains(" total ")).findFirst().orElseThrow();
        assertTrue(total.endsWith(String.format(java.util.Locale.ROOT, "%,d  %,10d", boxes + scores, 7 * 3 * 64 + 7)),
                total);
        assertTrue(lines.stream().anyMatch(line -> line.matches(" +1 +2x2 +8\\.0 +1 +4 +8x8")), run.out());
    }

    @Test
    void inspectTellsTheMemoryAndPrintsASpecToStartFrom() throws IOException {
        Path file = TinyModel.write(folder);
        assertTrue(CommandRun.of("inspect", file).out().contains("MB of activations at their peak"), "memory");
        CommandRun run = CommandRun.of("inspect", "--spec-template", file);
        assertEquals(0, run.code(), run::err);
        io.fovea.format.DetectorSpec spec = io.fovea.format.SpecJson.read(run.out());
        assertEquals(4, spec.rows());
        assertEquals(3, spec.classes().size());
        assertEquals(8f, spec.featureMaps().getFirst().strideX());
    }

    @Test
    void inspectRefusesWhatIsNoModel() throws IOException {
        Path file = Files.write(folder.resolve("zeros.onnx"), new byte[100]);
        CommandRun run = CommandRun.of("inspect", file);
        assertEquals(1, run.code());
        assertEquals(1, run.errorLines(), run::err);
        assertTrue(run.err().contains(file.toString()), run.err());
    }

    @Test
    void exportCopiesTheCachedModel() throws IOException {
        String name = ModelOptions.DEFAULT;
        Path cached;
        try {
            cached = Zoo.standard().fetch(name);
        } catch (ZooException e) {
            abort("skipped, the zoo cannot be reached: " + e.getMessage());
            return;
        }
        Path out = folder.resolve("m.onnx");
        CommandRun run = CommandRun.of("export", name, "--out", out);
        assertEquals(0, run.code(), run::err);
        assertArrayEquals(Files.readAllBytes(cached), Files.readAllBytes(out));
        assertEquals(1, CommandRun.of("export", name, "--out", folder.resolve("none/m.onnx")).code());
    }
}
