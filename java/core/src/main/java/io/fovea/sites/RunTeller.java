package io.fovea.sites;

import io.fovea.graph.Window;
import java.lang.foreign.MemorySegment;

/**
 * Finds the runs of a table (see {@link NeighbourTable#runs}) faster than this package does; a kernel tier may have one. Thread-safe.
 */
public interface RunTeller {

    /**
     * Tells all runs.
     *
     * @param window geometry, at least three wide, columns not dilated
     * @param sites first position and end of each run of active output sites, row-major, in increasing order, each within one image row
     * @param sitesLength ints of it
     * @param width width of the output
     * @param lines what the input's columns read as: stretches of 4 ints, see {@link SiteSet}
     * @param linesLength ints of it
     * @param firstLines index in {@code lines} of each image row's first stretch, and last that of rows outside the map
     * @param told where to write them: int32, off-heap, of room for as many runs as there are sites, or runs of sites plus the window's height times the
     *     stretches
     * @return ints written
     */
    int tell(Window window, int[] sites, int sitesLength, int width, int[] lines, int linesLength, int[] firstLines,
            MemorySegment told);
}
