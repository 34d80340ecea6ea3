package io.fovea.zoo;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/** Reads chosen files of a gzipped tar archive (POSIX ustar, as npm writes it) into memory; nothing is unpacked to disk. */
final class Tarball {
    private static final int BLOCK = 512;
    private static final long MAX_KEPT = 512L << 20;

    private Tarball() {
    }

    /**
     * Reads the files whose path is wanted.
     *
     * @throws IOException if the archive is damaged, truncated, or uses an extension that is not supported
     */
    static Map<String, byte[]> read(byte[] gzipped, Predicate<String> wanted) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        long kept = 0;
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzipped), 1 << 16)) {
            for (byte[] header = block(in); !isEnd(header); header = block(in)) {
                checkSum(header);
                long size = octal(header, 124, 12);
                char type = (char) header[156];
                String prefix = text(header, 345, 155);
                String path = (prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, 100);
                if (type != '0' && type != 0 && type != '5' && type != 'g') {
                    throw new IOException("tar entry '" + path + "' has type '" + type + "', which is not supported");
                }
                if (type != '5' && type != 'g' && wanted.test(path)) {
                    kept += size;
                    if (kept > MAX_KEPT) {
                        throw new IOException("the archive's files are larger than " + (MAX_KEPT >> 20) + " MiB");
                    }
                    byte[] content = in.readNBytes((int) size);
                    if (content.length < size) {
                        throw new EOFException("the archive ends within '" + path + "'");
                    }
                    files.put(path, content);
                } else {
                    in.skipNBytes(size);
                }
                in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
            }
        }
        return files;
    }

    private static byte[] block(InputStream in) throws IOException {
        byte[] block = in.readNBytes(BLOCK);
        if (block.length < BLOCK) {
            throw new EOFException("the archive ends early");
        }
        return block;
    }

    private static boolean isEnd(byte[] header) {
        for (byte b : header) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** The sum of all header bytes, its own eight counted as spaces. */
    private static void checkSum(byte[] header) throws IOException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        if (sum != octal(header, 148, 8)) {
            throw new IOException("damaged tar header");
        }
    }

    private static long octal(byte[] header, int at, int length) throws IOException {
        String digits = text(header, at, length).strip();
        if (!digits.matches("[0-7]{1,11}")) {
            throw new IOException("damaged number '" + digits + "' in a tar header");
        }
        return Long.parseLong(digits, 8);
    }

    private static String text(byte[] header, int at, int length) {
        int end = at;
        while (end < at + length && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.UTF_8);
    }
}
