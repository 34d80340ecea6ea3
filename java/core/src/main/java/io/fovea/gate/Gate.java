package io.fovea.gate;

import io.fovea.image.Image;
import io.fovea.run.Gating;
import io.fovea.sites.Mask;
import io.fovea.sites.Periphery;
import java.util.Objects;

/**
 * Says where in a photo an object can be. A detector asks its gate first and computes only the foreground of the answer.
 *
 * <p>Implementations are thread-safe unless they say that they belong to one stream.
 */
@FunctionalInterface
public interface Gate {

    /**
     * What a gate answers for one photo. Closing gives back what the gate lent with it; the answer must not be used afterwards.
     *
     * @param mask the foreground
     * @param periphery what inactive sites read as in this photo, or null when the gate says nothing about it
     * @param macs multiply-accumulates that the answer took
     * @param release called once by {@link #close}, or null
     */
    record Answer(Mask mask, Periphery periphery, long macs, Runnable release) implements AutoCloseable {
        public Answer {
            Objects.requireNonNull(mask, "mask");
        }

        /** Makes an answer that is a mask and nothing more. */
        public Answer(Mask mask, long macs) {
            this(mask, null, macs, null);
        }

        @Override
        public void close() {
            if (release != null) {
                release.run();
            }
        }
    }

    /** Returns the name shown to people. */
    default String name() {
        return "gate";
    }

    /**
     * Returns the foreground of a photo.
     *
     * @param image the photo
     * @param inputHeight height of the detector's input, for which the mask is made
     * @param inputWidth width of the detector's input
     */
    Mask mask(Image image, int inputHeight, int inputWidth);

    /**
     * Returns the foreground of a photo and what else the gate knows about it. A detector asks this; a gate that has only a mask need not
     * implement it.
     *
     * @param image the photo
     * @param inputHeight height of the detector's input, for which the mask is made
     * @param inputWidth width of the detector's input
     * @return to be closed when the photo is done
     */
    default Answer look(Image image, int inputHeight, int inputWidth) {
        return new Answer(mask(image, inputHeight, inputWidth), macs());
    }

    /** Returns the most multiply-accumulates that one call takes, 0 for a gate without a net; {@link Answer#macs} says what it did take. */
    default long macs() {
        return 0;
    }

    /** Returns the share of a coarse site that must be foreground for it to be active, unless the detector's options say another. */
    default double coarseShare() {
        return Gating.DEFAULT_COARSE_SHARE;
    }

    /**
     * Returns whether detections outside the mask are unwanted, as outside a region that a person drew, and not only unexpected. It matters
     * when a mask leaves so little to save that everything is computed.
     */
    default boolean isRestriction() {
        return true;
    }
}
