package io.fovea.bench;

import java.util.Map;

/** How far the raw outputs of two engines are apart. */
final class Agreement {
    private Agreement() {
    }

    /**
     * Returns the largest absolute difference over all outputs; infinity when an output is missing, has another length or
     * holds a value that is not finite on one side only.
     */
    static double largestDifference(Map<String, float[]> ours, Map<String, float[]> theirs) {
        double largest = 0;
        for (Map.Entry<String, float[]> entry : theirs.entrySet()) {
            float[] a = entry.getValue();
            float[] b = ours.get(entry.getKey());
            if (b == null || a.length != b.length) {
                return Double.POSITIVE_INFINITY;
            }
            for (int i = 0; i < a.length; i++) {
                double difference = Math.abs((double) a[i] - b[i]);
                if (Float.compare(a[i], b[i]) != 0) {
                    largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
                }
            }
        }
        return largest;
    }
}
