package io.fovea.sites;

import io.fovea.graph.Reach;
import io.fovea.graph.Window;
import java.util.List;

/**
 * The positions of one resolution with a border wide enough for every window that reads it: position (y, x) lies at index
 * {@code (y + top) * stride + x + left} of a bordered map, so that a table can look up any tap without a bounds test.
 *
 * @param height rows of sites
 * @param width columns of sites
 * @param top border rows above
 * @param left border columns to the left
 * @param paddedHeight rows with border
 * @param stride columns with border
 */
public record SiteGrid(int height, int width, int top, int left, int paddedHeight, int stride) {

    /** Returns the grid of a map of the given size whose border fits every window among its readers. */
    public static SiteGrid of(int height, int width, List<? extends Reach> readers) {
        int top = 0;
        int left = 0;
        int bottom = 0;
        int right = 0;
        for (Reach reach : readers) {
            if (!(reach instanceof Window w)) {
                continue;
            }
            top = Math.max(top, w.padTop());
            left = Math.max(left, w.padLeft());
            int lastY = (w.outHeight(height) - 1) * w.strideH() - w.padTop() + (w.kernelH() - 1) * w.dilationH();
            int lastX = (w.outWidth(width) - 1) * w.strideW() - w.padLeft() + (w.kernelW() - 1) * w.dilationW();
            bottom = Math.max(bottom, lastY - height + 1);
            right = Math.max(right, lastX - width + 1);
        }
        return new SiteGrid(height, width, top, left, height + top + bottom, width + left + right);
    }

    /** Returns the number of sites. */
    public int sites() {
        return height * width;
    }

    /** Returns the length of a bordered map. */
    public int paddedLength() {
        return paddedHeight * stride;
    }

    /** Returns the bordered index of position (y, x). */
    public int index(int y, int x) {
        return (y + top) * stride + x + left;
    }
}
