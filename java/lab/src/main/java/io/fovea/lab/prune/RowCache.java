package io.fovea.lab.prune;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The rows of many photos in a memory-mapped file, so that they need not fit the heap. Layout, all little-endian: magic (8 bytes), photo
 * count (int), shape count (int), SHA-256 of the identity (32 bytes); per photo the offset of its block (long); then the blocks:
 * box, entry and group counts, photo width and height (5 ints), per box four corners (float), shape and row (ints), per group class and entry count
 * (ints), per entry box (int) and score (float). Reading is thread-safe.
 */
final class RowCache implements Closeable {
    private static final long MAGIC = 0x31_45_48_43_41_43_56_46L;
    private static final int HEAD = 48;
    private static final int BLOCK_HEAD = 20;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment data;
    private final int photos;
    private final int shapes;

    private RowCache(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            data = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
        photos = data.get(INT, 8);
        shapes = data.get(INT, 12);
    }

    /** Opens a complete file that was written for the same identity; returns null when there is none. */
    static RowCache open(Path file, String identity) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) < HEAD) {
            return null;
        }
        RowCache cache = new RowCache(file);
        byte[] digest = digest(identity);
        boolean same = cache.data.get(LONG, 0) == MAGIC && cache.data.byteSize() >= HEAD + 8L * cache.photos
                && cache.data.asSlice(16, 32).mismatch(MemorySegment.ofArray(digest)) < 0;
        if (!same) {
            cache.close();
            return null;
        }
        return cache;
    }

    int photos() {
        return photos;
    }

    int shapes() {
        return shapes;
    }

    /** Returns where the block of a photo begins. */
    long block(int photo) {
        return data.get(LONG, HEAD + 8L * photo);
    }

    int boxes(long block) {
        return data.get(INT, block);
    }

    int entries(long block) {
        return data.get(INT, block + 4);
    }

    int groups(long block) {
        return data.get(INT, block + 8);
    }

    int width(long block) {
        return data.get(INT, block + 12);
    }

    int height(long block) {
        return data.get(INT, block + 16);
    }

    /** Returns corner 0 .. 3 of a box. */
    float corner(long block, int box, int corner) {
        return data.get(FLOAT, block + BLOCK_HEAD + 24L * box + 4L * corner);
    }

    int shape(long block, int box) {
        return data.get(INT, block + BLOCK_HEAD + 24L * box + 16);
    }

    int row(long block, int box) {
        return data.get(INT, block + BLOCK_HEAD + 24L * box + 20);
    }

    /** Returns where the groups of a block begin. */
    long groupsAt(long block) {
        return block + BLOCK_HEAD + 24L * boxes(block);
    }

    int groupClass(long groupsAt, int group) {
        return data.get(INT, groupsAt + 8L * group);
    }

    int groupEntries(long groupsAt, int group) {
        return data.get(INT, groupsAt + 8L * group + 4);
    }

    /** Returns where the entries of a block begin. */
    long entriesAt(long block) {
        return groupsAt(block) + 8L * groups(block);
    }

    int entryBox(long entriesAt, int entry) {
        return data.get(INT, entriesAt + 8L * entry);
    }

    float entryScore(long entriesAt, int entry) {
        return data.get(FLOAT, entriesAt + 8L * entry + 4);
    }

    /** Reads one photo back. */
    PhotoRows read(int photo) {
        long block = block(photo);
        int n = boxes(block);
        float[] corners = new float[4 * n];
        int[] shape = new int[n];
        int[] row = new int[n];
        for (int b = 0; b < n; b++) {
            for (int c = 0; c < 4; c++) {
                corners[4 * b + c] = corner(block, b, c);
            }
            shape[b] = shape(block, b);
            row[b] = row(block, b);
        }
        int count = entries(block);
        int[] classes = new int[count];
        int[] boxes = new int[count];
        float[] scores = new float[count];
        int at = 0;
        for (int g = 0; g < groups(block); g++) {
            for (int i = 0; i < groupEntries(groupsAt(block), g); i++) {
                classes[at] = groupClass(groupsAt(block), g);
                boxes[at] = entryBox(entriesAt(block), at);
                scores[at] = entryScore(entriesAt(block), at);
                at++;
            }
        }
        return new PhotoRows(width(block), height(block), corners, shape, row, classes, boxes, scores);
    }

    @Override
    public void close() {
        arena.close();
    }

    private static byte[] digest(String identity) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes a cache beside its place and moves it there when it is complete. Thread-safe. */
    static final class Writer implements Closeable {
        private final Path file;
        private final Path part;
        private final FileChannel channel;
        private final long[] blocks;
        private final byte[] digest;
        private final int shapes;
        private long end;
        private int written;

        Writer(Path file, int photos, int shapes, String identity) throws IOException {
            this.file = file;
            this.shapes = shapes;
            part = file.resolveSibling(file.getFileName() + ".part");
            channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
            blocks = new long[photos];
            digest = digest(identity);
            end = HEAD + 8L * photos;
        }

        /** Writes the rows of one photo; every photo must be written once, in any order. */
        void add(int photo, PhotoRows rows) throws IOException {
            ByteBuffer block = encode(rows.sorted());
            long at;
            synchronized (this) {
                if (blocks[photo] != 0) {
                    throw new IllegalStateException("photo " + photo + " is written twice");
                }
                at = end;
                blocks[photo] = at;
                end += block.remaining();
                written++;
            }
            writeAll(block, at);
        }

        private void writeAll(ByteBuffer bytes, long at) throws IOException {
            long to = at;
            while (bytes.hasRemaining()) {
                to += channel.write(bytes, to);
            }
        }

        private static ByteBuffer encode(PhotoRows rows) {
            int groups = 0;
            int n = rows.scores().length;
            for (int i = 0; i < n; i++) {
                groups += i == 0 || rows.classes()[i] != rows.classes()[i - 1] ? 1 : 0;
            }
            int boxes = rows.shapes().length;
            ByteBuffer out = ByteBuffer.allocate(Math.addExact(BLOCK_HEAD + 24 * boxes, 8 * (groups + n)))
                    .order(ByteOrder.LITTLE_ENDIAN);
            out.putInt(boxes).putInt(n).putInt(groups).putInt(rows.width()).putInt(rows.height());
            for (int b = 0; b < boxes; b++) {
                for (int c = 0; c < 4; c++) {
                    out.putFloat(rows.corners()[4 * b + c]);
                }
                out.putInt(rows.shapes()[b]).putInt(rows.rows()[b]);
            }
            for (int i = 0; i < n;) {
                int from = i;
                while (i < n && rows.classes()[i] == rows.classes()[from]) {
                    i++;
                }
                out.putInt(rows.classes()[from]).putInt(i - from);
            }
            for (int i = 0; i < n; i++) {
                out.putInt(rows.boxes()[i]).putFloat(rows.scores()[i]);
            }
            return out.flip();
        }

        /** Completes the file and puts it in its place. */
        void finish() throws IOException {
            if (written != blocks.length) {
                throw new IllegalStateException(written + " of " + blocks.length + " photos were written");
            }
            ByteBuffer head = ByteBuffer.allocate(HEAD + 8 * blocks.length).order(ByteOrder.LITTLE_ENDIAN);
            head.putLong(MAGIC).putInt(blocks.length).putInt(shapes).put(digest);
            for (long b : blocks) {
                head.putLong(b);
            }
            writeAll(head.flip(), 0);
            channel.close();
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(part);
        }
    }
}
