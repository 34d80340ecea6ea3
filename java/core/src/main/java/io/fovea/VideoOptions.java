package io.fovea;

import io.fovea.gate.Gate;
import io.fovea.gate.MotionSettings;
import io.fovea.run.Gating;
import java.util.Objects;

/**
 * Settings of a {@link VideoDetector}. Immutable.
 *
 * @param motion what counts as a change, and when there is a key frame
 * @param mode how changed cells become sites: gated, or exact, whose results equal the dense net's on the composed picture
 * @param coarseShare share of a coarse site that must have changed for it to be computed; 0 for any. Used in gated mode
 * @param always cells that are computed in every frame, changed or not; null for none. Its cells must have the size of the motion's
 * @param within where changes are looked at; null for everywhere. Its cells must have the size of the motion's. If it is a restriction
 *        ({@link Gate#isRestriction}), as regions are, nothing outside is computed but in the stream's first frame, and nothing is found there. If
 *        it only expects objects, as a trained gate does, it is asked in frames in which something changed, and what changed is computed where it
 *        expects objects or where one was found last
 * @param onNewSize what a frame of another size than the one before does
 */
public record VideoOptions(MotionSettings motion, Gating.Mode mode, double coarseShare, Gate always,
        Gate within, NewSize onNewSize) {

    /** What a frame of another size than the one before does. */
    public enum NewSize {
        /** It is refused; the stream stays as it was. */
        REFUSE,
        /** The stream begins anew with it. */
        RESET
    }

    /** Gated, with the default motion settings; other sizes are refused. */
    public static final VideoOptions DEFAULT = new VideoOptions(MotionSettings.DEFAULT, Gating.Mode.GATED, 0, null,
            null,
            NewSize.REFUSE);

    /** Every frame equals the dense net's, and only what that takes is computed. */
    public static final VideoOptions EXACT = new VideoOptions(MotionSettings.EXACT, Gating.Mode.EXACT, 0, null, null,
            NewSize.REFUSE);

    public VideoOptions {
        Objects.requireNonNull(motion, "motion");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(onNewSize, "onNewSize");
        if (!(coarseShare >= 0 && coarseShare < 1)) {
            throw new IllegalArgumentException("coarse share: " + coarseShare + " is not within [0, 1)");
        }
    }

    /** Returns these options with other motion settings. */
    public VideoOptions withMotion(MotionSettings value) {
        return new VideoOptions(value, mode, coarseShare, always, within, onNewSize);
    }

    /** Returns these options with another coarse share. */
    public VideoOptions withCoarseShare(double value) {
        return new VideoOptions(motion, mode, value, always, within, onNewSize);
    }

    /** Returns these options with a gate whose foreground is computed in every frame; null for none. */
    public VideoOptions withAlways(Gate value) {
        return new VideoOptions(motion, mode, coarseShare, value, within, onNewSize);
    }

    /** Returns these options with a gate that says where changes are looked at; null for everywhere. */
    public VideoOptions withWithin(Gate value) {
        return new VideoOptions(motion, mode, coarseShare, always, value, onNewSize);
    }

    /** Returns these options with another way of meeting frames of a new size. */
    public VideoOptions withNewSize(NewSize value) {
        return new VideoOptions(motion, mode, coarseShare, always, within, value);
    }
}
