package io.fovea.sites;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * What inactive sites of one image read as, for some values of a net; its other values read a {@link Background}. Rows are asked for only
 * where a table reads them: at the ring of inactive sites around the active ones.
 *
 * <p>Belongs to one run, during which several threads may write rows of one value at once.
 */
public interface Periphery {

    /** Returns the names of the values, the same for every image. */
    Set<String> values();

    /**
     * Makes ready to write a value's rows; called by one thread before {@link #fill}, for one value after the other.
     *
     * @param value one of {@link #values()}
     * @param sites sites of the value's resolution
     * @return the multiply-accumulates that making ready and writing take
     */
    long prepare(String value, SiteSet sites);

    /**
     * Writes the rows of ring sites of the value that was made ready last.
     *
     * @param value one of {@link #values()}
     * @param sites sites of the value's resolution; see {@link SiteSet#ringPosition}
     * @param from first ring site
     * @param to end, exclusive
     * @param rows float32, off-heap: ring site k is row {@code 1 + k}
     */
    void fill(String value, SiteSet sites, int from, int to, MemorySegment rows);
}
