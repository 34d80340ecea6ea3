package io.fovea.lab.data;

/**
 * What a detector found in one photo, in the order it returned it. Arrays are shared, not copied: treat them as read-only.
 *
 * @param photo id of the photo
 * @param categories category id of each detection
 * @param scores score of each detection
 * @param boxes {@code [4 * n]}: x, y, width, height in pixels of the photo
 */
public record PhotoDetections(long photo, int[] categories, double[] scores, double[] boxes) {
    public PhotoDetections {
        if (scores.length != categories.length || boxes.length != 4 * categories.length) {
            throw new IllegalArgumentException("photo " + photo + ": " + categories.length + " categories, "
                    + scores.length + " scores and " + boxes.length + " box values do not belong together");
        }
    }

    /** Returns the number of detections. */
    public int size() {
        return scores.length;
    }
}
