package io.fovea.sites;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Foreground of a picture in square cells of the net's input: cell (r, c) covers input rows {@code r * cell ..} and columns
 * {@code c * cell ..}; the last row and column of cells may hang over. Immutable, thread-safe.
 */
public final class Mask {
    /** Cell size that gates are made for, in input pixels. */
    public static final int DEFAULT_CELL = 8;

    private final int inputHeight;
    private final int inputWidth;
    private final int cell;
    private final int rows;
    private final int columns;
    private final BitSet cells;
    /** Where each row's runs begin, and behind that the runs; made when first asked for. */
    private volatile int[] runs;
    /** See {@link #counts}. */
    private volatile int[] counts;

    private Mask(int inputHeight, int inputWidth, int cell, BitSet cells) {
        this.inputHeight = inputHeight;
        this.inputWidth = inputWidth;
        this.cell = cell;
        this.rows = (inputHeight + cell - 1) / cell;
        this.columns = (inputWidth + cell - 1) / cell;
        this.cells = cells;
    }

    /**
     * Makes a mask from flags.
     *
     * @param inputHeight height of the net's input
     * @param inputWidth width of the net's input
     * @param cell size of a cell in input pixels
     * @param active one flag per cell, row-major
     * @throws IllegalArgumentException if a size is below 1 or the number of flags is not rows x columns
     */
    public static Mask of(int inputHeight, int inputWidth, int cell, boolean[] active) {
        if (inputHeight < 1 || inputWidth < 1 || cell < 1) {
            throw new IllegalArgumentException(
                    "mask for input " + inputWidth + "x" + inputHeight + " with cells of " + cell + " pixels");
        }
        long[] words = new long[(active.length + 63) / 64];
        for (int i = 0; i < active.length; i++) {
            words[i >> 6] |= (active[i] ? 1L : 0L) << i;
        }
        Mask mask = new Mask(inputHeight, inputWidth, cell, BitSet.valueOf(words));
        if (active.length != mask.rows * mask.columns) {
            throw new IllegalArgumentException(
                    "mask has " + active.length + " flags, input " + inputWidth + "x" + inputHeight
                            + " has " + mask.columns + "x" + mask.rows + " cells of " + cell + " pixels");
        }
        return mask;
    }

    /** Returns a mask with every cell, or none, in the foreground. */
    public static Mask uniform(int inputHeight, int inputWidth, int cell, boolean foreground) {
        Mask mask = of(inputHeight, inputWidth, cell, new boolean[((inputHeight + cell - 1) / cell)
                * ((inputWidth + cell - 1) / cell)]);
        mask.cells.set(0, mask.rows * mask.columns, foreground);
        return mask;
    }

    /** Returns the mask with a rectangle added: every cell that it touches. Coordinates are input pixels and may lie outside. */
    public Mask withRectangle(float left, float top, float right, float bottom) {
        BitSet bits = (BitSet) cells.clone();
        int firstRow = (int) Math.max(0, Math.floor(top / cell));
        int firstColumn = (int) Math.max(0, Math.floor(left / cell));
        int endRow = (int) Math.min(rows, Math.ceil(bottom / cell));
        int endColumn = (int) Math.min(columns, Math.ceil(right / cell));
        for (int r = firstRow; r < endRow; r++) {
            if (endColumn > firstColumn) {
                bits.set(r * columns + firstColumn, r * columns + endColumn);
            }
        }
        return new Mask(inputHeight, inputWidth, cell, bits);
    }

    /** Returns the mask grown by a margin in input pixels, rounded up to whole cells, in all eight directions. */
    public Mask dilate(int margin) {
        int by = (int) Math.min(Math.max(rows, columns), ((long) margin + cell - 1) / cell);
        if (by <= 0) {
            return this;
        }
        BitSet wide = new BitSet(rows * columns);
        int[] runs = new int[columns + 2];
        for (int r = 0; r < rows; r++) {
            int n = runs(r, runs);
            for (int i = 0; i < n; i += 2) {
                int from = Math.max(0, runs[i] - by);
                int to = Math.min(columns, runs[i + 1] + by);
                for (int d = Math.max(0, r - by); d < Math.min(rows, r + by + 1); d++) {
                    wide.set(d * columns + from, d * columns + to);
                }
            }
        }
        return new Mask(inputHeight, inputWidth, cell, wide);
    }

    /**
     * Returns the cells that are foreground in either mask.
     *
     * @throws IllegalArgumentException if the masks differ in size or cells
     */
    public Mask union(Mask other) {
        if (other.inputHeight != inputHeight || other.inputWidth != inputWidth || other.cell != cell) {
            throw new IllegalArgumentException("union of " + this + " and " + other);
        }
        BitSet bits = (BitSet) cells.clone();
        bits.or(other.cells);
        return new Mask(inputHeight, inputWidth, cell, bits);
    }

    /**
     * Returns the cells that are foreground in both masks.
     *
     * @throws IllegalArgumentException if the masks differ in size or cells
     */
    public Mask intersection(Mask other) {
        if (other.inputHeight != inputHeight || other.inputWidth != inputWidth || other.cell != cell) {
            throw new IllegalArgumentException("intersection of " + this + " and " + other);
        }
        BitSet bits = (BitSet) cells.clone();
        bits.and(other.cells);
        return new Mask(inputHeight, inputWidth, cell, bits);
    }

    /** Returns the cells that are not foreground. */
    public Mask complement() {
        BitSet bits = (BitSet) cells.clone();
        bits.flip(0, rows * columns);
        return new Mask(inputHeight, inputWidth, cell, bits);
    }

    /** Returns the height of the input that the mask is for. */
    public int inputHeight() {
        return inputHeight;
    }

    /** Returns the width of the input that the mask is for. */
    public int inputWidth() {
        return inputWidth;
    }

    /** Returns the cell size in input pixels. */
    public int cell() {
        return cell;
    }

    /** Returns the number of rows of cells. */
    public int rows() {
        return rows;
    }

    /** Returns the number of columns of cells. */
    public int columns() {
        return columns;
    }

    /** Returns whether a cell is foreground. */
    public boolean get(int row, int column) {
        return cells.get(row * columns + column);
    }

    /** Returns whether no cell is foreground. */
    public boolean isEmpty() {
        return cells.isEmpty();
    }

    /** Returns whether every cell is foreground. */
    public boolean isFull() {
        return cells.cardinality() == rows * columns;
    }

    /** Returns the share of foreground cells. */
    public double share() {
        return (double) cells.cardinality() / (rows * columns);
    }

    /** Returns the flags, row-major; a copy. */
    public boolean[] toArray() {
        boolean[] flags = new boolean[rows * columns];
        cells.stream().forEach(i -> flags[i] = true);
        return flags;
    }

    /** Writes into {@code starts} for each run of foreground cells of a row its first column and its end; returns twice the runs. */
    int runs(int row, int[] starts) {
        int[] all = runs;
        if (all == null) {
            all = findRuns();
            runs = all;
        }
        int n = all[row + 1] - all[row];
        System.arraycopy(all, all[row], starts, 0, n);
        return n;
    }

    /**
     * Returns the number of foreground cells above and left of each corner of cells: of corner (r, c) at {@code r * (columns + 1) + c}, in
     * rows below r and columns below c. Shared, read-only.
     */
    int[] counts() {
        int[] all = counts;
        if (all == null) {
            all = findCounts();
            counts = all;
        }
        return all;
    }

    private int[] findCounts() {
        int line = columns + 1;
        int[] all = new int[(rows + 1) * line];
        long[] words = Arrays.copyOf(cells.toLongArray(), rows * columns / 64 + 1);
        for (int row = 0, i = 0; row < rows; row++) {
            int at = (row + 1) * line + 1;
            int inRow = 0;
            for (int c = 0; c < columns; c++, i++) {
                inRow += (int) (words[i >> 6] >>> i & 1);
                all[at + c] = all[at + c - line] + inRow;
            }
        }
        return all;
    }

    private int[] findRuns() {
        int[] all = new int[rows + 1 + rows * 8];
        int n = rows + 1;
        for (int row = 0; row < rows; row++) {
            all[row] = n;
            int first = row * columns;
            int end = first + columns;
            for (int i = cells.nextSetBit(first); i >= 0 && i < end;) {
                int clear = Math.min(end, cells.nextClearBit(i));
                if (n + 2 > all.length) {
                    all = Arrays.copyOf(all, 2 * n);
                }
                all[n++] = i - first;
                all[n++] = clear - first;
                i = cells.nextSetBit(clear);
            }
        }
        all[rows] = n;
        return all;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Mask m && m.inputHeight == inputHeight && m.inputWidth == inputWidth && m.cell == cell
                && m.cells.equals(cells);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(new int[]{inputHeight, inputWidth, cell, cells.hashCode()});
    }

    @Override
    public String toString() {
        return "mask of " + columns + "x" + rows + " cells of " + cell + " px, " + Math.round(100 * share())
                + " % foreground";
    }
}
