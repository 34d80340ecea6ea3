package io.fovea.lab.prune;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The decoded boxes of one photo that may become detections, with their scores by class. Entries (a box with its score for one
 * class) are ordered by class, then best score first, then head row: the order in which suppression looks at them. Arrays are shared, not
 * copied.
 *
 * @param width of the photo
 * @param height of the photo
 * @param corners {@code [4 * boxes]}: left, top, right, bottom in pixels of the net's input
 * @param shapes {@code [boxes]}: number of the anchor shape that made the box
 * @param rows {@code [boxes]}: head row, ascending
 * @param classes {@code [entries]}
 * @param boxes {@code [entries]}: index of the box
 * @param scores {@code [entries]}
 */
record PhotoRows(int width, int height, float[] corners, int[] shapes, int[] rows, int[] classes, int[] boxes,
        float[] scores) {

    /** Returns the same entries in the order that the record demands. */
    PhotoRows sorted() {
        Integer[] order = new Integer[classes.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.<Integer>comparingInt(i -> classes[i])
                .thenComparing((a, b) -> Float.compare(scores[b], scores[a])).thenComparingInt(i -> rows[boxes[i]]));
        int[] c = new int[order.length];
        int[] b = new int[order.length];
        float[] s = new float[order.length];
        for (int i = 0; i < order.length; i++) {
            c[i] = classes[order[i]];
            b[i] = boxes[order[i]];
            s[i] = scores[order[i]];
        }
        return new PhotoRows(width, height, corners, shapes, rows, c, b, s);
    }
}
