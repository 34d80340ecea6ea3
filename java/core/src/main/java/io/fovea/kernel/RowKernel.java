package io.fovea.kernel;

/**
 * One prepared layer: weights packed, code chosen. Immutable and thread-safe; the result of a unit does not depend on how the
 * units are split over calls.
 */
public interface RowKernel {

    /** Returns the name shown by the profiler, tier first, for example {@code vector/gemm}. */
    String name();

    /**
     * Returns a kernel that has to run over this one's output, in place, when all units are done; null when there is none. Its input
     * and output both are this one's output, without a table.
     */
    default RowKernel then() {
        return null;
    }

    /** Returns the number of independent units of work for the given call; 0 when there is nothing to do. */
    int units(Operands operands);

    /** Returns the scratch that one worker needs, in floats. */
    default long scratchFloats(Operands operands) {
        return 0;
    }

    /**
     * Computes units {@code from..to-1}.
     *
     * @param operands buffers
     * @param from first unit
     * @param to end, exclusive
     * @param scratch the calling worker's scratch
     */
    void run(Operands operands, int from, int to, Scratch scratch);
}
