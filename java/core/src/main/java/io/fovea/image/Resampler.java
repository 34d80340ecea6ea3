package io.fovea.image;

/** Stretches pictures to one size, row by row. Immutable but for a cache of tables; safe for threads. */
interface Resampler {
    /**
     * Begins with a picture.
     *
     * @param reused what an earlier call gave and nobody uses now, or null
     * @return the rows of the stretched picture; {@code reused} itself when its buffers are big enough
     */
    Rows rows(Image image, Rows reused);

    /** The rows of one stretched picture; for one thread. */
    interface Rows {
        /** Writes target row y, 3 * width values in 0..255 in RGB order; to be called with y = 0, 1, 2, ... */
        void row(int y, float[] target);

        /** Lets go of the picture. */
        void release();
    }
}
