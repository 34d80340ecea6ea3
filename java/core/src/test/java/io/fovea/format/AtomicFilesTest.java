package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays of a file when writing it fails. */
class AtomicFilesTest {
    private static final byte[] TEXT = "new".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private void assertOnly(Path file, String content) throws IOException {
        assertEquals(content, Files.readString(file));
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(1, all.count(), "nothing is left beside it");
        }
    }

    @Test
    void aDiskThatFillsUpLeavesTheOldContent() throws IOException {
        Path file = Files.writeString(folder.resolve("state"), "old");
        FileSystemException e = assertThrows(FileSystemException.class, () -> AtomicFiles.write(file, out -> {
            out.write(TEXT);
            throw new IOException("No space left on device");
        }));
        assertEquals(file + ": No space left on device", e.getMessage());
        assertOnly(file, "old");
        assertThrows(IllegalStateException.class, () -> AtomicFiles.write(file, out -> {
            out.write(TEXT);
            throw new IllegalStateException("of the content");
        }));
        assertOnly(file, "old");
        AtomicFiles.write(file, out -> out.write(TEXT));
        assertOnly(file, "new");
    }

    @Test
    void aPathThatCannotBeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("state"), "old");
        FileSystemException under = assertThrows(FileSystemException.class,
                () -> AtomicFiles.write(file.resolve("below"), out -> out.write(TEXT)));
        assertTrue(under.getFile().startsWith(file.toString()), under.getMessage());
        assertThrows(IOException.class, () -> AtomicFiles.write(folder, out -> out.write(TEXT)));
        assertOnly(file, "old");
    }

    @Test
    void devicesAreWrittenToAndStay() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full) && !Files.isRegularFile(full), "SKIPPED: there is no /dev/full here");
        FileSystemException e = assertThrows(FileSystemException.class,
                () -> AtomicFiles.write(full, out -> out.write(TEXT)));
        assertEquals("/dev/full: No space left on device", e.getMessage());
        AtomicFiles.write(Path.of("/dev/null"), out -> out.write(TEXT));
        assertTrue(!Files.isRegularFile(full) && !Files.isRegularFile(Path.of("/dev/null")));
    }
}
