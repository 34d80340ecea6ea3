package io.fovea.image;

/**
 * Where points of a photo lie in the input it was stretched to, and back. Coordinates are continuous, 0 at the left or top edge
 * of the first pixel; edges map to edges, whatever the interpolation.
 *
 * @param photoWidth pixels
 * @param photoHeight pixels
 * @param inputWidth pixels
 * @param inputHeight pixels
 */
public record Stretch(int photoWidth, int photoHeight, int inputWidth, int inputHeight) {

    /** Checks that no size is below 1. */
    public Stretch {
        if (Math.min(Math.min(photoWidth, photoHeight), Math.min(inputWidth, inputHeight)) < 1) {
            throw new IllegalArgumentException(
                    photoWidth + "x" + photoHeight + " cannot be stretched to " + inputWidth + "x" + inputHeight);
        }
    }

    /** Returns the photo's x of an x in the input. */
    public float toPhotoX(float x) {
        return (float) ((double) x * photoWidth / inputWidth);
    }

    /** Returns the photo's y of a y in the input. */
    public float toPhotoY(float y) {
        return (float) ((double) y * photoHeight / inputHeight);
    }

    /** Returns the input's x of an x in the photo. */
    public float toInputX(float x) {
        return (float) ((double) x * inputWidth / photoWidth);
    }

    /** Returns the input's y of a y in the photo. */
    public float toInputY(float y) {
        return (float) ((double) y * inputHeight / photoHeight);
    }
}
