package io.fovea.sites;

import java.util.Arrays;

/**
 * The active sites of a map as runs, image row by image row. Most image rows of a fine map are like the one above, since a cell is several
 * sites high; such rows are copied. Belongs to one {@link SiteSet}; mutable and reused.
 */
final class SiteRuns {
    private final int height;
    private final int width;
    private final int[] firstRows;
    private final boolean[] activeRow;
    private final boolean[] inactiveRow;
    private final int[] line;
    private int[] runs = new int[64];
    /** Image rows told so far. */
    private int rows;
    /** Index of the first run of the image row above. */
    private int above;
    private int ends;
    private int count;

    SiteRuns(SiteGrid grid) {
        height = grid.height();
        width = grid.width();
        firstRows = new int[height + 1];
        line = new int[width + 2];
        inactiveRow = new boolean[width];
        activeRow = new boolean[width];
        Arrays.fill(activeRow, true);
    }

    /** Begins a new choice; then comes each image row, from the first to the last. */
    void begin() {
        rows = 0;
        ends = 0;
        count = 0;
    }

    /** Adds an image row like the one above. */
    void same() {
        int first = above;
        int length = ends - first;
        room(length);
        for (int i = 0; i < length; i++) {
            runs[ends + i] = runs[first + i] + width;
        }
        close(ends + length, count + count - firstRows[rows - 1]);
    }

    /**
     * Adds an image row.
     *
     * @param columns first column and end of each run, ascending, none touching the next
     * @param length twice the runs
     */
    void row(int[] columns, int length) {
        if (rows > 0 && isLikeAbove(columns, length)) {
            same();
            return;
        }
        room(length);
        int left = rows * width;
        int n = count;
        for (int i = 0; i < length; i += 2) {
            runs[ends + i] = left + columns[i];
            runs[ends + i + 1] = left + columns[i + 1];
            n += columns[i + 1] - columns[i];
        }
        close(ends + length, n);
    }

    private boolean isLikeAbove(int[] columns, int length) {
        int first = above;
        if (ends - first != length) {
            return false;
        }
        int left = (rows - 1) * width;
        for (int i = 0; i < length; i++) {
            if (runs[first + i] != left + columns[i]) {
                return false;
            }
        }
        return true;
    }

    private void room(int length) {
        if (ends + length > runs.length) {
            runs = Arrays.copyOf(runs, 2 * (ends + length));
        }
    }

    private void close(int newEnds, int newCount) {
        firstRows[rows] = count;
        above = ends;
        rows++;
        ends = newEnds;
        count = newCount;
        firstRows[rows] = count;
    }

    /** Takes all rows from flags, row-major. */
    void set(boolean[] active) {
        begin();
        for (int y = 0; y < height; y++) {
            int left = y * width;
            if (y > 0 && Arrays.equals(active, left - width, left, active, left, left + width)) {
                same();
            } else {
                int n = 0;
                for (int p = nextActive(active, left, left + width); p < left + width;) {
                    int stop = nextInactive(active, p, left + width);
                    line[n++] = p - left;
                    line[n++] = stop - left;
                    p = nextActive(active, stop, left + width);
                }
                row(line, n);
            }
        }
    }

    /** Returns the first position from {@code from} on whose flag is set, at most {@code end}; both in one image row. */
    int nextActive(boolean[] flags, int from, int end) {
        return next(flags, from, end, inactiveRow);
    }

    /** Returns the first position from {@code from} on whose flag is not set, at most {@code end}; both in one image row. */
    int nextInactive(boolean[] flags, int from, int end) {
        return next(flags, from, end, activeRow);
    }

    private static int next(boolean[] flags, int from, int end, boolean[] constant) {
        int at = Arrays.mismatch(flags, from, end, constant, 0, end - from);
        return at < 0 ? end : from + at;
    }

    /** Returns the number of active sites. */
    int count() {
        return count;
    }

    /** Returns first position and end of each run, in row-major order; shared, read-only. */
    int[] data() {
        return runs;
    }

    /** Returns twice the number of runs. */
    int length() {
        return ends;
    }

    /** Returns the number of active sites above each image row, and of all; shared, read-only. */
    int[] firstRows() {
        return firstRows;
    }
}
