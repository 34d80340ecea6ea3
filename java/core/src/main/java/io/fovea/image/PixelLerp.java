package io.fovea.image;

/** Interpolates along one row of packed RGB. Immutable, thread-safe; every implementation gives the same bits. */
interface PixelLerp {

    /**
     * Writes {@code low + (high - low) * share} of each target position's three samples.
     *
     * @param rgb samples, 8 bits each
     * @param start first byte of the source row
     * @param axis source positions and shares, of {@code to} target positions at least
     * @param from first target position
     * @param to end, exclusive
     * @param target {@code 3 * to} values
     */
    void across(byte[] rgb, int start, Bilinear.Axis axis, int from, int to, float[] target);

    /** Returns the fastest that runs here. */
    static PixelLerp best() {
        return Best.LERP;
    }

    /** Chosen once. */
    final class Best {
        private static final PixelLerp LERP = RowConverter.hasVectors() ? new VectorLerp() : new ScalarLerp();

        private Best() {
        }
    }
}
