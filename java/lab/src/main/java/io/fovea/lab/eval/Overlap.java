package io.fovea.lab.eval;

/** Overlap of boxes given as x, y, width, height. */
public final class Overlap {
    private Overlap() {
    }

    /**
     * Returns intersection over union, or, for a crowd region, over the detection's own area; in double precision and the
     * reference evaluator's order of operations.
     */
    public static double iou(double[] dt, int d, double[] gt, int g, boolean crowd) {
        double w = Math.min(dt[d + 2] + dt[d], gt[g + 2] + gt[g]) - Math.max(dt[d], gt[g]);
        if (w <= 0) {
            return 0;
        }
        double h = Math.min(dt[d + 3] + dt[d + 1], gt[g + 3] + gt[g + 1]) - Math.max(dt[d + 1], gt[g + 1]);
        if (h <= 0) {
            return 0;
        }
        double both = w * h;
        double area = dt[d + 2] * dt[d + 3];
        return both / (crowd ? area : area + gt[g + 2] * gt[g + 3] - both);
    }
}
