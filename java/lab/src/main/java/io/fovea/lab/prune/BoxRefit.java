package io.fovea.lab.prune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;

/**
 * What makes an anchor of another shape decode to the same box. A centre's offset is measured in anchor sizes, so it is multiplied by
 * old / new; a size is the anchor's times an exponential, so log(old / new) / variance is added.
 */
final class BoxRefit {
    private BoxRefit() {
    }

    /**
     * Returns a factor and an offset for each of the four values of each new anchor; null entries for anchors that keep their shape, null
     * when all do.
     */
    static float[][] factors(DetectorSpec spec, FeatureMap before, FeatureMap after, int[] sources) {
        float[][] fit = new float[4 * sources.length][];
        boolean any = false;
        for (int a = 0; a < sources.length; a++) {
            Anchor from = before.anchors().get(sources[a]);
            Anchor to = after.anchors().get(a);
            if (from.equals(to)) {
                continue;
            }
            any = true;
            double w = (double) from.width() / to.width();
            double h = (double) from.height() / to.height();
            boolean xFirst = spec.boxCoding().order() == BoxOrder.XYWH;
            int x = 4 * a + (xFirst ? 0 : 1);
            int y = 4 * a + (xFirst ? 1 : 0);
            fit[x] = new float[]{(float) w, 0};
            fit[y] = new float[]{(float) h, 0};
            fit[x + 2] = new float[]{1, (float) (Math.log(w) / spec.boxCoding().varianceW())};
            fit[y + 2] = new float[]{1, (float) (Math.log(h) / spec.boxCoding().varianceH())};
        }
        return any ? fit : null;
    }
}
