package io.fovea.sites;

import io.fovea.graph.Reach;
import io.fovea.graph.Sampling;
import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * For each active output site and kernel tap the entry to read: a row of the packed input, or from {@code input.count()} on an edge
 * row (see {@link SiteSet}). A rulebook, in the words of sparse convolution. One table serves all layers of one reach between
 * two resolutions. Mutable and reused; not thread-safe.
 *
 * <p>Layout: int32, output row by output row, taps in row-major order of the kernel.
 */
public final class NeighbourTable {
    /** Windows with more taps, as of means over whole maps, are filled in when a kernel asks for them: not all of them do. */
    private static final int EAGER_TAPS = 81;
    private final Reach reach;
    private final SiteSet input;
    private final SiteSet output;
    private final int[] tapOffset;
    private int[] staged;
    private volatile MemorySegment data;
    private final WindowRuns runs;
    private final Arena arena;
    private final Map<Integer, OutputTiles> tiles = new HashMap<>();
    private long builtInput = -1;
    private long builtOutput = -1;
    private volatile boolean filled;
    private volatile boolean tells;
    /** Whether a kernel wants the runs: then they are told in advance. */
    private volatile boolean asked;

    /**
     * Makes an empty table for at most all sites of the output.
     *
     * @param reach geometry
     * @param input sites read
     * @param output sites written
     * @param arena owner of the off-heap entries
     */
    public NeighbourTable(Reach reach, SiteSet input, SiteSet output, Arena arena) {
        this(reach, input, output, arena, null);
    }

    /**
     * Makes an empty table for at most all sites of the output.
     *
     * @param reach geometry
     * @param input sites read
     * @param output sites written
     * @param arena owner of the off-heap entries
     * @param teller finds the runs, or null
     */
    public NeighbourTable(Reach reach, SiteSet input, SiteSet output, Arena arena, RunTeller teller) {
        this.reach = reach;
        this.arena = arena;
        this.input = input;
        this.output = output;
        this.tapOffset = reach instanceof Window window ? offsets(window, input.grid()) : null;
        this.runs = reach instanceof Window window && window.taps() <= EAGER_TAPS && WindowRuns.exist(window)
                ? new WindowRuns(window, input, output, arena, teller)
                : null;
    }

    private static int[] offsets(Window window, SiteGrid grid) {
        int[] offsets = new int[window.taps()];
        for (int ky = 0; ky < window.kernelH(); ky++) {
            for (int kx = 0; kx < window.kernelW(); kx++) {
                offsets[ky * window.kernelW() + kx] = ky * window.dilationH() * grid.stride() + kx * window.dilationW();
            }
        }
        return offsets;
    }

    /** Returns the geometry. */
    public Reach reach() {
        return reach;
    }

    /** Returns the sites read. */
    public SiteSet input() {
        return input;
    }

    /** Returns the sites written. */
    public SiteSet output() {
        return output;
    }

    /**
     * Returns the entries, {@code output.count() * taps} int32, off-heap. Of a table that has runs, or many taps, they are filled in when first asked
     * for after a change of the sites; several threads may ask at once.
     */
    public MemorySegment data() {
        if (!filled) {
            fill();
        }
        return data;
    }

    /**
     * Returns whether {@link #runs()} tell all that this table holds: for windows at least three wide, of at most 81 taps and not dilated.
     */
    public boolean hasRuns() {
        return runs != null;
    }

    /**
     * Returns the runs, int32, off-heap, {@code 2 + kernelH * max(4, kernelW)} each. Within a run the outputs are neighbours in the map, and
     * their windows cover in every kernel row one stretch of packed rows, or one edge row throughout, between their first and their
     * last column. Told when first asked for after a change of the sites; several threads may ask at once. A run is told by its first output row and the column of the map that this stands in, then for each kernel row the entries of the first column, the second, the last but
     * one and the last; a run of one output in a window more than three wide by all its columns. Of no length for a table
     * without runs.
     */
    public MemorySegment runs() {
        return runs == null ? MemorySegment.NULL : told().data();
    }

    /** Returns the int32 values of all runs; 0 where there are none. */
    public int runsLength() {
        return runs == null ? 0 : told().length();
    }

    /** Returns the number of runs; 0 where they are not known. */
    public int runCount() {
        return runs == null ? 0 : told().count();
    }

    /** Returns one entry. */
    public int entry(int row, int tap) {
        return data().getAtIndex(ValueLayout.JAVA_INT, (long) row * reach.taps() + tap);
    }

    /**
     * Returns the output sites in tiles of {@code side x side}, made when first asked for and after every change of the sites. May be
     * called by several threads at once; what it returns is valid until the sites change.
     *
     * @throws IllegalArgumentException if the table is of no window, or of one with a stride above 1
     */
    public OutputTiles tiles(int side) {
        if (!(reach instanceof Window window) || window.strideH() != 1 || window.strideW() != 1) {
            throw new IllegalArgumentException("tiles of " + reach + ": no window of stride 1");
        }
        synchronized (tiles) {
            OutputTiles found = tiles.computeIfAbsent(side, s -> new OutputTiles(s, window, input, output, arena));
            found.build();
            return found;
        }
    }

    /** Makes the table stand for the present sites. Its entries are filled in, unless it has runs; these are told, if they were asked for before. */
    public void build() {
        if (builtInput == input.version() && builtOutput == output.version()) {
            return;
        }
        filled = false;
        tells = false;
        builtInput = input.version();
        builtOutput = output.version();
        if (runs != null) {
            if (asked) {
                told();
            }
        } else if (reach.taps() <= EAGER_TAPS) {
            fill();
        }
    }

    private WindowRuns told() {
        if (!tells) {
            synchronized (this) {
                if (!tells) {
                    runs.build();
                    asked = true;
                    tells = true;
                }
            }
        }
        return runs;
    }

    private synchronized void fill() {
        if (filled) {
            return;
        }
        if (data == null) {
            staged = new int[Math.max(1, output.grid().width() * reach.taps())];
            data = arena.allocate(Math.max(64, 4L * output.grid().sites() * reach.taps()), 64);
        }
        switch (reach) {
            case Window window -> build(window);
            case Sampling sampling -> build(sampling);
        }
        filled = true;
    }

    private void build(Window window) {
        int taps = window.taps();
        int width = output.grid().width();
        int[] map = input.entries();
        int[] places = output.positions();
        long offset = 0;
        for (int y = 0; y < output.grid().height(); y++) {
            int first = output.firstRow(y);
            int end = output.firstRow(y + 1);
            int rowBase = input.grid().index(y * window.strideH() - window.padTop(), -window.padLeft());
            int n = 0;
            if (taps == 9) {
                n = stage9(first, end, rowBase - y * width * window.strideW(), window.strideW(), map);
            } else {
                for (int row = first; row < end; row++) {
                    int base = rowBase + (places[row] - y * width) * window.strideW();
                    for (int t = 0; t < taps; t++) {
                        staged[n++] = map[base + tapOffset[t]];
                    }
                }
            }
            MemorySegment.copy(staged, 0, data, ValueLayout.JAVA_INT, offset, n);
            offset += 4L * n;
        }
    }

    private void build(Sampling sampling) {
        int width = output.grid().width();
        int[] map = input.entries();
        int[] places = output.positions();
        long offset = 0;
        for (int y = 0; y < output.grid().height(); y++) {
            int n = 0;
            for (int row = output.firstRow(y); row < output.firstRow(y + 1); row++) {
                int x = places[row] - y * width;
                for (int ky = 0; ky < sampling.kernelH(); ky++) {
                    int iy = sampling.row(y, ky);
                    for (int kx = 0; kx < sampling.kernelW(); kx++) {
                        int ix = sampling.column(x, kx);
                        boolean padding = iy == Sampling.PADDING || ix == Sampling.PADDING;
                        staged[n++] = padding ? input.count() : map[input.grid().index(iy, ix)];
                    }
                }
            }
            MemorySegment.copy(staged, 0, data, ValueLayout.JAVA_INT, offset, n);
            offset += 4L * n;
        }
    }

    /** The 3x3 case of {@link #build}, unrolled: most tables of a mobile net. */
    private int stage9(int first, int end, int rowBase, int stride, int[] map) {
        int[] to = staged;
        int[] places = output.positions();
        int d1 = tapOffset[1];
        int d2 = tapOffset[2];
        int d3 = tapOffset[3];
        int d4 = tapOffset[4];
        int d5 = tapOffset[5];
        int d6 = tapOffset[6];
        int d7 = tapOffset[7];
        int d8 = tapOffset[8];
        int n = 0;
        for (int row = first; row < end; row++) {
            int at = rowBase + places[row] * stride;
            to[n] = map[at];
            to[n + 1] = map[at + d1];
            to[n + 2] = map[at + d2];
            to[n + 3] = map[at + d3];
            to[n + 4] = map[at + d4];
            to[n + 5] = map[at + d5];
            to[n + 6] = map[at + d6];
            to[n + 7] = map[at + d7];
            to[n + 8] = map[at + d8];
            n += 9;
        }
        return n;
    }
}
