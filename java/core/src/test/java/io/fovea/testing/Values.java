package io.fovea.testing;

import io.fovea.graph.Shape;
import java.util.Arrays;
import java.util.Random;

/** Seeded arrays, their layouts, and comparisons whose message names the worst place. */
public final class Values {
    private Values() {
    }

    /** Returns normally distributed values times a factor. */
    public static float[] gaussian(Random random, int count, double factor) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * factor);
        }
        return values;
    }

    /** Returns normally distributed values of a seed. */
    public static float[] gaussian(long seed, int count) {
        return gaussian(new Random(seed), count, 1);
    }

    /** Brings {@code [channels][height][width]} to {@code [height][width][channels]}. */
    public static float[] channelsLast(float[] nchw, Shape shape) {
        float[] nhwc = new float[nchw.length];
        for (int c = 0; c < shape.channels(); c++) {
            for (int site = 0; site < shape.sites(); site++) {
                nhwc[site * shape.channels() + c] = nchw[c * shape.sites() + site];
            }
        }
        return nhwc;
    }

    /** Brings {@code [height][width][channels]} to {@code [channels][height][width]}. */
    public static float[] channelsFirst(float[] nhwc, Shape shape) {
        float[] nchw = new float[nhwc.length];
        for (int c = 0; c < shape.channels(); c++) {
            for (int site = 0; site < shape.sites(); site++) {
                nchw[c * shape.sites() + site] = nhwc[site * shape.channels() + c];
            }
        }
        return nchw;
    }

    /**
     * Fails unless two arrays have one length and every difference is at most {@code bound}, or {@code bound} times the wanted value
     * where that is above 1 and {@code relative} is set; NaN anywhere fails.
     */
    public static void assertClose(float[] want, float[] got, double bound, boolean relative, String what) {
        if (want.length != got.length) {
            throw new AssertionError(what + ": " + got.length + " values, wanted " + want.length);
        }
        int worst = -1;
        double most = 0;
        for (int i = 0; i < want.length; i++) {
            double size = relative ? Math.max(1, Math.abs(want[i])) : 1;
            double difference = Math.abs((double) want[i] - got[i]) / size;
            if (Double.isNaN(difference) || difference > most) {
                worst = i;
                most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
            }
        }
        if (most > bound) {
            throw new AssertionError(what + ": value " + worst + " is " + got[worst] + ", wanted " + want[worst]
                    + "; difference " + most + " is above " + bound);
        }
    }

    /** Fails unless two arrays are the same bits. */
    public static void assertSameBits(float[] want, float[] got, String what) {
        int at = Arrays.mismatch(want, got);
        if (at >= 0) {
            throw new AssertionError(what + ": other bits at " + at + " of " + want.length + ": "
                    + (at < got.length ? got[at] : "nothing") + ", wanted "
                    + (at < want.length ? want[at] : "nothing"));
        }
    }
}
