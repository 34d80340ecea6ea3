package io.fovea.train.tune;

/**
 * An object that is known to be in a view.
 *
 * @param column score column of its class in the teacher
 * @param box left, top, right, bottom in pixels of the net's input
 * @param crowd whether it is a region of many
 */
record Known(int column, float[] box, boolean crowd) {

    /** Returns the object as the mirrored view shows it. */
    Known mirrored(int width) {
        return new Known(column, new float[]{width - box[2], box[1], width - box[0], box[3]}, crowd);
    }
}
