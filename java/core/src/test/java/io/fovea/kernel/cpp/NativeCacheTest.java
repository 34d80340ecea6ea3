package io.fovea.kernel.cpp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the library is found and how it is unpacked. */
class NativeCacheTest {
    @TempDir
    Path folder;

    @Test
    void unpacksOnceUnderTheContentsHash() throws Exception {
        NativeCache cache = new NativeCache(folder.resolve("a").resolve("natives"));
        byte[] content = {1, 2, 3};
        Path file = cache.unpack(content, "lib.so");
        assertArrayEquals(content, Files.readAllBytes(file));
        assertEquals("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
                file.getParent().getFileName().toString());
        Object written = Files.getLastModifiedTime(file);
        assertEquals(file, cache.unpack(content, "lib.so"));
        assertEquals(written, Files.getLastModifiedTime(file));
        assertNotEquals(file.getParent(), cache.unpack(new byte[]{4}, "lib.so").getParent());
    }

    @Test
    void damagedFileIsReplaced() throws Exception {
        NativeCache cache = new NativeCache(folder);
        byte[] content = {1, 2, 3};
        Path file = cache.unpack(content, "lib.so");
        Files.write(file, new byte[]{1, 2, 4});
        assertArrayEquals(content, Files.readAllBytes(cache.unpack(content, "lib.so")));
    }

    @Test
    void folderIsPrivate() throws Exception {
        Assumptions.assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        NativeCache cache = new NativeCache(folder.resolve("b").resolve("natives"));
        Path home = cache.unpack(new byte[]{9}, "lib.so").getParent();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home)));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> cache.unpack(new byte[]{9}, "lib.so"));
        assertTrue(e.getMessage().contains("written by others"), e.getMessage());
    }

    @Test
    void manyAtOnceGetOneWholeFile() throws Exception {
        NativeCache cache = new NativeCache(folder);
        byte[] content = new byte[1 << 18];
        List<Callable<byte[]>> tasks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tasks.add(() -> Files.readAllBytes(cache.unpack(content, "lib.so")));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<byte[]> read : threads.invokeAll(tasks)) {
                assertArrayEquals(content, read.get());
            }
        }
        try (var files = Files.walk(folder)) {
            assertEquals(1, files.filter(Files::isRegularFile).count());
        }
    }

    @Test
    void chosenPathMustExist() throws Exception {
        Path file = Files.write(folder.resolve("libfovea_native.so"), new byte[1]);
        assertEquals(file, NativeLibrary.locate(folder.toString(), "linux-x86_64"));
        assertEquals(file, NativeLibrary.locate(file.toString(), "linux-x86_64"));
        IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> NativeLibrary.locate(folder.resolve("none").toString(), "linux-x86_64"));
        assertTrue(e.getMessage().contains("fovea.native.path"), e.getMessage());
        IllegalStateException none = assertThrows(IllegalStateException.class,
                () -> NativeLibrary.locate(null, "plan9-vax"));
        assertTrue(none.getMessage().startsWith("no library for plan9-vax"), none.getMessage());
    }

    @Test
    void platformIsNamedAsInTheArtifact() {
        assertTrue(NativeLibrary.platform().matches("[a-z0-9_]+-[a-z0-9_]+"), NativeLibrary.platform());
    }
}
