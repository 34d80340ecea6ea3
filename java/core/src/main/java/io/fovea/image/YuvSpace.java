package io.fovea.image;

/** How a camera or codec makes colours out of luma and two colour differences. */
public enum YuvSpace {
    /** ITU-R BT.601, video range: cameras and clips of standard definition. */
    BT601(0.299, 0.114, false),
    /** ITU-R BT.709, video range: clips of 720 lines and more. */
    BT709(0.2126, 0.0722, false),
    /** BT.601 with all of 0..255: JPEG, and most webcams. */
    BT601_FULL(0.299, 0.114, true),
    /** BT.709 with all of 0..255. */
    BT709_FULL(0.2126, 0.0722, true);

    private final double kr;
    private final double kb;
    private final boolean full;

    YuvSpace(double kr, double kb, boolean full) {
        this.kr = kr;
        this.kb = kb;
        this.full = full;
    }

    double kr() {
        return kr;
    }

    double kb() {
        return kb;
    }

    /** Returns whether luma and colour use all of 0..255. */
    public boolean isFull() {
        return full;
    }
}
