package io.fovea.graph;

/**
 * Which input positions an output position of a map reads: a {@link Window} that slides, or a {@link Sampling} that lists them. Rows and
 * columns are independent: tap (ky, kx) of output (y, x) is input ({@link #row}(y, ky), {@link #column}(x, kx)), and a position outside
 * the map is padding.
 */
public sealed interface Reach permits Window, Sampling {

    /** Returns the rows of taps. */
    int kernelH();

    /** Returns the columns of taps. */
    int kernelW();

    /** Returns the number of taps, {@code kernelH * kernelW}. */
    default int taps() {
        return kernelH() * kernelW();
    }

    /** Returns the output height for an input of the given height; below 1 when it does not fit. */
    int outHeight(int height);

    /** Returns the output width for an input of the given width; below 1 when it does not fit. */
    int outWidth(int width);

    /** Returns the input row that tap row {@code ky} of output row {@code y} reads; it may lie outside the map. */
    int row(int y, int ky);

    /** Returns the input column that tap column {@code kx} of output column {@code x} reads; it may lie outside the map. */
    int column(int x, int kx);
}
