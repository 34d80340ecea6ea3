package io.fovea.gate;

import java.util.Arrays;

/** Cells that hang together. */
final class Regions {
    private Regions() {
    }

    /** Clears the regions (connected in eight directions) of fewer than {@code least} cells. */
    static void dropSmall(boolean[] cells, int rows, int columns, int least) {
        if (least <= 1) {
            return;
        }
        boolean[] seen = new boolean[cells.length];
        int[] region = new int[cells.length];
        for (int start = 0; start < cells.length; start++) {
            if (!cells[start] || seen[start]) {
                continue;
            }
            int size = 1;
            region[0] = start;
            seen[start] = true;
            for (int i = 0; i < size; i++) {
                int y = region[i] / columns;
                int x = region[i] % columns;
                for (int ny = Math.max(0, y - 1); ny <= Math.min(rows - 1, y + 1); ny++) {
                    for (int nx = Math.max(0, x - 1); nx <= Math.min(columns - 1, x + 1); nx++) {
                        int n = ny * columns + nx;
                        if (cells[n] && !seen[n]) {
                            seen[n] = true;
                            region[size++] = n;
                        }
                    }
                }
            }
            if (size < least) {
                Arrays.stream(region, 0, size).forEach(i -> cells[i] = false);
            }
        }
    }
}
