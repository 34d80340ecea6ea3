package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhotosTest {
    @TempDir
    Path folder;

    private final List<String> failures = new ArrayList<>();

    private List<Photos.Photo> list(Path... arguments) {
        return Photos.list(List.of(arguments), (path, message) -> failures.add(path + ": " + message));
    }

    @Test
    void walksFoldersInOrderAndTakesPhotosOnly() throws IOException {
        for (String name : List.of("b/2.JPG", "b/1.png", "a.jpeg", "notes.txt", "b/.hidden.gif")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        List<String> names = list(folder).stream().map(photo -> photo.name().toString().replace('\\', '/')).toList();
        assertEquals(List.of("a.jpeg", "b/1.png", "b/2.JPG"), names);
        assertTrue(failures.isEmpty(), failures::toString);
    }

    @Test
    void namedFilesAreTakenAsTheyAre() {
        Path missing = folder.resolve("x/none.bmp");
        List<Photos.Photo> photos = list(missing);
        assertEquals(List.of(new Photos.Photo(missing, Path.of("none.bmp"))), photos);
    }

    @Test
    void folderWithoutPhotosIsReported() {
        assertTrue(list(folder).isEmpty());
        assertEquals(List.of(folder + ": holds no photo (JPEG or PNG)"), failures);
    }

    @Test
    void folderThatLinksToItselfEnds() throws IOException {
        Files.createFile(folder.resolve("a.png"));
        Files.createSymbolicLink(folder.resolve("again"), folder);
        assertEquals(1, list(folder).size());
        assertEquals(1, failures.size(), failures::toString);
    }
}
