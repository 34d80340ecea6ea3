package io.fovea.sites;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The active sites of one resolution in row-major order, with the map position -&gt; row of the packed activations. Mutable and
 * reused from run to run; not thread-safe.
 *
 * <p>The map holds a <em>table entry</em> for every position of the {@link SiteGrid}: the row of an active site; {@link #count()}
 * for padding; and for an inactive site {@code count() + 1}, or {@code count() + 1 + position} when the background keeps one row per
 * position. Entries from {@code count()} on index the edge rows of a value: row 0 is zero, the others are the background.
 */
public final class SiteSet {
    private final SiteGrid grid;
    private final boolean backgroundPerSite;
    private final int[] positions;
    private final int[] entries;
    private final int[] firstRows;
    private final MemorySegment rowStart;
    private final boolean[] activeRow;
    private final boolean[] inactiveRow;
    private int[] runs = new int[64];
    private int count;
    private long version;

    /**
     * Makes a set with no active site.
     *
     * @param grid positions
     * @param backgroundPerSite whether inactive sites have a background row each, or share one
     * @param arena owner of the off-heap row starts
     */
    public SiteSet(SiteGrid grid, boolean backgroundPerSite, Arena arena) {
        this.grid = grid;
        this.backgroundPerSite = backgroundPerSite;
        this.positions = new int[grid.sites()];
        this.entries = new int[grid.paddedLength()];
        this.firstRows = new int[grid.height() + 1];
        this.inactiveRow = new boolean[grid.width()];
        this.activeRow = new boolean[grid.width()];
        Arrays.fill(activeRow, true);
        this.rowStart = arena.allocate(4L * (grid.height() + 1), 64);
        set(new boolean[grid.sites()]);
    }

    /** Returns the positions that this set chooses from. */
    public SiteGrid grid() {
        return grid;
    }

    /** Returns the number of active sites, which is the number of packed rows. */
    public int count() {
        return count;
    }

    /** Returns whether every site is active. */
    public boolean isFull() {
        return count == grid.sites();
    }

    /** Returns the number of edge rows that entries of this set can name: padding and background. */
    public int edgeRows() {
        return backgroundPerSite ? 1 + grid.sites() : 2;
    }

    /** Returns whether each inactive site has its own background row. */
    public boolean backgroundPerSite() {
        return backgroundPerSite;
    }

    /** Returns the row-major position {@code y * width + x} of a packed row. */
    public int position(int row) {
        return positions[row];
    }

    /** Returns the end of the packed rows from {@code row} on whose positions follow each other without a gap. */
    public int runEnd(int row) {
        if (isFull()) {
            return count;
        }
        int end = row + 1;
        int shift = positions[row] - row;
        while (end < count && positions[end] - end == shift) {
            end++;
        }
        return end;
    }

    /** Returns the packed row of a position, or -1 when it is inactive. */
    public int row(int y, int x) {
        int entry = entries[grid.index(y, x)];
        return entry < count ? entry : -1;
    }

    /** Returns the first packed row of image row y; {@code firstRow(height)} is {@link #count()}. */
    public int firstRow(int y) {
        return firstRows[y];
    }

    /** Returns the first packed rows of all image rows as {@code height + 1} int32, off-heap, for native kernels. */
    public MemorySegment rowStart() {
        return rowStart;
    }

    /** Returns a number that changes with every change of the set. */
    public long version() {
        return version;
    }

    /** Makes every site active. */
    public void fill() {
        boolean[] all = new boolean[grid.sites()];
        Arrays.fill(all, true);
        set(all);
    }

    /**
     * Chooses the active sites.
     *
     * @param active one flag per position, row-major
     * @throws IllegalArgumentException if the length is not the number of sites
     */
    public void set(boolean[] active) {
        if (active.length != grid.sites()) {
            throw new IllegalArgumentException("site set of " + grid.height() + "x" + grid.width() + " given "
                    + active.length + " flags");
        }
        int height = grid.height();
        int width = grid.width();
        int n = 0;
        int r = 0;
        for (int y = 0; y < height; y++) {
            firstRows[y] = n;
            int end = (y + 1) * width;
            for (int p = nextRun(active, y * width, end, inactiveRow); p < end;) {
                int stop = nextRun(active, p, end, activeRow);
                if (r == runs.length) {
                    runs = Arrays.copyOf(runs, 2 * r);
                }
                runs[r++] = p;
                runs[r++] = stop;
                for (int q = p; q < stop; q++) {
                    positions[n++] = q;
                }
                p = stop == end ? end : nextRun(active, stop, end, inactiveRow);
            }
        }
        firstRows[height] = n;
        count = n;
        version++;
        MemorySegment.copy(firstRows, 0, rowStart, ValueLayout.JAVA_INT, 0, height + 1);
        index(r);
    }

    /** Returns the first position from {@code from} on whose flag differs from those of a constant row, at most {@code end}. */
    private static int nextRun(boolean[] active, int from, int end, boolean[] constant) {
        int at = Arrays.mismatch(active, from, end, constant, 0, end - from);
        return at < 0 ? end : from + at;
    }

    private void index(int runEnds) {
        int width = grid.width();
        Arrays.fill(entries, count);
        int r = 0;
        int row = 0;
        for (int y = 0; y < grid.height(); y++) {
            int shift = grid.index(y, 0) - y * width;
            int end = (y + 1) * width;
            if (firstRows[y + 1] - firstRows[y] < width) {
                fillBackground(grid.index(y, 0), y * width, width);
            }
            for (; r < runEnds && runs[r] < end; r += 2) {
                int first = row - runs[r];
                for (int p = runs[r]; p < runs[r + 1]; p++) {
                    entries[p + shift] = first + p;
                }
                row += runs[r + 1] - runs[r];
            }
        }
    }

    private void fillBackground(int base, int position, int width) {
        if (!backgroundPerSite) {
            Arrays.fill(entries, base, base + width, count + 1);
            return;
        }
        int entry = count + 1 + position;
        for (int x = 0; x < width; x++) {
            entries[base + x] = entry + x;
        }
    }

    /** Returns the bordered map of entries; shared, read-only. */
    int[] entries() {
        return entries;
    }
}
