package io.fovea.sites;

import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The output rows with which the runs of a table begin. A run is a stretch of outputs that are neighbours in the map, and whose
 * windows cover in every kernel row one stretch of packed rows, or one edge row throughout, between their first and their last
 * column. A kernel then knows all columns by the entries at the two ends of the run. Belongs to one table.
 */
final class WindowRuns {
    private final Window window;
    private final SiteSet input;
    private final SiteSet output;
    private final int[] starts;
    private final MemorySegment data;
    private int count;

    WindowRuns(Window window, SiteSet input, SiteSet output, Arena arena) {
        this.window = window;
        this.input = input;
        this.output = output;
        this.starts = new int[exist(window) ? output.grid().sites() : 0];
        this.data = arena.allocate(Math.max(64, 4L * starts.length), 64);
    }

    /** Returns whether windows of this kind have runs: narrow and dilated ones have not. */
    static boolean exist(Window window) {
        return window.kernelW() >= 3 && window.dilationW() == 1 && window.strideW() <= window.kernelW();
    }

    MemorySegment data() {
        return data;
    }

    int count() {
        return count;
    }

    void build() {
        count = 0;
        if (starts.length == 0) {
            return;
        }
        int[] inputEnds = input.stretchEnds();
        int[] outputEnds = output.stretchEnds();
        int width = output.grid().width();
        int stride = window.strideW();
        int line = window.dilationH() * input.grid().stride();
        for (int y = 0; y < output.grid().height(); y++) {
            int end = output.firstRow(y + 1);
            int second = input.grid().index(y * window.strideH() - window.padTop(), 1 - window.padLeft());
            int place = output.grid().index(y, 0);
            for (int row = output.firstRow(y); row < end;) {
                starts[count++] = row;
                int x = output.position(row) - y * width;
                // The second column's stretch holds all columns of the run but the first and the last.
                int at = second + x * stride;
                int room = Integer.MAX_VALUE;
                for (int ky = 0; ky < window.kernelH(); ky++, at += line) {
                    room = Math.min(room, inputEnds[at] - at);
                }
                int columns = Math.max(0, room + 2 - window.kernelW());
                row += Math.min(columns / stride + 1, outputEnds[place + x] - (place + x));
            }
        }
        MemorySegment.copy(starts, 0, data, ValueLayout.JAVA_INT, 0, count);
    }
}
