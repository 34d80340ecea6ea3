package io.fovea.gate;

import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads logit maps that span the picture at the centres of a mask's cells: bilinearly, half-pixel centres, clamped at the border. Immutable,
 * thread-safe.
 */
final class LogitMask {
    private final int inputHeight;
    private final int inputWidth;
    private final int cell;
    private final int rows;
    private final int columns;

    LogitMask(int inputHeight, int inputWidth, int cell) {
        this.inputHeight = inputHeight;
        this.inputWidth = inputWidth;
        this.cell = cell;
        this.rows = Math.ceilDiv(inputHeight, cell);
        this.columns = Math.ceilDiv(inputWidth, cell);
    }

    /** Returns the cells of its masks, in pixels of the input. */
    int cell() {
        return cell;
    }

    /** Returns one zero per cell. */
    float[] start() {
        return new float[rows * columns];
    }

    /** Returns the multiply-accumulates that reading one map takes. */
    long macs() {
        return 4L * rows * columns;
    }

    /** Adds a map of {@code height x width} logits. */
    void add(float[] sums, MemorySegment map, int height, int width) {
        for (int r = 0; r < rows; r++) {
            float y = at(r, inputHeight, height);
            int above = (int) y;
            long top = (long) above * width;
            long bottom = (long) Math.min(above + 1, height - 1) * width;
            float below = y - above;
            for (int c = 0; c < columns; c++) {
                float x = at(c, inputWidth, width);
                int left = (int) x;
                int next = Math.min(left + 1, width - 1);
                float right = x - left;
                float upper = (1 - right) * get(map, top + left) + right * get(map, top + next);
                float lower = (1 - right) * get(map, bottom + left) + right * get(map, bottom + next);
                sums[r * columns + c] += (1 - below) * upper + below * lower;
            }
        }
    }

    private float at(int index, int input, int size) {
        return Math.clamp((index + 0.5f) * cell * size / input - 0.5f, 0, size - 1);
    }

    private static float get(MemorySegment map, long i) {
        return map.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    /** Returns the cells whose sum is above a threshold. */
    Mask above(float[] sums, float threshold) {
        boolean[] active = new boolean[sums.length];
        for (int i = 0; i < sums.length; i++) {
            active[i] = sums[i] > threshold;
        }
        return Mask.of(inputHeight, inputWidth, cell, active);
    }
}
