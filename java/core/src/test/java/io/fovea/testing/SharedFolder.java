package io.fovea.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files beside the repository that tests use where they are at hand. */
public final class SharedFolder {
    private SharedFolder() {
    }

    /** Returns a folder of the property fovea.shared, the variable FOVEA_SHARED, or ../shared beside the repository. */
    public static Path of(String name) {
        String given = System.getProperty("fovea.shared", System.getenv("FOVEA_SHARED"));
        if (given != null) {
            return Path.of(given, name);
        }
        Path at = Path.of("").toAbsolutePath();
        while (at.getParent() != null && !Files.isDirectory(at.resolve("models").resolve("..").resolve(".git"))) {
            at = at.getParent();
        }
        return at.resolveSibling("shared").resolve(name);
    }
}
