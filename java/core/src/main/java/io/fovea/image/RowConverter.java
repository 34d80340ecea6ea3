package io.fovea.image;

/** Turns rows of raw pixels into packed RGB. Immutable, thread-safe. */
interface RowConverter {

    /**
     * Converts a row of luma with a row of colour at half its width.
     *
     * @param y luma row, {@code width} bytes
     * @param u samples of U, one per two pixels, {@code (width + 1) / 2}
     * @param v samples of V
     * @param rgb target
     * @param at first byte in the target
     * @param yuv coefficients
     */
    void yuv(byte[] y, byte[] u, byte[] v, int width, byte[] rgb, int at, Yuv yuv);

    /** Returns the fastest converter that runs here. */
    static RowConverter best() {
        return Best.CONVERTER;
    }

    /** Returns whether vectors are there, and compiled: interpreted, they are slower than none. */
    static boolean hasVectors() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                && !System.getProperty("java.vm.info", "").contains("interpreted");
    }

    /** Chosen once. */
    final class Best {
        private static final RowConverter CONVERTER = hasVectors() ? new VectorRows() : new ScalarRows();

        private Best() {
        }
    }
}
