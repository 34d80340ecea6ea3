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
    private final int[] runs;
    private final int[] across;
    private final int[] area;

    /** Makes a pool from an input of the given size to a resolution. */
    public MaskPool(int inputHeight, int inputWidth, int height, int width) {
        this.inputHeight = inputHeight;
        this.inputWidth = inputWidth;
        this.height = height;
        this.width = width;
        this.top = bounds(inputHeight, height);
        this.left = bounds(inputWidth, width);
        this.runs = new int[inputWidth + 2];
        this.across = new int[width + 1];
        this.area = new int[width];
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
        if (mask.inputHeight() != inputHeight || mask.inputWidth() != inputWidth) {
            throw new IllegalArgumentException(mask.toString() + " is for input " + mask.inputWidth() + "x"
                    + mask.inputHeight() + ", not " + inputWidth + "x" + inputHeight);
        }
        boolean fine = inputHeight <= (long) height * mask.cell() && inputWidth <= (long) width * mask.cell();
        double share = fine ? 0 : coarseShare;
        int cell = mask.cell();
        if (share == 0) {
            touched(mask, active);
            return;
        }
        int previous = -1;
        int sameCell = -1;
        for (int y = 0; y < height; y++) {
            int from = top[y];
            int to = Math.max(from + 1, top[y + 1]);
            int firstCell = from / cell;
            int lastCell = (to - 1) / cell;
            if (firstCell == lastCell) {
                if (previous != firstCell) {
                    count(mask, firstCell);
                    previous = firstCell;
                }
                if (sameCell == firstCell) {
                    // Within one row of cells the share of a site's pixels does not depend on its height.
                    System.arraycopy(active, (y - 1) * width, active, y * width, width);
                } else {
                    flags(area, to - from, to - from, share, active, y);
                    sameCell = firstCell;
                }
                continue;
            }
            sameCell = -1;
            int[] sum = across;
            Arrays.fill(sum, 0, width, 0);
            for (int c = firstCell; c <= lastCell; c++) {
                int rows = Math.min(to, (c + 1) * cell) - Math.max(from, c * cell);
                if (previous != c) {
                    count(mask, c);
                    previous = c;
                }
                for (int x = 0; x < width; x++) {
                    sum[x] += rows * area[x];
                }
            }
            flags(sum, 1, to - from, share, active, y);
        }
    }

    /** The sites of which any pixel is foreground. */
    private void touched(Mask mask, boolean[] active) {
        int cell = mask.cell();
        int lastFirst = -1;
        int lastEnd = -1;
        for (int y = 0; y < height; y++) {
            int firstCell = top[y] / cell;
            int endCell = (Math.max(top[y] + 1, top[y + 1]) - 1) / cell + 1;
            int row = y * width;
            if (firstCell == lastFirst && endCell == lastEnd) {
                System.arraycopy(active, row - width, active, row, width);
                continue;
            }
            lastFirst = firstCell;
            lastEnd = endCell;
            Arrays.fill(active, row, row + width, false);
            for (int c = firstCell; c < endCell; c++) {
                int n = mask.runs(c, runs);
                for (int i = 0; i < n; i += 2) {
                    int from = firstSite(runs[i] * cell);
                    int end = endSite(Math.min(inputWidth, runs[i + 1] * cell));
                    Arrays.fill(active, row + from, row + Math.max(from, end), true);
                }
            }
        }
    }

    /** Returns the first site column that covers a pixel column or one beyond it. */
    private int firstSite(int pixel) {
        int x = (int) ((long) pixel * width / inputWidth);
        while (x > 0 && Math.max(left[x - 1] + 1, left[x]) > pixel) {
            x--;
        }
        while (x < width && Math.max(left[x] + 1, left[x + 1]) <= pixel) {
            x++;
        }
        return x;
    }

    /** Returns the first site column that begins at a pixel column or beyond it. */
    private int endSite(int pixel) {
        int x = Math.min(width, (int) ((long) pixel * width / inputWidth));
        while (x > 0 && left[x - 1] >= pixel) {
            x--;
        }
        while (x < width && left[x] < pixel) {
            x++;
        }
        return x;
    }

    private void flags(int[] counts, int times, int rows, double share, boolean[] active, int y) {
        for (int x = 0; x < width; x++) {
            int pixels = rows * Math.max(1, left[x + 1] - left[x]);
            active[y * width + x] = counts[x] * times > share * pixels;
        }
    }

    /** Counts for each site column the foreground pixels of one pixel row of a cell row. */
    private void count(Mask mask, int cellRow) {
        Arrays.fill(area, 0);
        int n = mask.runs(cellRow, runs);
        for (int i = 0; i < n; i += 2) {
            int from = runs[i] * mask.cell();
            int to = Math.min(inputWidth, runs[i + 1] * mask.cell());
            int x = (int) ((long) from * width / inputWidth);
            while (x > 0 && Math.max(left[x - 1] + 1, left[x]) > from) {
                x--;
            }
            for (; x < width && left[x] < to; x++) {
                int end = Math.max(left[x] + 1, left[x + 1]);
                area[x] += Math.max(0, Math.min(to, end) - Math.max(from, left[x]));
            }
        }
    }
}
