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
     * Returns running sums over a value's background rows, for means over whole maps: row s is the sum of the rows of the sites before s, for s
     * from 0 to the number of sites. Null when they would have to be added up for every run.
     *
     * @param value name of the value in the planned graph
     * @param sites number of rows
     * @param channels channels of a row
     */
    default MemorySegment edgeSums(String value, int sites, int channels) {
        return null;
    }
}
