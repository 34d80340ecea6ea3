package io.fovea.lab.data;

/** Counts boxes that lie outside their photo or are empty. */
final class BoxCheck {
    /** Annotation tools round; a pixel beyond the edge is no error. */
    private static final double SLACK = 1.0;

    private BoxCheck() {
    }

    static void check(Photo photo, Truth t, String place, Problems problems) {
        if (t.width() <= 0 || t.height() <= 0) {
            problems.add(Problems.Kind.BOX_DEGENERATE, place);
        }
        boolean sized = photo.width() > 0 && photo.height() > 0;
        if (sized && (t.x() < -SLACK || t.y() < -SLACK || t.x() + t.width() > photo.width() + SLACK
                || t.y() + t.height() > photo.height() + SLACK)) {
            problems.add(Problems.Kind.BOX_OUTSIDE, place);
        }
    }
}
