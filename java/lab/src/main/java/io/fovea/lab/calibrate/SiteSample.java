package io.fovea.lab.calibrate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Sites of one level to learn from, in bounded memory: positives are kept first, the rest is a uniform sample of the negatives
 * (reservoir sampling; a positive that finds no room takes a random negative's, which leaves the others uniform). Rows are stored as
 * float16, at most {@value #MAX_VALUES} values of them. Not thread-safe.
 */
final class SiteSample {
    /** 256 MB. */
    static final long MAX_VALUES = 128L << 20;
    private static final float LARGEST = 65504f;

    private final int channels;
    private final int capacity;
    private final Random random;
    private final List<short[]> rows = new ArrayList<>();
    private boolean[] positive = new boolean[1024];
    private int[] negativeSlots = new int[1024];
    private int negatives;
    private long negativesSeen;
    private long positivesSeen;

    SiteSample(int channels, int maxSites, long seed) {
        this.channels = channels;
        this.capacity = (int) Math.clamp(MAX_VALUES / channels, 1, maxSites);
        this.random = new Random(seed);
    }

    /** Offers the site whose channels start at {@code at}. */
    void add(float[] values, int at, boolean isPositive) {
        if (isPositive) {
            positivesSeen++;
        } else {
            negativesSeen++;
        }
        if (rows.size() < capacity) {
            int slot = rows.size();
            rows.add(new short[channels]);
            if (slot == positive.length) {
                positive = Arrays.copyOf(positive, 2 * slot);
                negativeSlots = Arrays.copyOf(negativeSlots, 2 * slot);
            }
            positive[slot] = isPositive;
            if (!isPositive) {
                negativeSlots[negatives++] = slot;
            }
            store(slot, values, at);
        } else if (isPositive && negatives > 0) {
            int which = random.nextInt(negatives);
            int slot = negativeSlots[which];
            negativeSlots[which] = negativeSlots[--negatives];
            positive[slot] = true;
            store(slot, values, at);
        } else if (isPositive) {
            long which = random.nextLong(positivesSeen);
            if (which < capacity) {
                store((int) which, values, at);
            }
        } else {
            long which = random.nextLong(negativesSeen);
            if (which < negatives) {
                store(negativeSlots[(int) which], values, at);
            }
        }
    }

    private void store(int slot, float[] values, int at) {
        short[] row = rows.get(slot);
        for (int c = 0; c < channels; c++) {
            row[c] = Float.floatToFloat16(Math.clamp(values[at + c], -LARGEST, LARGEST));
        }
    }

    int channels() {
        return channels;
    }

    int size() {
        return rows.size();
    }

    int positives() {
        return rows.size() - negatives;
    }

    long positivesSeen() {
        return positivesSeen;
    }

    long seen() {
        return positivesSeen + negativesSeen;
    }

    boolean isPositive(int i) {
        return positive[i];
    }

    /** Copies the channels of site i. */
    void read(int i, float[] into) {
        short[] row = rows.get(i);
        for (int c = 0; c < channels; c++) {
            into[c] = Float.float16ToFloat(row[c]);
        }
    }
}
