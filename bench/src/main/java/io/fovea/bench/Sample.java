package io.fovea.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Running times of one engine in one comparison. Where several inputs took turns, every figure is the mean of what it is of each input: a pooled
 * median would be that of a middle one, a pooled least that of the easiest, while work is counted as a mean.
 *
 * @param millis the times of each input, sorted ascending, at least one
 */
record Sample(List<double[]> millis) {

    /** Takes times that are all of one input. */
    Sample(double[] millis) {
        this(millis, new int[millis.length]);
    }

    /** Takes times, and for each which input it was of. */
    Sample(double[] millis, int[] variants) {
        this(IntStream.of(variants).distinct().sorted().mapToObj(v -> IntStream.range(0, millis.length)
                .filter(i -> variants[i] == v).mapToDouble(i -> millis[i]).sorted().toArray()).toList());
    }

    Sample {
        if (millis.isEmpty()) {
            throw new IllegalArgumentException("a sample needs at least one time");
        }
    }

    /** Returns how many times there are. */
    int count() {
        return millis.stream().mapToInt(times -> times.length).sum();
    }

    double median() {
        return quantile(0.5);
    }

    double min() {
        return quantile(0);
    }

    double p90() {
        return quantile(0.9);
    }

    /** Returns the quantile. */
    double quantile(double q) {
        return millis.stream().mapToDouble(times -> quantile(times, q)).average().orElseThrow();
    }

    /** Linear between the two nearest order statistics (Hyndman and Fan's type 7). */
    private static double quantile(double[] times, double q) {
        double at = q * (times.length - 1);
        int low = (int) at;
        int high = Math.min(low + 1, times.length - 1);
        return times[low] + (at - low) * (times[high] - times[low]);
    }
}
