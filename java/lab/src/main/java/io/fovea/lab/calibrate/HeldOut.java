package io.fovea.lab.calibrate;

import java.util.Arrays;

/** A unit's outputs on held-out photos, from which its threshold is set. Not thread-safe. */
final class HeldOut {
    private float[] sites = new float[1024];
    private int siteCount;
    private float[] rows = new float[1024];
    private int rowCount;

    /** Adds a site with the unit's raw output and the number of its rows that must be kept. */
    void add(float raw, int rowsToKeep) {
        if (siteCount == sites.length) {
            sites = Arrays.copyOf(sites, 2 * siteCount);
        }
        sites[siteCount++] = raw;
        while (rowCount + rowsToKeep > rows.length) {
            rows = Arrays.copyOf(rows, 2 * rows.length);
        }
        Arrays.fill(rows, rowCount, rowCount + rowsToKeep, raw);
        rowCount += rowsToKeep;
    }

    int rowCount() {
        return rowCount;
    }

    /**
     * Returns the largest threshold above which the share of rows stays: a little below the last row that has to.
     *
     * @param keepShare in (0, 1]
     */
    float threshold(double keepShare) {
        float[] sorted = Arrays.copyOf(rows, rowCount);
        Arrays.sort(sorted);
        int dropped = (int) Math.floor(rowCount * (1 - keepShare) + 1e-9);
        float last = sorted[dropped];
        // Kernels add in another order than this: leave them more room than rounding needs.
        return last - 1e-3f * (1 + Math.abs(last));
    }

    int keptRows(float threshold) {
        int kept = 0;
        for (int i = 0; i < rowCount; i++) {
            kept += rows[i] > threshold ? 1 : 0;
        }
        return kept;
    }

    double activeShare(float threshold) {
        int active = 0;
        for (int i = 0; i < siteCount; i++) {
            active += sites[i] > threshold ? 1 : 0;
        }
        return siteCount == 0 ? 1 : (double) active / siteCount;
    }
}
