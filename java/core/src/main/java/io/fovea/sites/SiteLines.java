package io.fovea.sites;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What the columns of each image row read as, in stretches from left to right: entries that grow by one from column to column, or are all
 * the same. Before the first site and after the last one lies a stretch of padding, and one more line is all padding. A tenth of the
 * memory of a map of all sites, which is why tables are made from it. Belongs to one {@link SiteSet}.
 */
final class SiteLines {
    /** Ints of a stretch: first column, end, entry of column 0 if the stretch went that far, growth from column to column. */
    static final int SIZE = 4;
    static final int START = 0;
    static final int END = 1;
    static final int BASE = 2;
    static final int GROWTH = 3;
    private final int height;
    private final int width;
    private final int[] firsts;
    private int[] data = new int[64 * SIZE];
    private int length;

    SiteLines(SiteGrid grid) {
        height = grid.height();
        width = grid.width();
        firsts = new int[grid.height() + 1];
    }

    /** Begins line y; lines are made in order, line 0 begins anew. */
    void begin(int y, int padding) {
        length = y == 0 ? 0 : length;
        firsts[y] = length;
        int most = length + SIZE * (width + 3);
        if (most > data.length) {
            data = Arrays.copyOf(data, 2 * most);
        }
        add(Integer.MIN_VALUE, 0, padding, 0);
    }

    /** Adds a stretch up to {@code end}, where column x reads {@code base + growth * x}. */
    void stretch(int end, int base, int growth) {
        add(data[length - SIZE + END], end, base, growth);
    }

    /** Ends a line; after the last one comes the line of padding. */
    void end(int y, int padding) {
        add(width, Integer.MAX_VALUE, padding, 0);
        if (y == height - 1) {
            firsts[height] = length;
            add(Integer.MIN_VALUE, Integer.MAX_VALUE, padding, 0);
        }
    }

    private void add(int start, int end, int base, int growth) {
        int[] d = data;
        d[length + START] = start;
        d[length + END] = end;
        d[length + BASE] = base;
        d[length + GROWTH] = growth;
        length += SIZE;
    }

    /** Returns the index in {@link #data} of a line's first stretch; lines outside the map are the one of padding. */
    int first(int y) {
        return firsts[y < 0 || y >= height ? height : y];
    }

    /** Returns the stretches, {@link #SIZE} ints each; shared, read-only. */
    int[] data() {
        return data;
    }

    /** Returns the ints of all stretches. */
    int length() {
        return length;
    }

    /** Returns where in {@link #data} each line begins, and last the line of padding; shared, read-only. */
    int[] firsts() {
        return firsts;
    }

    /** Writes where each line begins in what is written, {@code height + 1} int32, then the stretches. */
    void copy(MemorySegment to) {
        for (int y = 0; y <= height; y++) {
            to.setAtIndex(ValueLayout.JAVA_INT, y, firsts[y] + height + 1);
        }
        MemorySegment.copy(data, 0, to, ValueLayout.JAVA_INT, 4L * (height + 1), length);
    }

    /** Writes the entries of a line's sites. */
    void write(int y, int[] to, int at) {
        for (int s = firsts[y] + SIZE; data[s + START] < width; s += SIZE) {
            int entry = data[s + BASE] + data[s + GROWTH] * data[s + START];
            for (int x = data[s + START]; x < data[s + END]; x++) {
                to[at + x] = entry;
                entry += data[s + GROWTH];
            }
        }
    }
}
