package io.fovea.kernel.onednn;

import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;

/** Computes blocks of packed output rows, whichever sites they belong to. Thread-safe. */
interface RowWay {

    /** Returns the rows of a block; the last one may have fewer. */
    int blockRows();

    /** Returns the scratch of one call. */
    long scratchFloats();

    /**
     * Computes one block.
     *
     * @param operands buffers that are large enough
     * @param row first row
     * @param rows at most {@link #blockRows}
     * @param direct whether output row r reads input row r and nothing else
     * @param scratch the calling worker's
     */
    void run(Operands operands, int row, int rows, boolean direct, Scratch scratch);

    /**
     * Returns the address of a buffer that native code may use.
     *
     * @throws IllegalArgumentException if it lies on the Java heap
     * @throws IllegalStateException if it was freed
     */
    static long address(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("rows lie on the Java heap, oneDNN needs them off it");
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("rows were freed");
        }
        return segment.address();
    }
}
