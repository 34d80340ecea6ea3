package io.fovea.gate;

import io.fovea.image.Image;
import io.fovea.sites.Mask;

/**
 * Says where in a photo an object can be. A detector asks its gate first and computes only the foreground of the answer.
 *
 * <p>Implementations are thread-safe unless they say that they belong to one stream.
 */
public interface Gate {

    /** Returns the name shown to people. */
    String name();

    /**
     * Returns the foreground of a photo.
     *
     * @param image the photo
     * @param inputHeight height of the detector's input, for which the mask is made
     * @param inputWidth width of the detector's input
     */
    Mask mask(Image image, int inputHeight, int inputWidth);

    /** Returns the multiply-accumulates of one call, 0 for a gate without a net. */
    default long macs() {
        return 0;
    }
}
