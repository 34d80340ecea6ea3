package io.fovea.sites;

import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The runs of a table: stretches of outputs that are neighbours in the map, and whose windows cover in every kernel row one stretch of
 * packed rows, or one edge row throughout, between their first and their last column. A kernel then knows all columns by few of them, so
 * that nobody needs the table itself. Belongs to one table.
 *
 * <p>Layout: int32, run by run, {@code 1 + kernelH * max(4, kernelW)} each: the first output row, then for each kernel row the
 * entries of the first column, the second, the last but one and the last. A run of one output in a window more than three wide names all its
 * columns instead.
 */
final class WindowRuns {
    private final Window window;
    private final SiteSet input;
    private final SiteSet output;
    private final int columns;
    private int[] told;
    private MemorySegment data;
    private final Arena arena;
    private int length;
    private int count;

    WindowRuns(Window window, SiteSet input, SiteSet output, Arena arena) {
        this.window = window;
        this.input = input;
        this.output = output;
        this.arena = arena;
        this.columns = Math.max(4, window.kernelW());
        this.told = new int[4 * output.grid().height() * runLength()];
        this.data = arena.allocate(4L * told.length, 64);
    }

    /** Returns whether windows of this kind have runs: narrow and dilated ones have not. */
    static boolean exist(Window window) {
        return window.kernelW() >= 3 && window.dilationW() == 1 && window.strideW() <= window.kernelW();
    }

    /** Returns the ints of one run. */
    int runLength() {
        return 1 + window.kernelH() * columns;
    }

    /** Returns the runs; at least {@link #length} ints. */
    MemorySegment data() {
        return data;
    }

    /** Returns the ints of all runs. */
    int length() {
        return length;
    }

    /** Returns the number of runs. */
    int count() {
        return count;
    }

    void build() {
        int[] inputEnds = input.stretchEnds();
        int[] outputEnds = output.stretchEnds();
        int width = output.grid().width();
        int stride = window.strideW();
        int kernelH = window.kernelH();
        int kernelW = window.kernelW();
        int line = window.dilationH() * input.grid().stride();
        int runLength = runLength();
        int n = 0;
        int runs = 0;
        for (int y = 0; y < output.grid().height(); y++) {
            int end = output.firstRow(y + 1);
            int first = input.grid().index(y * window.strideH() - window.padTop(), -window.padLeft());
            int place = output.grid().index(y, 0);
            for (int row = output.firstRow(y); row < end;) {
                int x = output.position(row) - y * width;
                // The second column's stretch holds all columns of the run but the first and the last.
                int from = first + x * stride;
                int at = from + 1;
                int room = Integer.MAX_VALUE;
                for (int ky = 0; ky < kernelH; ky++, at += line) {
                    room = Math.min(room, inputEnds[at] - at);
                }
                int free = Math.max(0, room + 2 - kernelW);
                int outputs = Math.min(free / stride + 1, outputEnds[place + x] - (place + x));
                if (n + runLength > told.length) {
                    told = Arrays.copyOf(told, 2 * told.length);
                }
                told[n] = row;
                if (outputs == 1 && kernelW > 3) {
                    tellColumns(from, line, n + 1);
                } else {
                    tellEnds(from, (outputs - 1) * stride + kernelW, line, n + 1);
                }
                n += runLength;
                runs++;
                row += outputs;
            }
        }
        if (data.byteSize() < 4L * n) {
            data = arena.allocate(4L * told.length, 64);
        }
        MemorySegment.copy(told, 0, data, ValueLayout.JAVA_INT, 0, n);
        length = n;
        count = runs;
    }

    private void tellEnds(int from, int reads, int line, int to) {
        int[] map = input.entries();
        int at = from;
        int end = to + window.kernelH() * columns;
        for (int i = to; i < end; i += columns, at += line) {
            told[i] = map[at];
            told[i + 1] = map[at + 1];
            told[i + 2] = map[at + reads - 2];
            told[i + 3] = map[at + reads - 1];
        }
    }

    private void tellColumns(int from, int line, int to) {
        for (int ky = 0; ky < window.kernelH(); ky++) {
            System.arraycopy(input.entries(), from + ky * line, told, to + ky * columns, window.kernelW());
        }
    }
}
