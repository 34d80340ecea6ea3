package io.fovea.bench;

import java.util.Arrays;

/**
 * Running times of one engine in one comparison.
 *
 * @param millis sorted ascending, at least one
 */
record Sample(double[] millis) {
    Sample {
        if (millis.length == 0) {
            throw new IllegalArgumentException("a sample needs at least one time");
        }
        millis = millis.clone();
        Arrays.sort(millis);
    }

    double median() {
        return quantile(0.5);
    }

    double min() {
        return millis[0];
    }

    double p90() {
        return quantile(0.9);
    }

    /** Returns the quantile, linear between the two nearest order statistics (Hyndman and Fan's type 7). */
    double quantile(double q) {
        double at = q * (millis.length - 1);
        int low = (int) at;
        int high = Math.min(low + 1, millis.length - 1);
        return millis[low] + (at - low) * (millis[high] - millis[low]);
    }
}
