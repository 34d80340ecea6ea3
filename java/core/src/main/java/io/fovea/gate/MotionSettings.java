package io.fovea.gate;

import io.fovea.sites.Mask;

/**
 * When a {@link MotionGate} takes a cell for changed, and when it asks for a key frame. Differences are in grey levels (0..255 of the
 * picture), whatever the net's normalisation.
 *
 * @param threshold least difference that counts, grey levels; 0 compares pixels exactly
 * @param noiseFactor a difference must also exceed so many standard deviations of the stream's own noise; 0 for no such rule
 * @param cell cell size of the masks in input pixels
 * @param dilation cells by which changed ones are grown in all directions
 * @param minRegion changed cells that hang together (in eight directions) in a smaller number are ignored; 1 for none
 * @param keyEvery a key frame at least every so many frames; 0 for never
 * @param cutShare share of changed cells (before they are grown) above which the frame is a cut: a key frame
 * @param driftShare a key frame when the whole picture (its median) became lighter or darker than what was computed by more than this
 *        share of the threshold; less is left out of the differences
 * @param shift a key frame when the camera has moved by more than so many pixels of the net's input since the last one; 0 for no such rule.
 *        Not used when pixels are compared exactly
 */
public record MotionSettings(double threshold, double noiseFactor, int cell, int dilation, int minRegion, int keyEvery,
        double cutShare, double driftShare, double shift) {

    /** What showed the best trade on fixed cameras. */
    public static final MotionSettings DEFAULT = new MotionSettings(16, 6, Mask.DEFAULT_CELL, 2, 1, 20, 0.5, 1, 0.75);
    /** Every pixel that differs at all is computed anew. */
    public static final MotionSettings EXACT = new MotionSettings(0, 0, Mask.DEFAULT_CELL, 0, 1, 0, 1, 1, 0);

    /** Checks the ranges. */
    public MotionSettings {
        if (!(threshold >= 0 && threshold <= 255)) {
            throw new IllegalArgumentException("motion threshold " + threshold + " is not within 0..255 grey levels");
        }
        if (!(noiseFactor >= 0 && noiseFactor < 1000)) {
            throw new IllegalArgumentException("noise factor " + noiseFactor + " is not within 0..1000");
        }
        if (cell < 1 || dilation < 0 || minRegion < 1 || keyEvery < 0) {
            throw new IllegalArgumentException("cell " + cell + ", dilation " + dilation + ", smallest region "
                    + minRegion + ", key frame every " + keyEvery + ": below their least values 1, 0, 1, 0");
        }
        if (!(shift >= 0 && shift < 1000)) {
            throw new IllegalArgumentException("shift " + shift + " is not within 0..1000 pixels");
        }
        if (!(cutShare > 0 && cutShare <= 1) || !(driftShare > 0)) {
            throw new IllegalArgumentException("cut at share " + cutShare + " or drift at share " + driftShare
                    + " is not within (0, 1]");
        }
    }

    /** Returns these settings with another threshold. */
    public MotionSettings withThreshold(double value) {
        return new MotionSettings(value, noiseFactor, cell, dilation, minRegion, keyEvery, cutShare, driftShare, shift);
    }

    /** Returns these settings with another noise factor. */
    public MotionSettings withNoiseFactor(double value) {
        return new MotionSettings(threshold, value, cell, dilation, minRegion, keyEvery, cutShare, driftShare, shift);
    }

    /** Returns these settings with another cell size. */
    public MotionSettings withCell(int value) {
        return new MotionSettings(threshold, noiseFactor, value, dilation, minRegion, keyEvery, cutShare, driftShare,
                shift);
    }

    /** Returns these settings with another dilation. */
    public MotionSettings withDilation(int value) {
        return new MotionSettings(threshold, noiseFactor, cell, value, minRegion, keyEvery, cutShare, driftShare,
                shift);
    }

    /** Returns these settings with another smallest region. */
    public MotionSettings withMinRegion(int value) {
        return new MotionSettings(threshold, noiseFactor, cell, dilation, value, keyEvery, cutShare, driftShare, shift);
    }

    /** Returns these settings with another period of key frames. */
    public MotionSettings withKeyEvery(int value) {
        return new MotionSettings(threshold, noiseFactor, cell, dilation, minRegion, value, cutShare, driftShare,
                shift);
    }

    /** Returns these settings with another share of the threshold for the light's drift. */
    public MotionSettings withDriftShare(double value) {
        return new MotionSettings(threshold, noiseFactor, cell, dilation, minRegion, keyEvery, cutShare, value, shift);
    }

    /** Returns these settings with another shift of the camera. */
    public MotionSettings withShift(double value) {
        return new MotionSettings(threshold, noiseFactor, cell, dilation, minRegion, keyEvery, cutShare, driftShare,
                value);
    }
}
