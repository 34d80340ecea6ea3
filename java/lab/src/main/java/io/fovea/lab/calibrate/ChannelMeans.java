package io.fovea.lab.calibrate;

import java.util.Map;
import java.util.TreeMap;

/** Mean per channel of some values over all sites of many photos. Not thread-safe. */
final class ChannelMeans {
    private final Map<String, double[]> sums = new TreeMap<>();
    private final Map<String, Long> sites = new TreeMap<>();

    /** Adds the rows of a value of one photo: {@code count} sites of {@code channels}. */
    void add(String value, float[] rows, int count, int channels) {
        double[] sum = sums.computeIfAbsent(value, v -> new double[channels]);
        for (int s = 0, i = 0; s < count; s++) {
            for (int c = 0; c < channels; c++, i++) {
                sum[c] += rows[i];
            }
        }
        sites.merge(value, (long) count, Long::sum);
    }

    Map<String, float[]> rows() {
        Map<String, float[]> means = new TreeMap<>();
        sums.forEach((value, sum) -> {
            float[] mean = new float[sum.length];
            for (int c = 0; c < mean.length; c++) {
                mean[c] = (float) (sum[c] / sites.get(value));
            }
            means.put(value, mean);
        });
        return means;
    }
}
