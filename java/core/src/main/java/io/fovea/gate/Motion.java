package io.fovea.gate;

import io.fovea.sites.Mask;

/**
 * What a {@link MotionGate} saw in a frame.
 *
 * @param mask cells to compute, grown; all of them in a key frame
 * @param key why the frame has to be computed whole, {@link Key#NONE} if it has not
 * @param changedShare share of cells that changed, before they were grown
 * @param noise standard deviation of the stream's noise as estimated so far, grey levels of a pooled pixel
 * @param threshold difference above which a cell counted as changed, grey levels
 */
public record Motion(Mask mask, Key key, double changedShare, double noise, double threshold) {

    /** Why a frame is computed whole. */
    public enum Key {
        /** It is not. */
        NONE,
        /** The stream begins. */
        FIRST,
        /** The last key frame is long ago. */
        PERIOD,
        /** Most of the picture changed at once: a cut, a light, the camera itself. */
        CUT,
        /** Most of the picture changed a little since it was computed: the light drifted, or the camera moved. */
        DRIFT,
        /** So much is to be computed that computing all is no dearer. */
        BUSY
    }

    /** Returns whether the frame is a key frame. */
    public boolean isKey() {
        return key != Key.NONE;
    }
}
