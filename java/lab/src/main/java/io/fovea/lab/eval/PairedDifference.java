package io.fovea.lab.eval;

import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.PhotoDetections;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How sure the difference of two detectors on the same photos is: photos are drawn with replacement, both detectors are judged on each
 * draw, and the interval holds 95 % of the differences (paired bootstrap; Efron and Tibshirani, An introduction to the bootstrap, 1993). It
 * covers the choice of the photos and nothing else.
 *
 * @param difference AP of the second minus AP of the first, on all photos
 * @param low lower end of the interval
 * @param high upper end
 * @param draws draws made
 */
public record PairedDifference(double difference, double low, double high, int draws) {
    private static final long SEED = 0x5EED;

    /**
     * Draws; the same photos give the same draws on every run and for any number of threads.
     *
     * @param data photos and objects, categories that count
     * @param first what one detector found
     * @param second what the other found
     * @param draws at least 1
     * @param threads worker threads
     */
    public static PairedDifference of(Dataset data, List<PhotoDetections> first, List<PhotoDetections> second,
            int draws,
            int threads) {
        Group[][] one = CocoEvaluator.groups(data, first, threads);
        Group[][] two = CocoEvaluator.groups(data, second, threads);
        int[] once = new int[one.length];
        Arrays.fill(once, 1);
        double[] gains = new double[draws];
        Parallel.forEach(draws, threads, i -> {
            SplittableRandom random = new SplittableRandom(SEED + i);
            int[] times = new int[one.length];
            for (int p = 0; p < times.length; p++) {
                times[random.nextInt(times.length)]++;
            }
            gains[i] = ap(two, times) - ap(one, times);
        });
        Arrays.sort(gains);
        return new PairedDifference(ap(two, once) - ap(one, once), gains[(int) Math.round(.025 * (draws - 1))],
                gains[(int) Math.round(.975 * (draws - 1))], draws);
    }

    private static double ap(Group[][] groups, int[] times) {
        double sum = 0;
        int judged = 0;
        int categories = groups.length == 0 ? 0 : groups[0].length;
        for (int k = 0; k < categories; k++) {
            List<Group> own = new ArrayList<>();
            for (int p = 0; p < groups.length; p++) {
                for (int n = 0; n < times[p] && groups[p][k] != null; n++) {
                    own.add(groups[p][k]);
                }
            }
            double ap = Accumulator.ap(own);
            if (ap >= 0) {
                sum += ap;
                judged++;
            }
        }
        return judged == 0 ? 0 : sum / judged;
    }
}
