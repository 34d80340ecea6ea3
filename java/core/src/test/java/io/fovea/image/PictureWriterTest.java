package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureWriterTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"a.png,0", "a.jpg,8", "a.JPEG,8"})
    void writesAndReplaces(String name, int tolerance) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, "what was here before");
        BufferedImage picture = Pictures.quarters(64, 48, BufferedImage.TYPE_INT_ARGB);
        PictureWriter.write(picture, file);
        Image read = Image.read(file);
        assertEquals("64x48", read.width() + "x" + read.height());
        assertTrue(Pictures.difference(Pictures.quarter(1, 1), read.rgb(48, 36)) <= tolerance);
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count(), "nothing but the picture is left");
        }
    }

    @Test
    void refusesInOneLine() throws IOException {
        var picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
        Path other = folder.resolve("a.webp");
        assertEquals(other + ": pictures are written as .jpg, .jpeg or .png", message(picture, other));
        Path nowhere = folder.resolve("none").resolve("a.png");
        assertEquals(nowhere + ": cannot be written, there is no such folder", message(picture, nowhere));
        Path taken = Files.createDirectory(folder.resolve("b.png"));
        assertEquals(taken + ": is a folder", message(picture, taken));
        Path below = Files.writeString(folder.resolve("file"), "x").resolve("a.png");
        assertTrue(message(picture, below).startsWith(below + ": cannot be written"));
    }

    private static String message(BufferedImage picture, Path file) {
        return assertThrows(ImageException.class, () -> PictureWriter.write(picture, file)).getMessage();
    }
}
