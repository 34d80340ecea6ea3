package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a search notes and finds again. */
class JournalTest {
    private static final int SHAPES = 7;

    @TempDir
    Path folder;

    private static AnchorSet set(String hex) {
        return AnchorSet.fromHex(SHAPES, hex);
    }

    @Test
    void whatWasNotedIsFoundAgainAndGoneOnFrom() throws IOException {
        Path file = folder.resolve("search.journal");
        try (Journal journal = Journal.open(file, SHAPES, "one", false)) {
            journal.put(set("7f"), .25);
            journal.putNoise(set("7f"), set("3f"), .125);
        }
        Files.writeString(file, Files.readString(file) + "3f 0x1.8");
        try (Journal journal = Journal.open(file, SHAPES, "one", true)) {
            assertEquals(1, journal.size(), "a line that was cut off does not count");
            assertEquals(.25, journal.get(set("7f")));
            assertEquals(.125, journal.getNoise(set("7f"), set("3f")));
            journal.put(set("1f"), .5);
        }
        try (Journal journal = Journal.open(file, SHAPES, "one", true)) {
            assertEquals(2, journal.size());
            assertEquals(.5, journal.get(set("1f")));
        }
        assertThrows(IllegalArgumentException.class, () -> Journal.open(file, SHAPES, "two", true));
        try (Journal journal = Journal.open(file, SHAPES, "one", false)) {
            assertEquals(0, journal.size(), "begun anew");
        }
    }

    @Test
    void aFolderThatCannotBeWrittenKeepsTheJournal() throws IOException {
        Path file = folder.resolve("search.journal");
        try (Journal journal = Journal.open(file, SHAPES, "one", false)) {
            journal.put(set("7f"), .25);
        }
        String before = Files.readString(file);
        assertThrows(IOException.class, () -> Journal.open(file.resolve("below"), SHAPES, "one", true));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            Assumptions.assumeFalse(Files.isWritable(folder), "SKIPPED read-only folder: this user may write anywhere");
            assertThrows(IOException.class, () -> Journal.open(file, SHAPES, "one", true));
            assertEquals(before, Files.readString(file));
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
