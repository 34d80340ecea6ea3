package io.fovea.zoo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Shell scripts that stand in for npm, and tarballs for them to give. */
final class FakeNpm {
    private FakeNpm() {
    }

    /** An npm that runs a shell script; {@code $4} is the folder for the tarball. */
    static Npm script(Path folder, String body) throws IOException {
        Path script = Files.writeString(Files.createTempFile(folder, "npm", ".sh"), body);
        return new Npm(List.of("sh", script.toString()));
    }

    /** An npm that leaves the given file as the tarball. */
    static Npm giving(Path folder, Path tarball) throws IOException {
        return script(folder, "echo notice; cp '" + tarball + "' \"$4/some-package-1.0.0.tgz\"\n");
    }

    /** Returns a gzipped tar archive. */
    static byte[] tarball(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                out.write(header(file.getKey(), file.getValue().length));
                out.write(file.getValue());
                out.write(new byte[(512 - file.getValue().length % 512) % 512]);
            }
            out.write(new byte[1024]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] header(String path, int size) {
        byte[] header = new byte[512];
        int cut = path.length() <= 100 ? -1 : path.lastIndexOf('/', 154);
        put(header, 0, path.substring(cut + 1));
        put(header, 345, cut < 0 ? "" : path.substring(0, cut));
        put(header, 100, "0000644\0");
        put(header, 124, String.format("%011o\0", size));
        header[156] = (byte) '0';
        put(header, 257, "ustar\00000");
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
