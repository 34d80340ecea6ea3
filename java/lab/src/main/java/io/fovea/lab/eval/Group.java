package io.fovea.lab.eval;

import java.util.Arrays;

/**
 * Objects and detections of one category in one photo, and which detection matches which object at every IoU threshold and area
 * range: COCO's greedy matching, best score first; an object counted as "ignore" (a crowd, or of another size) is taken only when
 * no other fits.
 */
final class Group {
    /** Scores of the detections, best first, at most the largest limit. */
    final double[] scores;
    /** {@code [area][detection]}: bit t = matched at IoU threshold t; bit 16 + t = ignored there. */
    final int[][] flags;
    /** {@code [area]}: objects that count. */
    final int[] positives;

    /**
     * Matches.
     *
     * @param scores in the order the detector returned them
     * @param dt {@code [4 * scores]}
     * @param gt {@code [4 * n]}
     * @param areas {@code [n]}
     * @param crowd {@code [n]}
     */
    Group(double[] scores, double[] dt, double[] gt, double[] areas, boolean[] crowd) {
        int limit = CocoParams.MAX_DETECTIONS[CocoParams.MAX_DETECTIONS.length - 1];
        int[] order = Order.descending(scores);
        int n = Math.min(limit, order.length);
        this.scores = new double[n];
        double[][] iou = new double[n][areas.length];
        double[] size = new double[n];
        for (int i = 0; i < n; i++) {
            int d = order[i];
            this.scores[i] = scores[d];
            size[i] = dt[4 * d + 2] * dt[4 * d + 3];
            for (int g = 0; g < areas.length; g++) {
                iou[i][g] = Overlap.iou(dt, 4 * d, gt, 4 * g, crowd[g]);
            }
        }
        int ranges = CocoParams.AREA_FROM.length;
        flags = new int[ranges][n];
        positives = new int[ranges];
        for (int a = 0; a < ranges; a++) {
            double from = CocoParams.AREA_FROM[a];
            double to = CocoParams.AREA_TO[a];
            boolean[] ignore = new boolean[areas.length];
            for (int g = 0; g < areas.length; g++) {
                ignore[g] = crowd[g] || areas[g] < from || areas[g] > to;
                positives[a] += ignore[g] ? 0 : 1;
            }
            int[] sorted = countedFirst(ignore);
            for (int t = 0; t < CocoParams.IOU.length; t++) {
                match(a, t, iou, sorted, ignore, crowd);
            }
            for (int i = 0; i < n; i++) {
                if (size[i] < from || size[i] > to) {
                    int unmatched = ~flags[a][i] & 0x3ff;
                    flags[a][i] |= unmatched << 16;
                }
            }
        }
    }

    private void match(int a, int t, double[][] iou, int[] sorted, boolean[] ignore, boolean[] crowd) {
        boolean[] taken = new boolean[sorted.length];
        for (int i = 0; i < scores.length; i++) {
            double best = Math.min(CocoParams.IOU[t], 1 - 1e-10);
            int match = -1;
            for (int g : sorted) {
                if (taken[g] && !crowd[g]) {
                    continue;
                }
                if (match >= 0 && !ignore[match] && ignore[g]) {
                    break;
                }
                if (iou[i][g] < best) {
                    continue;
                }
                best = iou[i][g];
                match = g;
            }
            if (match >= 0) {
                taken[match] = true;
                flags[a][i] |= 1 << t | (ignore[match] ? 1 << 16 + t : 0);
            }
        }
    }

    private static int[] countedFirst(boolean[] ignore) {
        int[] sorted = new int[ignore.length];
        int at = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int g = 0; g < ignore.length; g++) {
                if (ignore[g] == (pass == 1)) {
                    sorted[at++] = g;
                }
            }
        }
        return Arrays.copyOf(sorted, at);
    }
}
