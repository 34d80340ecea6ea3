package io.fovea.gate;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A frame shrunk to means of square blocks of pixels, in grey levels: {@code rows * columns} blocks of 3 channels. Means keep what moves
 * and lose most of what a sensor and a codec add.
 */
final class PooledFrame {
    private static final int CHANNELS = 3;
    private final int height;
    private final int width;
    private final int pool;
    private final float[] toGrey;
    private final float[] row;
    private final float[] sums;
    final int rows;
    final int columns;
    /** Per block: noise of a whole block's mean over that of this one's; below 1 where the picture ends in it. */
    final float[] weights;

    PooledFrame(int height, int width, int pool, float[] toGrey) {
        this.height = height;
        this.width = width;
        this.pool = pool;
        this.toGrey = toGrey;
        this.rows = (height + pool - 1) / pool;
        this.columns = (width + pool - 1) / pool;
        this.row = new float[CHANNELS * width];
        this.sums = new float[CHANNELS * columns * pool];
        this.weights = new float[rows * columns];
        for (int i = 0; i < weights.length; i++) {
            int high = Math.min(pool, height - i / columns * pool);
            int wide = Math.min(pool, width - i % columns * pool);
            weights[i] = (float) Math.sqrt((double) high * wide) / pool;
        }
    }

    /** Returns the values of a pooled frame. */
    int length() {
        return rows * columns * CHANNELS;
    }

    /** Pools input rows (float32, height x width x 3); what lies beyond the picture takes no part. */
    void pool(MemorySegment input, float[] to) {
        for (int r = 0; r < rows; r++) {
            int from = r * pool;
            int end = Math.min(height, from + pool);
            for (int y = from; y < end; y++) {
                MemorySegment.copy(input, ValueLayout.JAVA_FLOAT, 4L * y * row.length, row, 0, row.length);
                if (y == from) {
                    System.arraycopy(row, 0, sums, 0, row.length);
                } else {
                    add(row, sums);
                }
            }
            across(to, r * columns * CHANNELS, end - from);
        }
    }

    private static void add(float[] row, float[] sums) {
        for (int i = 0; i < row.length; i++) {
            sums[i] += row[i];
        }
    }

    private void across(float[] to, int at, int high) {
        float[] s = sums;
        int n = at;
        for (int c = 0; c < columns; c++) {
            int first = c * pool;
            int end = Math.min(width, first + pool);
            float a = 0;
            float b = 0;
            float d = 0;
            for (int i = CHANNELS * first; i < CHANNELS * end; i += CHANNELS) {
                a += s[i];
                b += s[i + 1];
                d += s[i + 2];
            }
            float share = 1f / (high * (end - first));
            to[n++] = a * share * toGrey[0];
            to[n++] = b * share * toGrey[1];
            to[n++] = d * share * toGrey[2];
        }
    }
}
