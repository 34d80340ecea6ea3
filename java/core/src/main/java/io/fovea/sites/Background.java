package io.fovea.sites;

import java.lang.foreign.MemorySegment;

/**
 * What inactive sites read as. Only values that are read through a neighbour table need one.
 *
 * <p>Implementations are immutable and thread-safe, unless they say that they belong to one stream.
 */
public interface Background {

    /** Returns the name shown to people. */
    String name();

    /** Returns whether every site has a row of its own, or all sites of a value share one. */
    boolean perSite();

    /**
     * Returns the edge rows of a value: a row of zeros (padding), then one background row, or one per site in row-major order;
     * float32, off-heap, 64-byte aligned.
     *
     * @param value name of the value in the planned graph
     * @throws IllegalArgumentException if the background has nothing for the value
     */
    MemorySegment edgeRows(String value);

    /**
     * Returns the sum over a value's background rows, or null when it is not known without adding them up: for means over whole maps.
     *
     * @param value name of the value in the planned graph
     * @param sites number of rows
     * @param channels channels of a row
     */
    default MemorySegment edgeTotal(String value, int sites, int channels) {
        return null;
    }
}
