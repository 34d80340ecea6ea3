package io.fovea.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes a net's input tensor from a photo: stretches it to the input size, orders the channels, and writes
 * {@code (pixel - mean) * scale} with pixels in 0..255.
 *
 * <p>
 * The same photo gives the same bits on any thread. Safe to share between threads; tables for the last few photo sizes and one
 * set of row buffers are kept, so a call in steady state allocates nothing of the size of a picture.
 */
public final class InputEncoder {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final int width;
    private final int height;
    private final boolean reversed;
    /** Of each value of an input row. */
    private final float[] mean;
    private final float[] scale;
    private final Resampler resampler;
    private final AtomicReference<Scratch> spare = new AtomicReference<>();

    /** Row buffers of one call. */
    private record Scratch(Resampler.Rows rows, float[] row) {}

    /**
     * Prepares an input.
     *
     * @param width pixels, at least 1
     * @param height pixels, at least 1
     * @param resize interpolation
     * @param order channel order of the tensor
     * @param mean one value per channel in that order, in 0..255 units
     * @param scale one value per channel in that order
     * @throws IllegalArgumentException when a size is not positive or an array has not three values
     */
    public InputEncoder(int width, int height, Resize resize, ColorOrder order, float[] mean, float[] scale) {
        if (width < 1 || height < 1 || 3L * width * height > Integer.MAX_VALUE / 4) {
            throw new IllegalArgumentException("input size " + width + "x" + height);
        }
        if (mean.length != 3 || scale.length != 3) {
            throw new IllegalArgumentException("mean and scale need three values, not " + mean.length + " and "
                    + scale.length);
        }
        this.width = width;
        this.height = height;
        this.reversed = order == ColorOrder.BGR;
        this.mean = repeated(mean, width);
        this.scale = repeated(scale, width);
        this.resampler = switch (resize) {
            case BILINEAR_ASYMMETRIC -> new Bilinear(width, height, false);
            case BILINEAR -> new Bilinear(width, height, true);
            case BILINEAR_ANTIALIAS -> new Antialias(width, height);
        };
    }

    /** Returns the input's width in pixels. */
    public int width() {
        return width;
    }

    /** Returns the input's height in pixels. */
    public int height() {
        return height;
    }

    /** Returns the bytes that {@link #encode} writes: {@code height * width * 3} floats. */
    public long byteSize() {
        return 12L * width * height;
    }

    /**
     * Writes a photo as float32 NHWC: {@code height * width} rows of 3 channels.
     *
     * @param out heap or native memory of exactly {@link #byteSize()} bytes, any alignment
     * @throws IllegalArgumentException when its size is another
     */
    public void encode(Image image, MemorySegment out) {
        if (out.byteSize() != byteSize()) {
            throw new IllegalArgumentException("input tensor " + height + "x" + width + "x3 has " + byteSize()
                    + " bytes, the segment " + out.byteSize());
        }
        Scratch scratch = spare.getAndSet(null);
        Resampler.Rows reused = scratch == null ? null : scratch.rows;
        Resampler.Rows rows = resampler.rows(image, reused);
        float[] row = scratch == null ? new float[3 * width] : scratch.row;
        for (int y = 0; y < height; y++) {
            rows.row(y, row);
            normalise(row);
            MemorySegment.copy(row, 0, out, FLOAT, 4L * y * row.length, row.length);
        }
        rows.release();
        spare.set(scratch != null && rows == reused ? scratch : new Scratch(rows, row));
    }

    private static float[] repeated(float[] three, int width) {
        float[] row = new float[3 * width];
        for (int i = 0; i < row.length; i++) {
            row[i] = three[i % 3];
        }
        return row;
    }

    private void normalise(float[] row) {
        if (reversed) {
            for (int i = 0; i < row.length; i += 3) {
                float red = row[i];
                row[i] = row[i + 2];
                row[i + 2] = red;
            }
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = (row[i] - mean[i]) * scale[i];
        }
    }
}
