package io.fovea.sites;

import static io.fovea.sites.SiteLines.BASE;
import static io.fovea.sites.SiteLines.END;
import static io.fovea.sites.SiteLines.GROWTH;
import static io.fovea.sites.SiteLines.SIZE;
import static io.fovea.sites.SiteLines.START;

import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The runs of a table: stretches of outputs that are neighbours in the map, and whose windows cover in every kernel row one stretch of
 * packed rows, or one edge row throughout, between their first and their last column. A kernel then knows all columns by few of them, so
 * that nobody needs the table itself. Belongs to one table.
 *
 * <p>Layout: int32, run by run, {@code 2 + kernelH * max(4, kernelW)} each: the first output row and its column of the map, then for each kernel row the
 * entries of the first column, the second, the last but one and the last. A run of one output in a window more than three wide names all its
 * columns instead.
 */
final class WindowRuns {
    /** Ints that wait to be copied. */
    private static final int STAGED = 1024;
    /** Tells the runs if there is one, in place of this class. */
    private final RunTeller teller;
    private final Window window;
    private final SiteSet input;
    private final SiteSet output;
    private final int columns;
    private final Arena arena;
    /** For each kernel row the stretch of the line that it reads where the search is. */
    private final int[] cursors;
    /** The same of three kernel rows. */
    private int upper;
    private int middle;
    private int lower;
    /** Runs on their way to {@link #data}: few enough to stay in the first-level cache. */
    private final int[] staged;
    private MemorySegment data;
    private int length;
    private int count;

    WindowRuns(Window window, SiteSet input, SiteSet output, Arena arena, RunTeller teller) {
        this.teller = teller;
        this.window = window;
        this.input = input;
        this.output = output;
        this.arena = arena;
        this.columns = Math.max(4, window.kernelW());
        this.cursors = new int[window.kernelH()];
        this.staged = teller != null ? new int[0] : new int[Math.max(1, STAGED / runLength()) * runLength()];
        this.data = arena.allocate(16L * output.grid().height() * runLength(), 64);
    }

    /** Returns whether windows of this kind have runs: narrow and dilated ones have not. */
    static boolean exist(Window window) {
        return window.kernelW() >= 3 && window.dilationW() == 1 && window.strideW() <= window.kernelW();
    }

    /** Returns the ints of one run. */
    int runLength() {
        return 2 + window.kernelH() * columns;
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
        if (teller == null) {
            find();
        } else {
            // A run ends with a run of sites or with a stretch of one of its lines, and has an output.
            long ends = output.runs().length() / 2 + (long) window.kernelH() * (input.lines().length() / SIZE);
            long most = Math.min(ends, output.count()) * runLength();
            if (data.byteSize() < 4 * most) {
                data = arena.allocate(Math.min(8 * most, 4L * output.grid().sites() * runLength()), 64);
            }
            length = teller.tell(window, output.runs().data(), output.runs().length(), output.grid().width(),
                    input.lines().data(), input.lines().length(), input.lines().firsts(), data);
        }
        count = length / runLength();
    }

    private void find() {
        int[] active = output.runs().data();
        int ends = output.runs().length();
        int width = output.grid().width();
        int stride = window.strideW();
        int kernelW = window.kernelW();
        int runLength = runLength();
        int[] lines = input.lines().data();
        int[] told = staged;
        boolean threeByThree = window.kernelH() == 3 && kernelW == 3;
        length = 0;
        int y = -1;
        int n = 0;
        int row = 0;
        for (int r = 0; r < ends; r += 2) {
            if (active[r] >= (y + 1) * width) {
                y = active[r] / width;
                findLines(y);
            }
            int x = active[r] - y * width;
            int end = active[r + 1] - y * width;
            while (x < end) {
                // The second column's stretch holds all columns of the run but the first and the last.
                int second = x * stride - window.padLeft() + 1;
                int free = Math.max(0, (threeByThree ? roomOfThree(lines, second) : room(lines, second)) + 2 - kernelW);
                int outputs = Math.min((stride == 1 ? free : free / stride) + 1, end - x);
                if (n == told.length) {
                    copy(n);
                    n = 0;
                }
                told[n] = row;
                told[n + 1] = x;
                int last = second + (outputs - 1) * stride + kernelW - 3;
                if (threeByThree) {
                    tellEnds(lines, upper, second, last, told, n + 2);
                    tellEnds(lines, middle, second, last, told, n + 6);
                    tellEnds(lines, lower, second, last, told, n + 10);
                } else if (outputs == 1 && kernelW > 3) {
                    tellColumns(lines, second - 1, told, n + 2);
                } else {
                    tellEnds(lines, second, last, told, n + 2);
                }
                n += runLength;
                row += outputs;
                x += outputs;
            }
        }
        copy(n);
    }

    private void copy(int n) {
        if (data.byteSize() < 4L * (length + n)) {
            data = arena.allocate(8L * (length + n), 64).copyFrom(data.asSlice(0, 4L * length));
        }
        MemorySegment.copy(staged, 0, data, ValueLayout.JAVA_INT, 4L * length, n);
        length += n;
    }

    /** Finds the input's lines that outputs of image row y read. */
    private void findLines(int y) {
        for (int ky = 0; ky < cursors.length; ky++) {
            cursors[ky] = input.lines().first(y * window.strideH() - window.padTop() + ky * window.dilationH());
        }
        upper = cursors[0];
        middle = cursors[Math.min(1, cursors.length - 1)];
        lower = cursors[cursors.length - 1];
    }

    /** The same as {@link #room} for three kernel rows: most tables of a mobile net. */
    private int roomOfThree(int[] lines, int column) {
        int a = reaching(lines, upper, column);
        int b = reaching(lines, middle, column);
        int c = reaching(lines, lower, column);
        upper = a;
        middle = b;
        lower = c;
        int end = Math.min(lines[a + END], Math.min(lines[b + END], lines[c + END]));
        return Math.min(end, Integer.MAX_VALUE / 2) - column;
    }

    private static int reaching(int[] lines, int from, int column) {
        int at = from;
        while (lines[at + END] <= column) {
            at += SIZE;
        }
        return at;
    }

    /**
     * Moves to the stretches that hold a column, which lies no further left than the one before it of the same image row, and returns how
     * many columns from there on lie in one stretch in each kernel row.
     */
    private int room(int[] lines, int column) {
        int end = Integer.MAX_VALUE;
        for (int ky = 0; ky < cursors.length; ky++) {
            int at = cursors[ky];
            while (lines[at + END] <= column) {
                at += SIZE;
            }
            cursors[ky] = at;
            end = Math.min(end, lines[at + END]);
        }
        return (int) Math.min((long) end - column, Integer.MAX_VALUE / 2);
    }

    /** Writes the first column, which may lie in the stretch before the second's, and the last, which may lie in the one after. */
    private void tellEnds(int[] lines, int second, int end, int[] told, int to) {
        for (int ky = 0; ky < cursors.length; ky++) {
            tellEnds(lines, cursors[ky], second, end, told, to + ky * columns);
        }
    }

    private static void tellEnds(int[] lines, int at, int second, int end, int[] told, int to) {
        int before = second > lines[at + START] ? at : at - SIZE;
        int after = end + 1 < lines[at + END] ? at : at + SIZE;
        int base = lines[at + BASE];
        int growth = lines[at + GROWTH];
        told[to] = lines[before + BASE] + lines[before + GROWTH] * (second - 1);
        told[to + 1] = base + growth * second;
        told[to + 2] = base + growth * end;
        told[to + 3] = lines[after + BASE] + lines[after + GROWTH] * (end + 1);
    }

    private void tellColumns(int[] lines, int first, int[] told, int to) {
        for (int ky = 0; ky < cursors.length; ky++, to += columns) {
            int at = first < lines[cursors[ky] + START] ? cursors[ky] - SIZE : cursors[ky];
            for (int x = 0; x < window.kernelW(); x++) {
                while (lines[at + END] <= first + x) {
                    at += SIZE;
                }
                told[to + x] = lines[at + BASE] + lines[at + GROWTH] * (first + x);
            }
        }
    }
}
