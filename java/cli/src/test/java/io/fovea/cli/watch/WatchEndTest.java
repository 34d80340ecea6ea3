package io.fovea.cli.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.cli.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How a watch ends that does not come to the end of its source, in a JVM of its own. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class WatchEndTest {
    @TempDir
    Path folder;

    private Process start(int stall) throws IOException {
        Path model = TinyModel.write(folder);
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), StallingWatch.class.getName(), model.toString(),
                folder.resolve("found.jsonl").toString(), folder.resolve("marked").toString(), Integer.toString(stall))
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
    }

    private void waitForAllFrames(Process process) throws Exception {
        Path last = folder.resolve("marked").resolve(String.format("%06d.jpg", StallingWatch.FRAMES - 1));
        while (!Files.exists(last) && process.isAlive()) {
            Thread.sleep(20);
        }
        assertTrue(process.isAlive(), this::quietLog);
    }

    private String quietLog() {
        try {
            return log();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void assertComplete() throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("found.jsonl"));
        assertEquals(StallingWatch.FRAMES + 1, lines.size(), this::quietLog);
        JsonNode summary = new ObjectMapper().readTree(lines.getLast()).get("summary");
        assertEquals(StallingWatch.FRAMES, summary.get("frames").asInt());
        assertTrue(summary.has("f1"), summary::toString);
        for (int i = 0; i < StallingWatch.FRAMES; i++) {
            assertEquals(i, new ObjectMapper().readTree(lines.get(i)).get("frame").asInt());
            assertEquals(64, ImageIO.read(folder.resolve("marked").resolve(String.format("%06d.jpg", i)).toFile())
                    .getWidth());
        }
        assertTrue(log().contains(StallingWatch.FRAMES + " frames, "), this::quietLog);
    }

    /** A shell that started us in the background may have told us to ignore SIGINT, which children inherit. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status) && Files.readAllLines(status).stream().filter(l -> l.startsWith("SigIgn:"))
                .anyMatch(l -> (Long.parseUnsignedLong(l.substring(7).strip(), 16) & 2) != 0);
    }

    @Test
    void anInterruptEndsItWithWhatWasDone() throws Exception {
        Process process = start(600);
        try {
            waitForAllFrames(process);
            boolean term = ignoresInterrupts();
            new ProcessBuilder("kill", term ? "-TERM" : "-INT", Long.toString(process.pid())).inheritIO().start()
                    .waitFor();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), this::quietLog);
            assertEquals(term ? 143 : 130, process.exitValue(), this::quietLog);
            assertComplete();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aSourceThatStallsEndsIt() throws Exception {
        Process process = start(1);
        try {
            assertTrue(process.waitFor(100, TimeUnit.SECONDS), this::quietLog);
            assertEquals(1, process.exitValue(), this::quietLog);
            assertTrue(log().contains("fovea: silent: no frame for 1 s"), this::quietLog);
            assertComplete();
        } finally {
            process.destroyForcibly();
        }
    }
}
