package io.fovea.kernel.cpp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Writes the fields of {@code struct fovea_block} one after another: buffers with their lengths, then sizes, then activations. */
final class BlockArguments {
    /** Size of the struct: 14 buffers, 15 sizes, 3 activations of 3 words. */
    static final long BYTES = 14 * 16 + 15 * 4 + 9 * 4;
    private static final MemorySegment NULL = MemorySegment.NULL;
    private final MemorySegment struct;
    private long at;

    BlockArguments(MemorySegment struct) {
        this.struct = struct;
    }

    BlockArguments buffer(MemorySegment buffer) {
        struct.set(ADDRESS, at, buffer == null ? NULL : buffer);
        struct.set(JAVA_LONG, at + 8, buffer == null ? 0 : buffer.byteSize() / 4);
        at += 16;
        return this;
    }

    /** A buffer of which only the first {@code length} elements of four bytes are used. */
    BlockArguments buffer(MemorySegment buffer, int length) {
        struct.set(ADDRESS, at, buffer);
        struct.set(JAVA_LONG, at + 8, length);
        at += 16;
        return this;
    }

    BlockArguments size(int value) {
        struct.set(JAVA_INT, at, value);
        at += 4;
        return this;
    }

    BlockArguments activation(NativeActivation f) {
        struct.set(JAVA_INT, at, f.kind());
        struct.set(JAVA_FLOAT, at + 4, f.alpha());
        struct.set(JAVA_FLOAT, at + 8, f.beta());
        at += 12;
        return this;
    }

    /** Overwrites the last buffer, the scratch. */
    void scratch(MemorySegment scratch) {
        at = 13 * 16;
        buffer(scratch);
    }
}
