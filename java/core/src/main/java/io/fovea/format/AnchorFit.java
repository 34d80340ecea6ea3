package io.fovea.format;

import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import java.util.ArrayList;
import java.util.List;

/** Finds the regular grid behind a list of anchor corners, as TensorFlow models carry it. */
final class AnchorFit {
    /** Largest deviation from the grid that is accepted, relative to the input's size. */
    private static final double TOLERANCE = 1e-6;

    private AnchorFit() {
    }

    /**
     * Describes corners as shapes at the cell centres of one feature map.
     *
     * @param corners ymin, xmin, ymax, xmax of each anchor, relative to the input
     * @param first index of the map's first anchor
     * @param height rows of cells
     * @param width columns of cells
     * @param perCell anchors at each cell
     * @param inputHeight pixels
     * @param inputWidth pixels
     * @throws ModelFormatException if a corner is off by more than 1e-6 of the input's size
     */
    static FeatureMap fit(float[] corners, int first, int height, int width, int perCell, int inputHeight,
            int inputWidth) {
        List<Anchor> anchors = new ArrayList<>();
        for (int a = 0; a < perCell; a++) {
            double w = 0;
            double h = 0;
            for (int cell = 0; cell < height * width; cell++) {
                int at = 4 * (first + cell * perCell + a);
                h += (double) corners[at + 2] - corners[at];
                w += (double) corners[at + 3] - corners[at + 1];
            }
            double cells = (double) height * width;
            anchors.add(new Anchor((float) (w / cells * inputWidth), (float) (h / cells * inputHeight)));
        }
        FeatureMap map = new FeatureMap(height, width, (float) ((double) inputWidth / width),
                (float) ((double) inputHeight / height), 0.5f, anchors);
        for (int i = 0; i < map.rows(); i++) {
            double y = (i / perCell / width + map.offset()) * map.strideY() / inputHeight;
            double x = (i / perCell % width + map.offset()) * map.strideX() / inputWidth;
            double h = anchors.get(i % perCell).height() / 2.0 / inputHeight;
            double w = anchors.get(i % perCell).width() / 2.0 / inputWidth;
            double[] expected = {y - h, x - w, y + h, x + w};
            for (int k = 0; k < 4; k++) {
                float given = corners[4 * (first + i) + k];
                if (!(Math.abs(given - expected[k]) <= TOLERANCE)) {
                    throw new ModelFormatException(
                            "anchor " + (first + i) + " is no member of a regular " + height + "x"
                                    + width + " grid: its corner " + k + " is " + given + " instead of " + expected[k]);
                }
            }
        }
        return map;
    }
}
