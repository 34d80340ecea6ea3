package io.fovea.train.tune;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * What is trained on, in a file: of each view the values that the trained part reads and the targets, as float16. Records have one
 * size; the file is mapped, so that memory holds as much of it as there is room. Reading is thread-safe; writing is for one thread.
 */
final class ViewFile implements AutoCloseable {
    private static final int HEAD = 4096;
    private static final float LARGEST = 65504f;

    private final Path file;
    private final FileChannel channel;
    private final Arena arena;
    private final long[] starts;
    private final long record;
    private MemorySegment mapped;
    private int count;

    private ViewFile(Path file, FileChannel channel, int[] lengths) {
        this.file = file;
        this.channel = channel;
        this.arena = Arena.ofShared();
        starts = new long[lengths.length + 1];
        for (int i = 0; i < lengths.length; i++) {
            starts[i + 1] = starts[i] + 2L * lengths[i];
        }
        record = starts[lengths.length];
    }

    /**
     * Starts a new file in place of what is there; what is there and no regular file, such as a device, is written to as it is.
     *
     * @param lengths values of each part of a record
     */
    static ViewFile create(Path file, int[] lengths) throws IOException {
        if (!Files.exists(file) || Files.isRegularFile(file)) {
            Files.deleteIfExists(file);
        }
        return new ViewFile(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE), lengths);
    }

    /** Opens a finished file; null when it is none of this identity. */
    static ViewFile open(Path file, int[] lengths, String identity) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        ViewFile views = new ViewFile(file, FileChannel.open(file, StandardOpenOption.READ), lengths);
        byte[] head = new byte[HEAD];
        int read = views.channel.read(ByteBuffer.wrap(head), 0);
        if (read == HEAD && Arrays.equals(head, head(identity))) {
            views.count = (int) ((views.channel.size() - HEAD) / views.record);
            views.map();
            return views;
        }
        views.close();
        return null;
    }

    private static byte[] head(String identity) {
        byte[] text = identity.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(text, HEAD);
    }

    /**
     * Appends a record.
     *
     * @throws FileSystemException naming the file if it cannot be written, on a full disk for example
     */
    void add(float[]... parts) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) record).order(java.nio.ByteOrder.nativeOrder());
        for (float[] part : parts) {
            for (float v : part) {
                bytes.putShort(Float.floatToFloat16(Math.clamp(v, -LARGEST, LARGEST)));
            }
        }
        bytes.flip();
        write(bytes, HEAD + record * count);
        count++;
    }

    private void write(ByteBuffer bytes, long at) throws IOException {
        long to = at;
        try {
            while (bytes.hasRemaining()) {
                to += channel.write(bytes, to);
            }
        } catch (IOException e) {
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    /** Returns whether the file is whole. */
    boolean isFinished() {
        return mapped != null;
    }

    /** Removes the closed file. */
    void remove() throws IOException {
        if (Files.isRegularFile(file)) {
            Files.delete(file);
        }
    }

    /** Marks the file as whole and makes it readable. */
    void finish(String identity) throws IOException {
        write(ByteBuffer.wrap(head(identity)), 0);
        map();
    }

    private void map() throws IOException {
        mapped = channel.map(FileChannel.MapMode.READ_ONLY, HEAD, record * count, arena);
    }

    /** Returns the number of records. */
    int count() {
        return count;
    }

    /**
     * Copies one part of a record.
     *
     * @param to float16 in native order
     * @param at byte from which it is written
     */
    void copy(int index, int part, MemorySegment to, long at) {
        MemorySegment.copy(mapped, index * record + starts[part], to, at, starts[part + 1] - starts[part]);
    }

    /** Returns one part of a record. */
    float[] read(int index, int part) {
        float[] values = new float[(int) ((starts[part + 1] - starts[part]) / 2)];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(mapped.get(ValueLayout.JAVA_SHORT_UNALIGNED,
                    index * record + starts[part] + 2L * i));
        }
        return values;
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
    }
}
