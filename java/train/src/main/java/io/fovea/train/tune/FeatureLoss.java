package io.fovea.train.tune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.FeatureMap;
import java.util.List;

/**
 * How far the maps that the heads read are from the teacher's (hints: Romero et al., FitNets, 2015): at each computed site the squared distance,
 * as a share of the mean square of that map's sites, weighted by {@code .05 + } the highest score that the targets have at the site; sums over the
 * sites, means over the views.
 */
final class FeatureLoss {
    private static final float LEAST = .05f;

    private final DetectorSpec spec;

    FeatureLoss(DetectorSpec spec) {
        this.spec = spec;
    }

    /**
     * Returns the loss, one value.
     *
     * @param maps the student's, one per feature map of the head, {@code [views][channels][h][w]}
     * @param targets the teacher's, in the same shapes
     * @param scoreTargets {@code [views][rows][columns]}
     * @param computed which rows were computed, {@code [views][rows][1]}, 1 or 0
     */
    NDArray of(List<NDArray> maps, List<NDArray> targets, NDArray scoreTargets, NDArray computed) {
        long views = scoreTargets.getShape().get(0);
        NDArray best = best(scoreTargets).add(LEAST).mul(computed.reshape(views, -1));
        NDArray sum = null;
        int row = 0;
        for (int l = 0; l < maps.size(); l++) {
            FeatureMap map = spec.featureMaps().get(l);
            NDArray target = targets.get(l);
            NDArray weights = best.get(":, {}:{}", row, row + map.rows())
                    .reshape(new Shape(views, map.height(), map.width(), map.anchors().size())).max(new int[]{3});
            NDArray apart = maps.get(l).sub(target).square().sum(new int[]{1});
            float mean = target.square().sum(new int[]{1}).mean().getFloat();
            NDArray each = apart.mul(weights).sum().div(Math.max(mean, 1e-6f));
            sum = sum == null ? each : sum.add(each);
            row += map.rows();
        }
        return sum.div((float) views);
    }

    /** Returns the highest score of each row, the background's aside, {@code [views][rows]}. */
    private NDArray best(NDArray scores) {
        int background = spec.backgroundIndex();
        NDArray all = scores.toType(DataType.FLOAT32, true);
        if (background >= 0) {
            all.set(new ai.djl.ndarray.index.NDIndex(":, :, {}", background), 0f);
        }
        return all.max(new int[]{2});
    }
}
