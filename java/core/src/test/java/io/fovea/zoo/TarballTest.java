package io.fovea.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class TarballTest {
    private static final String LONG = "package/" + "folder/".repeat(16) + "file.bin";

    private static Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        Random random = new Random(3);
        for (int size : new int[]{0, 1, 511, 512, 513, 70_000}) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            files.put("package/f" + size, content);
        }
        files.put(LONG, new byte[]{1, 2, 3});
        return files;
    }

    @Test
    void wantedFilesComeOutWhole() throws IOException {
        byte[] tgz = FakeNpm.tarball(files());
        Map<String, byte[]> all = Tarball.read(tgz, path -> true);
        assertEquals(files().keySet(), all.keySet());
        files().forEach((path, content) -> assertArrayEquals(content, all.get(path), path));
        assertEquals(Set.of("package/f512", LONG),
                Tarball.read(tgz, p -> p.endsWith("512") || p.equals(LONG)).keySet());
    }

    @Test
    void damageIsAnIOException() throws IOException {
        byte[] tgz = FakeNpm.tarball(files());
        for (int length = 0; length < tgz.length - 8; length += 97) {
            byte[] cut = Arrays.copyOf(tgz, length);
            assertThrows(IOException.class, () -> Tarball.read(cut, p -> true), "cut at " + length);
        }
        byte[] tar = new GZIPInputStream(new ByteArrayInputStream(tgz)).readAllBytes();
        tar[0] ^= 1;
        assertTrue(assertThrows(IOException.class, () -> Tarball.read(gzip(tar), p -> true)).getMessage()
                .contains("damaged tar header"));
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
