package io.fovea.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A disk without room, for tests of what commands leave behind. */
public final class FullDisk {
    private FullDisk() {
    }

    /** Puts it in the place of a file; skips the test where the system has none. */
    public static Path at(Path file) throws IOException {
        Path device = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(device) && !Files.isRegularFile(device), "SKIPPED: no /dev/full here");
        return Files.createSymbolicLink(file, device);
    }

    /** Fails unless a command told that there is no room for the file. */
    public static void assertTold(Path file, String err) {
        assertTrue(err.lines().anyMatch(("fovea: " + file + ": No space left on device")::equals), err);
    }
}
