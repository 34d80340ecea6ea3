package io.fovea.lab.eval;

import java.util.Arrays;
import java.util.List;

/** Precision over recall of one category, all photos together. */
final class Accumulator {
    /** {@code [area][threshold][recall point]} at the largest limit; null where the area holds no object. */
    final double[][][] precision = new double[CocoParams.AREA_FROM.length][][];
    /** {@code [area][limit][threshold]}: recall reached; null where the area holds no object. */
    final double[][][] recall = new double[CocoParams.AREA_FROM.length][][];

    /** Accumulates the groups of a category in the order of their photos' ids. */
    Accumulator(List<Group> groups) {
        for (int a = 0; a < precision.length; a++) {
            int area = a;
            int positives = groups.stream().mapToInt(g -> g.positives[area]).sum();
            if (positives == 0) {
                continue;
            }
            int limits = CocoParams.MAX_DETECTIONS.length;
            recall[a] = new double[limits][CocoParams.IOU.length];
            for (int m = 0; m < limits; m++) {
                int[] flags = merged(groups, a, CocoParams.MAX_DETECTIONS[m]);
                boolean last = m == limits - 1;
                precision[a] = last ? new double[CocoParams.IOU.length][] : null;
                for (int t = 0; t < CocoParams.IOU.length; t++) {
                    Curve curve = Curve.of(flags, t, positives);
                    recall[a][m][t] = curve.reached();
                    if (last) {
                        precision[a][t] = curve.precision();
                    }
                }
            }
        }
    }

    /** Returns AP over all areas at the largest limit, -1 where there is no object; a group may be listed several times. */
    static double ap(List<Group> groups) {
        int positives = groups.stream().mapToInt(g -> g.positives[0]).sum();
        if (positives == 0) {
            return -1;
        }
        int[] flags = merged(groups, 0, CocoParams.MAX_DETECTIONS[CocoParams.MAX_DETECTIONS.length - 1]);
        double sum = 0;
        for (int t = 0; t < CocoParams.IOU.length; t++) {
            sum += Arrays.stream(Curve.of(flags, t, positives).precision()).average().orElse(0);
        }
        return sum / CocoParams.IOU.length;
    }

    private static int[] merged(List<Group> groups, int area, int limit) {
        int total = groups.stream().mapToInt(g -> Math.min(limit, g.scores.length)).sum();
        double[] scores = new double[total];
        int[] flags = new int[total];
        int at = 0;
        for (Group g : groups) {
            int n = Math.min(limit, g.scores.length);
            System.arraycopy(g.scores, 0, scores, at, n);
            System.arraycopy(g.flags[area], 0, flags, at, n);
            at += n;
        }
        int[] order = Order.descending(scores);
        return Arrays.stream(order).map(i -> flags[i]).toArray();
    }
}
