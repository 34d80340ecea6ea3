package io.fovea.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Files beside the repository that some tests use when they are there. */
public final class SharedFiles {
    private SharedFiles() {
    }

    /** Returns a path below the shared folder; the test is skipped with a line when it is absent. */
    public static Path need(String inner) {
        String root = System.getProperty("fovea.shared", System.getenv("FOVEA_SHARED"));
        Path path = root == null ? repository().resolveSibling("shared") : Path.of(root);
        Path file = path.resolve(inner);
        Assumptions.assumeTrue(Files.exists(file), () -> "skipped: " + file + " is not there (-Dfovea.shared=DIR)");
        return file;
    }

    private static Path repository() {
        Path at = Path.of("").toAbsolutePath();
        while (at.getParent() != null && !Files.exists(at.resolve(".git"))) {
            at = at.getParent();
        }
        return at;
    }
}
