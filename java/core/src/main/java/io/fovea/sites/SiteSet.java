package io.fovea.sites;

import io.fovea.graph.Reach;
import io.fovea.graph.Sampling;
import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The active sites of one resolution in row-major order, with the map position -&gt; row of the packed activations. Mutable and
 * reused from run to run; not thread-safe.
 *
 * <p>The map holds a <em>table entry</em> for every position of the {@link SiteGrid}: the row of an active site; {@link #count()}
 * for padding; and for an inactive site, by {@link EdgeLayout}, {@code count() + 1}, {@code count() + 1 + position}, or
 * {@code count() + 1 + k} for the k-th site of the ring. Entries from {@code count()} on index the edge rows of a value: row 0 is zero, the
 * others are the background.
 */
public final class SiteSet {
    private final SiteGrid grid;
    private final EdgeLayout layout;
    private final int[] positions;
    private final int[] entries;
    private final SiteLines lines;
    private final SiteRuns runs;
    private final MemorySegment rowStart;
    private int count;
    private int[] ring = new int[0];
    private int ringCount;
    private long version;
    private volatile long positionsVersion = -1;
    private volatile long entriesVersion = -1;
    private final Arena arena;
    private volatile MemorySegment lineList = MemorySegment.NULL;
    private volatile MemorySegment runList = MemorySegment.NULL;
    private volatile long listsVersion = -1;
    /** Whether a kernel wants the lists: then they are made in advance, by the thread that chooses the sites. */
    private volatile boolean listed;

    /**
     * Makes a set with no active site.
     *
     * @param grid positions
     * @param backgroundPerSite whether inactive sites have a background row each, or share one
     * @param arena owner of the off-heap row starts
     */
    public SiteSet(SiteGrid grid, boolean backgroundPerSite, Arena arena) {
        this(grid, backgroundPerSite ? EdgeLayout.PER_SITE : EdgeLayout.SHARED, arena);
    }

    /**
     * Makes a set with no active site.
     *
     * @param grid positions
     * @param layout background rows of inactive sites
     * @param arena owner of the off-heap row starts
     */
    public SiteSet(SiteGrid grid, EdgeLayout layout, Arena arena) {
        this.grid = grid;
        this.layout = layout;
        this.arena = arena;
        this.positions = new int[grid.sites()];
        this.entries = new int[grid.paddedLength()];
        this.lines = new SiteLines(grid);
        this.runs = new SiteRuns(grid);
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
        return switch (layout) {
            case SHARED -> 2;
            case PER_SITE -> 1 + grid.sites();
            case RING -> 1 + ringCount;
        };
    }

    /** Returns which background rows inactive sites have. */
    public EdgeLayout layout() {
        return layout;
    }

    /** Returns the number of sites in the ring; 0 in the other layouts. */
    public int ringCount() {
        return ringCount;
    }

    /** Returns the row-major position of a ring site. */
    public int ringPosition(int k) {
        return ring[k];
    }

    /** Returns the row-major position {@code y * width + x} of a packed row. */
    public int position(int row) {
        return positions()[row];
    }

    /** Returns the positions of all packed rows, read-only; made when first asked for after a change, maybe by several threads at once. */
    int[] positions() {
        if (positionsVersion != version) {
            findPositions();
        }
        return positions;
    }

    private synchronized void findPositions() {
        int n = 0;
        int[] ends = runs.data();
        for (int r = 0; r < runs.length() && positionsVersion != version; r += 2) {
            int shift = ends[r] - n;
            int end = n + ends[r + 1] - ends[r];
            for (; n < end; n++) {
                positions[n] = n + shift;
            }
        }
        positionsVersion = version;
    }

    /** Returns the end of the packed rows from {@code row} on whose positions follow each other without a gap. */
    public int runEnd(int row) {
        if (isFull()) {
            return count;
        }
        int[] places = positions();
        int end = row + 1;
        int shift = places[row] - row;
        while (end < count && places[end] - end == shift) {
            end++;
        }
        return end;
    }

    /** Returns the packed row of a position, or -1 when it is inactive. */
    public int row(int y, int x) {
        int entry = entries()[grid.index(y, x)];
        return entry < count ? entry : -1;
    }

    /** Returns the first packed row of image row y; {@code firstRow(height)} is {@link #count()}. */
    public int firstRow(int y) {
        return runs.firstRows()[y];
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
        runs.set(active);
        chosen();
    }

    /** Returns the runs, to be told anew from the first image row to the last; then {@link #chosen}. */
    SiteRuns choose() {
        runs.begin();
        return runs;
    }

    /** Makes the set stand for its new runs. */
    void chosen() {
        count = runs.count();
        ringCount = 0;
        version++;
        MemorySegment.copy(runs.firstRows(), 0, rowStart, ValueLayout.JAVA_INT, 0, grid.height() + 1);
        findLines();
        if (listed && layout != EdgeLayout.RING) {
            findLists();
        }
    }

    /**
     * Marks the sites of another resolution that are read for one of the active sites; of a window all from its first tap to its last.
     *
     * @param reach from that resolution to this one
     * @param input that resolution
     * @param read one flag per position of it, row-major; others stay as they are
     */
    public void markRead(Reach reach, SiteGrid input, boolean[] read) {
        int width = grid.width();
        int[] ends = runs.data();
        for (int r = 0; r < runs.length(); r += 2) {
            int y = ends[r] / width;
            int from = ends[r] - y * width;
            int to = ends[r + 1] - y * width;
            switch (reach) {
                case Window window -> mark(window, y, from, to, input, read);
                case Sampling sampling -> mark(sampling, y, from, to, input, read);
            }
        }
    }

    private static void mark(Window window, int y, int from, int to, SiteGrid input, boolean[] read) {
        int left = Math.max(0, from * window.strideW() - window.padLeft());
        int right = Math.min(input.width(), (to - 1) * window.strideW() - window.padLeft()
                + (window.kernelW() - 1) * window.dilationW() + 1);
        int top = Math.max(0, y * window.strideH() - window.padTop());
        int bottom = Math.min(input.height(), y * window.strideH() - window.padTop()
                + (window.kernelH() - 1) * window.dilationH() + 1);
        for (int row = top; row < bottom && left < right; row++) {
            Arrays.fill(read, row * input.width() + left, row * input.width() + right, true);
        }
    }

    private static void mark(Sampling sampling, int y, int from, int to, SiteGrid input, boolean[] read) {
        for (int ky = 0; ky < sampling.kernelH(); ky++) {
            int row = sampling.row(y, ky);
            for (int x = from; x < to && row != Sampling.PADDING; x++) {
                for (int kx = 0; kx < sampling.kernelW(); kx++) {
                    int column = sampling.column(x, kx);
                    if (column != Sampling.PADDING) {
                        read[row * input.width() + column] = true;
                    }
                }
            }
        }
    }

    /**
     * Makes inactive sites the ring, each with a background row of its own.
     *
     * @param read one flag per position, row-major; those of active sites are cleared
     * @throws IllegalStateException in another layout than {@link EdgeLayout#RING}
     */
    public void setRing(boolean[] read) {
        if (layout != EdgeLayout.RING) {
            throw new IllegalStateException("a site set of layout " + layout + " has no ring");
        }
        int[] ends = runs.data();
        int runEnds = runs.length();
        for (int r = 0; r < runEnds; r += 2) {
            Arrays.fill(read, ends[r], ends[r + 1], false);
        }
        if (ring.length == 0) {
            ring = new int[grid.sites()];
        }
        int width = grid.width();
        int n = 0;
        int r = 0;
        int row = 0;
        for (int y = 0; y < grid.height(); y++) {
            int left = y * width;
            int end = left + width;
            lines.begin(y, count);
            for (int p = left; p < end;) {
                int from = runs.nextActive(read, p, end);
                for (; r < runEnds && ends[r] < from; r += 2) {
                    if (p < ends[r]) {
                        lines.stretch(ends[r] - left, count, 0);
                    }
                    lines.stretch(ends[r + 1] - left, row - (ends[r] - left), 1);
                    row += ends[r + 1] - ends[r];
                    p = ends[r + 1];
                }
                if (p < from) {
                    lines.stretch(from - left, count, 0);
                    p = from;
                }
                if (p < end) {
                    int stop = runs.nextInactive(read, p, end);
                    lines.stretch(stop - left, count + 1 + n - (p - left), 1);
                    for (; p < stop; p++) {
                        ring[n++] = p;
                    }
                }
            }
            lines.end(y, count);
        }
        ringCount = n;
        version++;
        if (listed) {
            findLists();
        }
    }

    private void findLines() {
        int width = grid.width();
        int[] ends = runs.data();
        int runEnds = runs.length();
        int r = 0;
        int row = 0;
        for (int y = 0; y < grid.height(); y++) {
            int left = y * width;
            int end = left + width;
            int p = left;
            lines.begin(y, count);
            for (; r < runEnds && ends[r] < end; r += 2) {
                if (p < ends[r]) {
                    inactive(ends[r] - left, left);
                }
                lines.stretch(ends[r + 1] - left, row - (ends[r] - left), 1);
                row += ends[r + 1] - ends[r];
                p = ends[r + 1];
            }
            if (p < end) {
                inactive(width, left);
            }
            lines.end(y, count);
        }
    }

    private void inactive(int end, int left) {
        switch (layout) {
            case SHARED -> lines.stretch(end, count + 1, 0);
            case PER_SITE -> lines.stretch(end, count + 1 + left, 1);
            case RING -> lines.stretch(end, count, 0);
        }
    }

    /** Returns what the sites of each image row read as; shared, read-only. */
    SiteLines lines() {
        return lines;
    }

    /**
     * Returns what the sites of each image row read as, for native kernels: int32, off-heap; first {@code height + 1} indices, where in the
     * list the stretches of each image row begin and last those of rows outside the map, then the stretches of 4 ints: first column, end,
     * base, growth, where column x reads entry {@code base + growth * x}. Made when first asked for, maybe by several threads at once, and from then
     * on with every change; valid until the next.
     */
    public MemorySegment lineList() {
        findLists();
        return lineList;
    }

    /** Returns the ints of {@link #lineList}. */
    public int lineListLength() {
        return grid.height() + 1 + lines.length();
    }

    /**
     * Returns first position and end of each run of active sites, {@link #runsLength} int32 in row-major order, off-heap; a run lies within one
     * image row. Made and valid as {@link #lineList}.
     */
    public MemorySegment runList() {
        findLists();
        return runList;
    }

    private void findLists() {
        if (listsVersion != version) {
            synchronized (this) {
                if (listsVersion != version) {
                    lineList = room(lineList, lineListLength());
                    runList = room(runList, runs.length());
                    lines.copy(lineList);
                    writeRuns(runList);
                    listed = true;
                    listsVersion = version;
                }
            }
        }
    }

    private MemorySegment room(MemorySegment list, int ints) {
        return list.byteSize() >= 4L * ints ? list : arena.allocate(8L * ints, 64);
    }

    /** Returns the number of ints that {@link #writeRuns} writes. */
    public int runsLength() {
        return runs.length();
    }

    /**
     * Writes first position and end of each run of active sites, in row-major order; a run lies within one image row.
     *
     * @param to int32, off-heap, of at least {@link #runsLength} values
     */
    public void writeRuns(MemorySegment to) {
        MemorySegment.copy(runs.data(), 0, to, ValueLayout.JAVA_INT, 0, runs.length());
    }

    /** Returns the active runs, read-only. */
    SiteRuns runs() {
        return runs;
    }

    /** Returns the bordered map of entries, read-only; made when first asked for after a change, maybe by several threads at once. */
    int[] entries() {
        if (entriesVersion != version) {
            findEntries();
        }
        return entries;
    }

    private synchronized void findEntries() {
        if (entriesVersion == version) {
            return;
        }
        Arrays.fill(entries, count);
        for (int y = 0; y < grid.height(); y++) {
            lines.write(y, entries, grid.index(y, 0));
        }
        entriesVersion = version;
    }
}
