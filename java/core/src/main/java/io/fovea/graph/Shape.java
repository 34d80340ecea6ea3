package io.fovea.graph;

/**
 * Shape of a value for batch size 1: a feature map of {@code height x width} sites with {@code channels} each.
 *
 * <p>A list of head rows (ONNX shape {@code [1, N, K]}) is a map of height N, width 1 and K channels.
 *
 * @param height number of site rows, at least 1
 * @param width number of site columns, at least 1
 * @param channels values per site, at least 1
 */
public record Shape(int height, int width, int channels) {

    /** Largest number of values that one activation may hold (2^31 - 1 bytes of float32 stay addressable by int). */
    public static final long MAX_VALUES = 1L << 29;

    public Shape {
        if (height < 1 || width < 1 || channels < 1) {
            throw new GraphException("shape " + height + "x" + width + "x" + channels + " has a size below 1");
        }
        if ((long) height * width > MAX_VALUES || (long) height * width * channels > MAX_VALUES) {
            throw new GraphException("shape " + height + "x" + width + "x" + channels + " holds more than 2^29 values");
        }
    }

    /** Returns the number of sites, {@code height * width}. */
    public int sites() {
        return height * width;
    }

    /** Returns the number of values, {@code height * width * channels}. */
    public int values() {
        return height * width * channels;
    }

    @Override
    public String toString() {
        return height + "x" + width + "x" + channels;
    }
}
