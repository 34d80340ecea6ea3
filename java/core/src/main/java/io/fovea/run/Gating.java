package io.fovea.run;

import io.fovea.sites.Background;
import io.fovea.sites.Periphery;

/**
 * How a mask is applied.
 *
 * @param mode which sites are active
 * @param coarseShare share of a coarse site's pixels that must be foreground for it to be active; 0 for any. Used in gated mode.
 * @param background what inactive sites read as; exact mode needs a {@link ReferenceBackground}, or
 *        a {@link RememberedBackground} made for it
 * @param periphery what they read as in this image, for values that it has; null when there is nothing better than the background. Not used
 *        in exact mode.
 */
public record Gating(Mode mode, double coarseShare, Background background, Periphery periphery) {

    /** Which sites a mask makes active. */
    public enum Mode {
        /** The same mask at every resolution. Another function than the dense net; deep layers stay sparse. */
        GATED,
        /**
         * Sites grow by each layer's receptive field, so that the result equals the dense net on the composite of photo (foreground) and
         * reference image (background).
         */
        EXACT
    }

    /** The coarse-map rule that costs no accuracy on COCO photos. */
    public static final double DEFAULT_COARSE_SHARE = 0.25;

    public Gating {
        if (!(coarseShare >= 0 && coarseShare < 1)) {
            throw new IllegalArgumentException("coarse share " + coarseShare + " is not within [0, 1)");
        }
        if (mode == Mode.EXACT && !(background instanceof WholeBackground whole && whole.isWhole())) {
            throw new IllegalArgumentException(
                    "exact mode needs a reference image as background, not " + background.name());
        }
    }

    /** Makes a gating without a periphery. */
    public Gating(Mode mode, double coarseShare, Background background) {
        this(mode, coarseShare, background, null);
    }

    /** Returns the same gating with the periphery of an image, or null for none. */
    public Gating with(Periphery ofImage) {
        return ofImage == periphery ? this : new Gating(mode, coarseShare, background, ofImage);
    }

    /** Returns gated mode with the default rule. */
    public static Gating gated(Background background) {
        return new Gating(Mode.GATED, DEFAULT_COARSE_SHARE, background);
    }

    /** Returns exact mode over what a stream remembers. */
    public static Gating exact(RememberedBackground remembered) {
        return new Gating(Mode.EXACT, 0, remembered);
    }

    /** Returns exact mode over a reference image. */
    public static Gating exact(ReferenceBackground reference) {
        return new Gating(Mode.EXACT, 0, reference);
    }
}
