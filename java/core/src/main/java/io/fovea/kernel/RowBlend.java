package io.fovea.kernel;

import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;

/**
 * The bilinear mixture of four rows, then a line per channel: {@code out[c] = a[c] * sum of w[i] * row[i][c] + b[c]}. All memory is
 * float32. Stateless and thread-safe; every implementation gives the same result up to rounding.
 */
public interface RowBlend {

    /** Multiply-accumulates per channel: four of the mixture, one of the line. */
    int MACS = 5;

    /** Numbers of the four rows in the map, and their weights; reused from row to row by one thread. */
    final class Corners {
        /** Row above, left. */
        public long i00;
        /** Row above, right. */
        public long i01;
        /** Row below, left. */
        public long i10;
        /** Row below, right. */
        public long i11;
        /** Weight of the rows below, 0..1. */
        public float below;
        /** Weight of the rows to the right, 0..1. */
        public float right;
    }

    /**
     * Writes one row.
     *
     * @param map rows of {@code channels}
     * @param at which rows are mixed, and how
     * @param a one factor per channel
     * @param b one offset per channel
     * @param out rows of {@code channels}
     * @param row row of {@code out} to write
     */
    void blend(MemorySegment map, Corners at, MemorySegment a, MemorySegment b, MemorySegment out, long row,
            int channels);

    /** Returns the fastest implementation that runs here. */
    static RowBlend fastest() {
        return Stream.of("cpp", "vector", "scalar")
                .flatMap(tier -> KernelTiers.ready(tier).flatMap(KernelTier::blend).stream()).findFirst().orElseThrow();
    }
}
