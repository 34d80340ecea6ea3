package io.fovea.kernel;

import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;

/**
 * Bilinear mixtures of four rows each, then a line per channel: {@code out[r][c] = a[c] * sum of weight[r][i] * map[corner[r][i]][c] + b[c]}. All memory
 * is off-heap. Stateless and thread-safe; every implementation gives the same result up to rounding.
 */
public interface RowBlend {

    /** Multiply-accumulates per channel: four of the mixture, one of the line. */
    int MACS = 5;

    /** Rows that are mixed into one. */
    int CORNERS = 4;

    /**
     * Which rows are mixed, and how.
     *
     * @param corners int32, row numbers in the map, {@code [rows][4]}
     * @param weights float32, their weights, {@code [rows][4]}
     */
    record Mixture(MemorySegment corners, MemorySegment weights) {}

    /**
     * Writes rows {@code from..to}.
     *
     * @param map float32 rows of {@code channels}
     * @param mixture for at least {@code to} rows
     * @param a one factor per channel
     * @param b one offset per channel
     * @param out float32 rows of {@code channels}
     * @param from first row
     * @param to end, exclusive
     * @throws RuntimeException if a buffer is too small or a corner is no row of the map
     */
    void blend(MemorySegment map, Mixture mixture, MemorySegment a, MemorySegment b, MemorySegment out, int from,
            int to, int channels);

    /** Returns the fastest implementation that runs here. */
    static RowBlend fastest() {
        return Stream.of("cpp", "vector", "scalar")
                .flatMap(tier -> KernelTiers.ready(tier).flatMap(KernelTier::blend).stream()).findFirst().orElseThrow();
    }
}
