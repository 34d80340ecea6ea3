package io.fovea.sites;

import java.util.Arrays;

/**
 * Brings a mask to the sites of one resolution. Site (y, x) stands for the input pixels
 * {@code [y * H / h, (y + 1) * H / h) x [x * W / w, (x + 1) * W / w)} (whole pixels, at least one). A site at least as fine as a cell
 * is active when any of its pixels is foreground; a coarser one when more than a given share of them is. Reused; not thread-safe.
 */
public final class MaskPool {
    private final int height;
    private final int width;
    private final int[] top;
    private final int[] left;
    private final int inputHeight;
    private final int inputWidth;
    /** Runs of cells of one row of them. */
    private final int[] cells;
    /** Runs of sites of one image row: first column and end of each. */
    private int[] line;
    private int[] other;
    /** Size of cells that what follows was made for. */
    private int cell;
    /** For each cell column the first site that it touches and the first beyond it. */
    private int[] touchedFrom = {};
    private int[] touchedEnd = {};
    /** For each site column the cell columns of its first pixel and of the first beyond it, and the pixels from there. */
    private final int[] leftCell;
    private final int[] leftPart;
    private final int[] rightCell;
    private final int[] rightPart;
    /** For each cell column the foreground pixels left of it, in the pixel rows of one image row, divided by the cell's width. */
    private int[] before = {};

    /** Makes a pool from an input of the given size to a resolution. */
    public MaskPool(int inputHeight, int inputWidth, int height, int width) {
        this.inputHeight = inputHeight;
        this.inputWidth = inputWidth;
        this.height = height;
        this.width = width;
        this.top = bounds(inputHeight, height);
        this.left = bounds(inputWidth, width);
        this.cells = new int[inputWidth + 2];
        this.line = new int[Math.max(width, inputWidth) + 2];
        this.other = new int[line.length];
        this.leftCell = new int[width];
        this.leftPart = new int[width];
        this.rightCell = new int[width];
        this.rightPart = new int[width];
    }

    private static int[] bounds(int input, int sites) {
        int[] b = new int[sites + 1];
        for (int i = 0; i <= sites; i++) {
            b[i] = (int) ((long) i * input / sites);
        }
        return b;
    }

    /**
     * Writes the active flags of a resolution.
     *
     * @param mask for this input size
     * @param coarseShare share of a coarse site's pixels above which it is active; 0 for any pixel
     * @param active one flag per site, row-major
     */
    public void pool(Mask mask, double coarseShare, boolean[] active) {
        double share = bind(mask, coarseShare);
        Arrays.fill(active, false);
        for (int y = 0; y < height; y++) {
            int row = y * width;
            int n = line(mask, y, share);
            for (int i = 0; i < n; i += 2) {
                Arrays.fill(active, row + line[i], row + line[i + 1], true);
            }
        }
    }

    /**
     * Makes the sites of a resolution the active ones of a set; quicker than by way of flags.
     *
     * @param mask for this input size
     * @param coarseShare share of a coarse site's pixels above which it is active; 0 for any pixel
     * @param set sites of this resolution
     */
    public void pool(Mask mask, double coarseShare, SiteSet set) {
        double share = bind(mask, coarseShare);
        SiteRuns runs = set.choose();
        for (int y = 0; y < height; y++) {
            if (share == 0 && y > 0 && firstCell(y) == firstCell(y - 1) && lastCell(y) == lastCell(y - 1)) {
                runs.same();
            } else {
                int n = line(mask, y, share);
                runs.row(line, n);
            }
        }
        set.chosen();
    }

    /**
     * Refuses a mask for another input.
     *
     * @param mask any mask
     * @throws IllegalArgumentException if it is for another input size than this pool
     */
    public void check(Mask mask) {
        if (mask.inputHeight() != inputHeight || mask.inputWidth() != inputWidth) {
            throw new IllegalArgumentException(mask.toString() + " is for input " + mask.inputWidth() + "x"
                    + mask.inputHeight() + ", not " + inputWidth + "x" + inputHeight);
        }
    }

    /** Prepares for a mask's size of cells; returns the share of a site's pixels above which it is active, 0 for any pixel. */
    private double bind(Mask mask, double coarseShare) {
        check(mask);
        if (mask.cell() != cell) {
            cell = mask.cell();
            touchedFrom = new int[mask.columns()];
            touchedEnd = new int[mask.columns()];
            before = new int[mask.columns() + 2];
            for (int c = 0; c < touchedFrom.length; c++) {
                touchedFrom[c] = firstSite(c * cell);
                touchedEnd[c] = endSite(Math.min(inputWidth, (c + 1) * cell));
            }
            for (int x = 0; x < width; x++) {
                leftCell[x] = left[x] / cell;
                leftPart[x] = left[x] % cell;
                rightCell[x] = right(x) / cell;
                rightPart[x] = right(x) % cell;
            }
        }
        boolean fine = inputHeight <= (long) height * cell && inputWidth <= (long) width * cell;
        return fine ? 0 : coarseShare;
    }

    /** Writes the runs of an image row into {@link #line}; returns twice the runs. */
    private int line(Mask mask, int y, double share) {
        return share == 0 ? touched(mask, firstCell(y), lastCell(y)) : covered(mask, y, share);
    }

    private int bottom(int y) {
        return Math.max(top[y] + 1, top[y + 1]);
    }

    private int right(int x) {
        return Math.max(left[x] + 1, left[x + 1]);
    }

    private int firstCell(int y) {
        return top[y] / cell;
    }

    private int lastCell(int y) {
        return (bottom(y) - 1) / cell;
    }

    /** The sites that foreground of some rows of cells touches. */
    private int touched(Mask mask, int firstCell, int lastCell) {
        int length = 0;
        for (int c = firstCell; c <= lastCell; c++) {
            int n = mask.runs(c, cells);
            length = length == 0 ? taken(n) : merged(length, n);
        }
        return length;
    }

    /** Brings a row's runs of cells to site columns. */
    private int taken(int n) {
        int to = 0;
        for (int i = 0; i < n; i += 2) {
            to = add(line, to, touchedFrom[cells[i]], touchedEnd[cells[i + 1] - 1]);
        }
        return to;
    }

    /** Adds a row's runs of cells to what the line has. */
    private int merged(int length, int n) {
        int to = 0;
        int a = 0;
        int b = 0;
        while (a < length || b < n) {
            if (b >= n || a < length && line[a] <= touchedFrom[cells[b]]) {
                to = add(other, to, line[a], line[a + 1]);
                a += 2;
            } else {
                to = add(other, to, touchedFrom[cells[b]], touchedEnd[cells[b + 1] - 1]);
                b += 2;
            }
        }
        int[] swap = line;
        line = other;
        other = swap;
        return to;
    }

    /** Adds a run that begins no further left than the last one. */
    private static int add(int[] to, int length, int from, int end) {
        if (length > 0 && from <= to[length - 1]) {
            to[length - 1] = Math.max(to[length - 1], end);
            return length;
        }
        to[length] = from;
        to[length + 1] = end;
        return length + 2;
    }

    /** Returns the first site column that covers a pixel column or one beyond it. */
    private int firstSite(int pixel) {
        int x = 0;
        while (right(x) <= pixel) {
            x++;
        }
        return x;
    }

    /** Returns the first site column that begins at a pixel column or beyond it. */
    private int endSite(int pixel) {
        int x = 0;
        while (x < width && left[x] < pixel) {
            x++;
        }
        return x;
    }

    /** The sites of which more than a share is foreground. */
    private int covered(Mask mask, int y, double share) {
        int rows = bottom(y) - top[y];
        countColumns(mask, top[y], bottom(y));
        int n = 0;
        boolean inside = false;
        for (int x = 0; x < width; x++) {
            int pixels = count(rightCell[x], rightPart[x]) - count(leftCell[x], leftPart[x]);
            boolean active = pixels > share * (rows * (right(x) - left[x]));
            if (active != inside) {
                line[n++] = x;
                inside = active;
            }
        }
        if (inside) {
            line[n++] = width;
        }
        return n;
    }

    /** Counts foreground in some pixel rows: in whole columns of cells from the left. */
    private void countColumns(Mask mask, int from, int to) {
        int[] counts = mask.counts();
        int line = mask.columns() + 1;
        int a = from / cell * line;
        int b = to / cell * line;
        int partA = from % cell;
        int partB = to % cell;
        // A part of a row of cells counts as that share of the row; there is none below the last row.
        int nextA = partA == 0 ? a : a + line;
        int nextB = partB == 0 ? b : b + line;
        int wholeA = cell - partA;
        int wholeB = cell - partB;
        for (int c = 0; c < line; c++) {
            before[c] = wholeB * counts[b + c] + partB * counts[nextB + c] - wholeA * counts[a + c]
                    - partA * counts[nextA + c];
        }
        before[line] = before[line - 1];
    }

    /** Returns the foreground pixels left of a pixel column, in the rows that were counted. */
    private int count(int cellColumn, int part) {
        return (cell - part) * before[cellColumn] + part * before[cellColumn + 1];
    }
}
