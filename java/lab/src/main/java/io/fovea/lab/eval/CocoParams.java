package io.fovea.lab.eval;

/**
 * The constants of COCO's box evaluation, computed as numpy's linspace does so that ties at a threshold fall the same way
 * (Lin et al., Microsoft COCO, ECCV 2014; defaults of its reference evaluator).
 */
public final class CocoParams {
    /** IoU thresholds .50, .55, ... .95. */
    public static final double[] IOU = linspace(.5, .95, 10);
    /** Recall points 0, .01, ... 1. */
    public static final double[] RECALL = linspace(0, 1, 101);
    /** Detections per category and photo that are judged: the figures' three limits. */
    static final int[] MAX_DETECTIONS = {1, 10, 100};
    /** Lower bounds of object area in square pixels: all, small, medium, large. */
    static final double[] AREA_FROM = {0, 0, 32 * 32, 96 * 96};
    /** Upper bounds of object area, inclusive. */
    static final double[] AREA_TO = {1e10, 32 * 32, 96 * 96, 1e10};
    /** {@code numpy.spacing(1)}. */
    public static final double EPS = Math.ulp(1.0);

    private CocoParams() {
    }

    private static double[] linspace(double from, double to, int count) {
        double step = (to - from) / (count - 1);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = i * step + from;
        }
        values[count - 1] = to;
        return values;
    }
}
