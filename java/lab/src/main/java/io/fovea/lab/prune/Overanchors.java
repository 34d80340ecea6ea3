package io.fovea.lab.prune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import java.util.ArrayList;
import java.util.List;

/**
 * Dense grids of anchors ("overanchorized" heads), from which training and pruning find the useful ones, so that nobody has to choose
 * shapes beforehand.
 */
public final class Overanchors {
    private Overanchors() {
    }

    /**
     * Returns a grid for each feature map: sizes {@code s * 2^(i / scales)} for i = 0 .. scales - 1 times aspect ratios, with s the
     * geometric mean size of the map's smallest anchor.
     *
     * @param spec the detector
     * @param scales sizes per octave, at least 1
     * @param ratios width over height, each above 0
     * @return anchors by feature map, size by size; empty for a map without anchors
     */
    public static List<List<Anchor>> dense(DetectorSpec spec, int scales, List<Double> ratios) {
        if (scales < 1 || ratios.isEmpty() || ratios.stream().anyMatch(r -> !(r > 0) || r.isInfinite())) {
            throw new IllegalArgumentException("a grid of anchors needs a scale and ratios above 0, got " + scales
                    + " scales and ratios " + ratios);
        }
        List<List<Anchor>> all = new ArrayList<>();
        for (FeatureMap map : spec.featureMaps()) {
            double base = map.anchors().stream().mapToDouble(a -> Math.sqrt((double) a.width() * a.height())).min()
                    .orElse(0);
            List<Anchor> grid = new ArrayList<>();
            for (int i = 0; i < scales && base > 0; i++) {
                double size = base * Math.pow(2, (double) i / scales);
                for (double r : ratios) {
                    grid.add(new Anchor((float) (size * Math.sqrt(r)), (float) (size / Math.sqrt(r))));
                }
            }
            all.add(List.copyOf(grid));
        }
        return all;
    }
}
