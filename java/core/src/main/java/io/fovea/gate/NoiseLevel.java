package io.fovea.gate;

import java.util.Arrays;

/**
 * The noise of a stream: median over the picture of how far the difference of two frames that follow each other lies from its own median
 * (a change of light does not count), taken for a standard deviation by the normal distribution's factor 1.4826 (Rousseeuw and
 * Croux, 1993), averaged over time. Medians do not see the part of the picture that moves, as long as that is less than half.
 */
final class NoiseLevel {
    private static final double MAD_TO_SIGMA = 1.4826;
    private static final double RATE = 0.1;
    private static final float BINS_PER_LEVEL = 16;
    private static final int HALF = 512;
    private static final int GREEN = 1;
    /** Medians look at every so many blocks; coprime with usual widths, so that all columns take part. */
    private static final int EVERY = 7;
    private final int[] bins = new int[2 * HALF + 1];
    private static final int FIRST_FRAMES = 5;
    private int counted;
    private double sigma;
    private int frames;

    void reset() {
        sigma = 0;
        frames = 0;
    }

    /** Returns the standard deviation in grey levels, 0 before two frames were seen. */
    double sigma() {
        return sigma;
    }

    /**
     * Takes in the differences of a frame to the one before. At first the least counts, later the average, which no single frame raises by
     * much: a cut is not noise.
     */
    void add(float[] now, float[] before) {
        double seen = deviation(now, before) * MAD_TO_SIGMA;
        if (frames < FIRST_FRAMES) {
            sigma = frames == 0 ? seen : Math.min(sigma, seen);
            frames++;
        } else {
            sigma += RATE * (Math.min(seen, 2 * sigma + 1) - sigma);
        }
    }

    /** Returns the median difference of two pooled frames in a channel, grey levels within -32..32. */
    float median(float[] a, float[] b, int channel) {
        return (count(a, b, channel) - HALF) / BINS_PER_LEVEL;
    }

    private float deviation(float[] a, float[] b) {
        int middle = count(a, b, GREEN);
        int half = counted / 2;
        int reach = 0;
        for (int count = bins[middle]; count <= half && reach < 2 * HALF; count += at(middle - reach)
                + at(middle + reach)) {
            reach++;
        }
        return reach / BINS_PER_LEVEL;
    }

    private int at(int bin) {
        return bin < 0 || bin >= bins.length ? 0 : bins[bin];
    }

    /** Counts the differences by size; returns the bin of the median. */
    private int count(float[] a, float[] b, int channel) {
        Arrays.fill(bins, 0);
        counted = 0;
        for (int i = channel; i < a.length; i += 3 * EVERY) {
            int bin = (int) ((a[i] - b[i]) * BINS_PER_LEVEL + (HALF + 0.5f));
            bins[Math.max(0, Math.min(2 * HALF, bin))]++;
            counted++;
        }
        int half = counted / 2;
        int bin = 0;
        for (int count = bins[0]; count <= half; count += bins[bin]) {
            bin++;
        }
        return bin;
    }
}
