package io.fovea.kernel.onednn;

import io.fovea.kernel.Operands;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The memory objects of one call of a {@link Program}. Used by one thread at a time, kept for the next. */
final class Arguments {
    private static final int SRC = 0;
    private static final int DST = 1;
    private static final int WEIGHTS = 2;
    private static final int BIAS = 3;
    private static final int SCRATCHPAD = 4;
    private static final int RESIDUAL = 5;
    private final long primitive;
    private final int count;
    private final MemorySegment table;
    private final long[] memories;
    private int rows = -1;

    Arguments(Arena arena, long primitive, boolean residual, long weightsDesc, long weights, long biasDesc, long bias,
            long scratchpadDesc) {
        this.primitive = primitive;
        this.count = residual ? 6 : 5;
        this.table = arena.allocate((long) count * Dnnl.ARG_BYTES, 8);
        this.memories = new long[count];
        fixed(arena, WEIGHTS, Dnnl.ARG_WEIGHTS, weightsDesc, weights);
        fixed(arena, BIAS, Dnnl.ARG_BIAS, biasDesc, bias);
        fixed(arena, SCRATCHPAD, Dnnl.ARG_SCRATCHPAD, scratchpadDesc, 0);
    }

    private void fixed(Arena arena, int index, int argument, long desc, long address) {
        memories[index] = Dnnl.own(arena, Dnnl.memory(desc, address), Dnnl::destroyMemory);
        put(table, index, argument, memories[index]);
    }

    /** Returns the rows that these arguments were shaped for last, -1 for none. */
    int rows() {
        return rows;
    }

    /** Gives the rows their memory objects; those of an earlier shape are destroyed. */
    void shape(int newRows, long src, long dst) {
        if (rows >= 0) {
            close();
        }
        memories[SRC] = Dnnl.memory(src, 0);
        memories[DST] = Dnnl.memory(dst, 0);
        put(table, SRC, Dnnl.ARG_SRC, memories[SRC]);
        put(table, DST, Dnnl.ARG_DST, memories[DST]);
        if (count > RESIDUAL) {
            memories[RESIDUAL] = Dnnl.memory(dst, 0);
            put(table, RESIDUAL, Dnnl.ARG_FIRST_BINARY, memories[RESIDUAL]);
        }
        rows = newRows;
    }

    /** Destroys the rows' memory objects. */
    void close() {
        if (rows >= 0) {
            rows = -1;
            Dnnl.destroyMemory(memories[SRC]);
            Dnnl.destroyMemory(memories[DST]);
            if (count > RESIDUAL) {
                Dnnl.destroyMemory(memories[RESIDUAL]);
            }
        }
    }

    /** Runs the primitive on the given addresses, which lie in the segments that are held (or in the caller's scratch). */
    void execute(long src, long dst, long residual, long scratchpad, Operands held, MemorySegment weights) {
        Dnnl.setHandle(memories[SRC], src);
        Dnnl.setHandle(memories[DST], dst);
        Dnnl.setHandle(memories[SCRATCHPAD], scratchpad);
        if (count > RESIDUAL) {
            Dnnl.setHandle(memories[RESIDUAL], residual);
        }
        Dnnl.execute(primitive, count, table.address(), held.in, held.out,
                count > RESIDUAL ? held.in2 : MemorySegment.NULL, weights);
    }

    /** Writes one {@code dnnl_exec_arg_t}. */
    static void put(MemorySegment table, int index, int argument, long memory) {
        table.set(ValueLayout.JAVA_INT, (long) index * Dnnl.ARG_BYTES, argument);
        table.set(ValueLayout.JAVA_LONG, (long) index * Dnnl.ARG_BYTES + 8, memory);
    }
}
