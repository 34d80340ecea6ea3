package io.fovea.kernel;

import io.fovea.sites.NeighbourTable;
import java.lang.foreign.MemorySegment;

/**
 * The buffers of one call of a {@link RowKernel}: float32 rows, off-heap, 64-byte aligned, row stride = channels. Fields are set by
 * the executor before the call and not changed during it.
 */
public final class Operands {
    /** Input rows; {@code inRows * inChannels} floats. */
    public MemorySegment in;
    /** Number of packed input rows. */
    public int inRows;
    /** Second operand (residual, other summand), one row per output row; null when the layer has none. */
    public MemorySegment in2;
    /** Edge rows: row 0 is zero (padding), then the background; null when no table is read. */
    public MemorySegment edge;
    /**
     * For a mean over a map whose sites have a background row each: row s is the sum of the rows of the sites before s, for s from 0 to the
     * number of sites; null when that is not known.
     */
    public MemorySegment edgeSums;
    /** Number of edge rows. */
    public int edgeRows;
    /** Entries per output row and tap; null for layers that read row by row. */
    public NeighbourTable table;
    /** Output rows; {@code outRows * outChannels} floats. */
    public MemorySegment out;
    /** Number of packed output rows. */
    public int outRows;

    /**
     * Checks that every buffer is large enough for a layer; called at the head of each kernel's run, so that native code never sees
     * a buffer that is too small.
     *
     * @throws IndexOutOfBoundsException naming the buffer
     */
    public void check(int inChannels, int edgeChannels, int outChannels, int in2Channels) {
        need("in", in, inRows, inChannels);
        need("out", out, outRows, outChannels);
        if (in2Channels > 0) {
            need("in2", in2, outRows, in2Channels);
        }
        if (table != null) {
            need("edge", edge, edgeRows, edgeChannels);
            if (table.input().count() != inRows || table.output().count() != outRows
                    || table.input().edgeRows() > edgeRows) {
                throw new IndexOutOfBoundsException("table of " + table.input().count() + " -> "
                        + table.output().count() + " rows with " + table.input().edgeRows() + " edge rows used for "
                        + inRows + " -> " + outRows + " rows with " + edgeRows);
            }
        }
    }

    /**
     * Checks the second operand of a layer that does not read one row of it per output row.
     *
     * @throws IndexOutOfBoundsException if it is too small
     */
    public void checkSecond(int rows, int channels) {
        need("in2", in2, rows, channels);
    }

    private static void need(String name, MemorySegment segment, int rows, int channels) {
        if (rows < 0 || channels < 0) {
            throw new IndexOutOfBoundsException(name + " of " + rows + " rows of " + channels + " floats");
        }
        long floats = (long) rows * channels;
        if (segment == null || segment.byteSize() / 4 < floats) {
            throw new IndexOutOfBoundsException(name + " has " + (segment == null ? 0 : segment.byteSize())
                    + " bytes, " + rows + " rows of " + channels + " floats need more");
        }
        if ((segment.address() & 3) != 0) {
            throw new IndexOutOfBoundsException(name + " does not begin at a whole float");
        }
    }
}
