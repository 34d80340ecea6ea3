package io.fovea.image;

/**
 * From luma and colour differences to RGB, in whole numbers: 16 bits of fraction, rounded to the nearest, clipped to 0..255. The matrices are
 * those of ITU-R BT.601 and BT.709, for luma in 16..235 and colour in 16..240 (video range) or both in 0..255 (full range, as in JPEG).
 *
 * @param luma factor of Y less its black
 * @param redV factor of V in red
 * @param greenU factor of U in green, negative
 * @param greenV factor of V in green, negative
 * @param blueU factor of U in blue
 * @param black luma of black
 */
record Yuv(int luma, int redV, int greenU, int greenV, int blueU, int black) {
    static final int SHIFT = 16;
    static final int HALF = 1 << SHIFT - 1;

    /** Returns the coefficients of a colour space. */
    static Yuv of(YuvSpace space) {
        double kr = space.kr();
        double kb = space.kb();
        double kg = 1 - kr - kb;
        double y = space.isFull() ? 1 : 255.0 / 219;
        double c = space.isFull() ? 1 : 255.0 / 224;
        return new Yuv(fixed(y), fixed(2 * (1 - kr) * c), fixed(-2 * (1 - kb) * kb / kg * c),
                fixed(-2 * (1 - kr) * kr / kg * c), fixed(2 * (1 - kb) * c), space.isFull() ? 0 : 16);
    }

    private static int fixed(double factor) {
        return (int) Math.round(factor * (1 << SHIFT));
    }

    /** Writes a pixel at {@code at}; u and v are raw samples. */
    void pixel(int y, int u, int v, byte[] rgb, int at) {
        int l = luma * (y - black) + HALF;
        int cu = u - 128;
        int cv = v - 128;
        rgb[at] = clip(l + redV * cv);
        rgb[at + 1] = clip(l + greenU * cu + greenV * cv);
        rgb[at + 2] = clip(l + blueU * cu);
    }

    private static byte clip(int value) {
        return (byte) Math.clamp(value >> SHIFT, 0, 255);
    }
}
