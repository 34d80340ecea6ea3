package io.fovea.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Working memory of one worker: an array for Java kernels and a segment for native ones. Grows, is never shared. */
public final class Scratch {
    private float[] floats = new float[0];
    private int[] ints = new int[0];
    private MemorySegment segment = MemorySegment.NULL;

    /** Returns an array of at least the given length; contents are undefined. */
    public float[] floats(int length) {
        if (floats.length < length) {
            floats = new float[length];
        }
        return floats;
    }

    /** Returns an int array of at least the given length; contents are undefined. */
    public int[] ints(int length) {
        if (ints.length < length) {
            ints = new int[length];
        }
        return ints;
    }

    /** Returns an off-heap, 64-byte aligned segment of at least the given number of floats; contents are undefined. */
    public MemorySegment segment(long length) {
        if (segment.byteSize() < 4 * length) {
            segment = Arena.ofAuto().allocate(4 * length, 64);
        }
        return segment;
    }
}
