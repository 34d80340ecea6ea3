package io.fovea.head;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;

/**
 * All anchors of a detector in input pixels, in the order of the output rows: feature map, then row y, then column x, then shape.
 * Immutable, thread-safe.
 */
public final class AnchorGrid {
    private final float[] centerX;
    private final float[] centerY;
    private final float[] width;
    private final float[] height;
    private final float[] strideX;
    private final float[] strideY;

    /** Lays out the anchors of a spec. */
    public AnchorGrid(DetectorSpec spec) {
        int rows = spec.rows();
        centerX = new float[rows];
        centerY = new float[rows];
        width = new float[rows];
        height = new float[rows];
        strideX = new float[rows];
        strideY = new float[rows];
        int row = 0;
        for (FeatureMap map : spec.featureMaps()) {
            for (int y = 0; y < map.height(); y++) {
                for (int x = 0; x < map.width(); x++) {
                    for (Anchor anchor : map.anchors()) {
                        centerX[row] = (x + map.offset()) * map.strideX();
                        centerY[row] = (y + map.offset()) * map.strideY();
                        width[row] = anchor.width();
                        height[row] = anchor.height();
                        strideX[row] = map.strideX();
                        strideY[row] = map.strideY();
                        row++;
                    }
                }
            }
        }
    }

    /** Returns the number of anchors. */
    public int rows() {
        return centerX.length;
    }

    /** Returns the x of an anchor's centre. */
    public float centerX(int row) {
        return centerX[row];
    }

    /** Returns the y of an anchor's centre. */
    public float centerY(int row) {
        return centerY[row];
    }

    /** Returns an anchor's width. */
    public float width(int row) {
        return width[row];
    }

    /** Returns an anchor's height. */
    public float height(int row) {
        return height[row];
    }

    /** Returns the width of an anchor's cell. */
    public float strideX(int row) {
        return strideX[row];
    }

    /** Returns the height of an anchor's cell. */
    public float strideY(int row) {
        return strideY[row];
    }
}
