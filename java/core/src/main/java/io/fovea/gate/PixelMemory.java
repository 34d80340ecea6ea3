package io.fovea.gate;

import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The pixels that were computed last, for a comparison bit by bit. */
final class PixelMemory {
    private static final int CHANNELS = 3;
    private final int height;
    private final int width;
    private final int cell;
    private final float[] pixels;
    private final float[] row;

    PixelMemory(int height, int width, int cell) {
        this.height = height;
        this.width = width;
        this.cell = cell;
        this.pixels = new float[CHANNELS * height * width];
        this.row = new float[CHANNELS * width];
    }

    /** Marks the cells in which any value differs; returns how many. */
    int compare(MemorySegment input, boolean[] changed) {
        Arrays.fill(changed, false);
        int columns = (width + cell - 1) / cell;
        int count = 0;
        for (int y = 0; y < height; y++) {
            MemorySegment.copy(input, ValueLayout.JAVA_FLOAT, 4L * y * row.length, row, 0, row.length);
            int base = y * row.length;
            for (int at = 0; at < row.length;) {
                int differs = Arrays.mismatch(row, at, row.length, pixels, base + at, base + row.length);
                if (differs < 0) {
                    break;
                }
                int c = (at + differs) / (CHANNELS * cell);
                int index = y / cell * columns + c;
                count += changed[index] ? 0 : 1;
                changed[index] = true;
                at = Math.min(row.length, (c + 1) * CHANNELS * cell);
            }
        }
        return count;
    }

    void remember(MemorySegment input, Mask mask) {
        for (int y = 0; y < height; y++) {
            for (int c = 0; c < mask.columns(); c++) {
                if (mask.get(y / cell, c)) {
                    int from = (y * width + c * cell) * CHANNELS;
                    int end = (y * width + Math.min(width, (c + 1) * cell)) * CHANNELS;
                    MemorySegment.copy(input, ValueLayout.JAVA_FLOAT, 4L * from, pixels, from, end - from);
                }
            }
        }
    }

    void rememberAll(MemorySegment input) {
        MemorySegment.copy(input, ValueLayout.JAVA_FLOAT, 0, pixels, 0, pixels.length);
    }
}
