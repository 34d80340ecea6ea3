package io.fovea.train.gate;

/**
 * Where something is that a gate should let through, in pixels of the detector's input.
 *
 * @param left left edge
 * @param top top edge
 * @param right right edge
 * @param bottom bottom edge
 * @param score the dense detector's score, in [0, 1]
 * @param kind whether the detector found it, an annotator drew it, or it is a region of many objects
 */
public record Mark(float left, float top, float right, float bottom, float score, Kind kind) {

    /** Where a mark comes from. */
    public enum Kind {
        /** A detection of the dense detector. */
        FOUND,
        /** An annotated object. */
        TRUTH,
        /** A region that an annotator marked as a crowd: it says nothing about its cells. */
        CROWD
    }

    /** Returns the area in square pixels. */
    double area() {
        return Math.max(0, right - left) * (double) Math.max(0, bottom - top);
    }

    /** Returns the mark in the picture mirrored left to right. */
    Mark mirrored(int width) {
        return new Mark(width - right, top, width - left, bottom, score, kind);
    }
}
