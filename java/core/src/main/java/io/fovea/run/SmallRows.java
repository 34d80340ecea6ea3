package io.fovea.run;

import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A buffer of rows that grows, with what a kernel call on it needs. Used by one thread at a time. */
final class SmallRows {
    final Operands operands = new Operands();
    final Scratch scratch = new Scratch();
    MemorySegment rows = MemorySegment.NULL;

    /** Returns the buffer with room for so many floats and a line more; contents are undefined. */
    MemorySegment of(long floats) {
        if (rows.byteSize() < 4 * floats + 64) {
            rows = Arena.ofAuto().allocate(8 * floats + 64, 64);
        }
        return rows;
    }
}
