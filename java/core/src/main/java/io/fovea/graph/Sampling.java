package io.fovea.graph;

import java.util.Arrays;

/**
 * An output map put together from weighted input positions, row by row and column by column: interpolation, padding, cropping and
 * spreading are all of this form. An output value is the sum over its taps of {@code vertical weight * horizontal weight * input}.
 *
 * @param inHeight height of the input it was made for
 * @param inWidth width of the input it was made for
 * @param vertical what each output row reads
 * @param horizontal what each output column reads
 */
public record Sampling(int inHeight, int inWidth, Axis vertical, Axis horizontal) implements Reach {

    /** The source position of a tap that reads padding, which is zero. */
    public static final int PADDING = -1;

    /**
     * What the outputs along one axis read. Arrays are shared, not copied.
     *
     * @param taps taps per output, at least 1
     * @param index input position of each output's taps, {@code [size][taps]}; {@link #PADDING} for padding
     * @param weight factor of each, {@code [size][taps]}
     */
    public record Axis(int taps, int[] index, float[] weight) {
        public Axis {
            if (taps < 1 || index.length == 0 || index.length % taps != 0 || weight.length != index.length) {
                throw new GraphException("axis of " + index.length + " positions and " + weight.length + " weights in "
                        + taps + " taps");
            }
        }

        /** Returns an axis of one tap of weight 1. */
        public static Axis of(int... index) {
            float[] ones = new float[index.length];
            Arrays.fill(ones, 1f);
            return new Axis(1, index, ones);
        }

        /** Returns the number of outputs. */
        public int size() {
            return index.length / taps;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Axis a && a.taps == taps && Arrays.equals(a.index, index)
                    && Arrays.equals(a.weight, weight);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(index) + Arrays.hashCode(weight);
        }
    }

    public Sampling {
        check(vertical, inHeight);
        check(horizontal, inWidth);
    }

    private static void check(Axis axis, int size) {
        for (int i : axis.index) {
            if (i < PADDING || i >= size) {
                throw new GraphException("position " + i + " is not within " + size);
            }
        }
    }

    /** Returns whether every output is one input as it is (or padding), without a sum. */
    public boolean isCopy() {
        return taps() == 1 && ones(vertical.weight) && ones(horizontal.weight);
    }

    private static boolean ones(float[] weights) {
        for (float w : weights) {
            if (w != 1f) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int kernelH() {
        return vertical.taps;
    }

    @Override
    public int kernelW() {
        return horizontal.taps;
    }

    @Override
    public int outHeight(int height) {
        return height == inHeight ? vertical.size() : 0;
    }

    @Override
    public int outWidth(int width) {
        return width == inWidth ? horizontal.size() : 0;
    }

    @Override
    public int row(int y, int ky) {
        return vertical.index[y * vertical.taps + ky];
    }

    @Override
    public int column(int x, int kx) {
        return horizontal.index[x * horizontal.taps + kx];
    }
}
