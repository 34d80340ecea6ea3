package io.fovea.lab.prune;

import io.fovea.lab.eval.CocoParams;

/**
 * Average precision of one category from flagged entries in the order of their scores, in one pass: only where a detection is right can
 * precision rise, so only those places are remembered. Scratch of one thread.
 */
final class CategoryAp {
    private static final int T = CocoParams.IOU.length;
    private final double[][] precision = new double[T][64];
    private final double[][] recall = new double[T][64];
    private final long[] wrong = new long[T];
    private final long[] right = new long[T];
    private final int[] hits = new int[T];

    /**
     * Computes the mean over the ten thresholds.
     *
     * @param order entries, best first
     * @param flags by entry, as {@link PhotoScorer} sets them
     * @param positives objects that count, weights included
     * @param photoOf photo of each entry
     * @param weights weight of each photo, or null for 1 each
     * @return the average precision, or -1 without positives
     */
    double of(int[] order, int[] flags, long positives, int[] photoOf, int[] weights) {
        if (positives == 0) {
            return -1;
        }
        java.util.Arrays.fill(wrong, 0);
        java.util.Arrays.fill(right, 0);
        java.util.Arrays.fill(hits, 0);
        long wrongAtAll = 0;
        for (int e : order) {
            int f = flags[e];
            if (f == 0) {
                continue;
            }
            int weight = weights == null ? 1 : weights[photoOf[e]];
            if (f == PhotoScorer.PRESENT) {
                wrongAtAll += weight;
            } else if (weight > 0) {
                mark(f, weight, wrongAtAll, positives);
            }
        }
        double sum = 0;
        for (int t = 0; t < T; t++) {
            sum += mean(t);
        }
        return sum / (T * (double) CocoParams.RECALL.length);
    }

    private void mark(int f, int weight, long wrongAtAll, long positives) {
        for (int t = 0; t < T; t++) {
            if ((f >> PhotoScorer.IGNORED + t & 1) != 0) {
                continue;
            }
            if ((f >> t & 1) == 0) {
                wrong[t] += weight;
                continue;
            }
            right[t] += weight;
            int i = hits[t]++;
            if (i == precision[t].length) {
                precision[t] = java.util.Arrays.copyOf(precision[t], 2 * i);
                recall[t] = java.util.Arrays.copyOf(recall[t], 2 * i);
            }
            precision[t][i] = right[t] / (wrong[t] + wrongAtAll + right[t] + CocoParams.EPS);
            recall[t][i] = (double) right[t] / positives;
        }
    }

    private double mean(int t) {
        double[] p = precision[t];
        int n = hits[t];
        for (int i = n - 1; i > 0; i--) {
            p[i - 1] = Math.max(p[i - 1], p[i]);
        }
        double sum = 0;
        int i = 0;
        for (double r : CocoParams.RECALL) {
            while (i < n && recall[t][i] < r) {
                i++;
            }
            if (i == n) {
                break;
            }
            sum += p[i];
        }
        return sum;
    }
}
