package io.fovea.lab.prune;

import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.lab.eval.Parallel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Scores anchor sets from cached rows: removed shapes' rows are left out, suppression and matching are repeated only in photos where a
 * surviving box is gone, and precision only for categories where something changed. The value is COCO's AP of the detector with
 * those shapes only. Children of one set are scored in parallel; the result does not depend on the number of threads.
 */
final class CachedScorer implements AnchorScorer {
    private static final int RESAMPLES = 200;
    /** One-sided 95 % of a normal distribution. */
    private static final double ONE_SIDED = 1.645;

    private final ScoringData data;
    private final NmsSpec nms;
    private final int threads;
    private final ArrayDeque<Worker> workers = new ArrayDeque<>();
    private Scored last;

    /** What was found for one set. */
    private record Scored(AnchorSet kept, long[] survivors, int[] flags, double[] ap) {}

    private final class Worker {
        final PhotoScorer photo = new PhotoScorer(data, nms.maxPerClass(), nms.maxDetections());
        final CategoryAp category = new CategoryAp();
        int[] flags;
        long[] survivors;
        Scored copyOf;
    }

    CachedScorer(ScoringData data, NmsSpec nms, int threads) {
        this.data = data;
        this.nms = nms;
        this.threads = threads;
    }

    @Override
    public double score(AnchorSet kept) {
        return mean(scored(kept).ap());
    }

    @Override
    public double[] scoreChildren(AnchorSet parent, List<AnchorSet> children) {
        Scored base = scored(parent);
        double[] ap = new double[children.size()];
        Parallel.forEach(ap.length, threads, i -> {
            Worker w = take();
            ap[i] = child(base, children.get(i), w);
            give(w);
        });
        return ap;
    }

    private double child(Scored base, AnchorSet kept, Worker w) {
        if (w.copyOf != base) {
            w.flags = copy(base.flags(), w.flags);
            w.survivors = copy(base.survivors(), w.survivors);
            w.copyOf = base;
        }
        boolean[] stay = flags(kept);
        boolean[] lost = flags(base.kept().minus(kept));
        boolean[] dirty = new boolean[data.categories()];
        boolean[] changed = new boolean[data.photos()];
        for (int p = 0; p < changed.length; p++) {
            changed[p] = w.photo.rescore(p, stay, lost, w.survivors, w.flags);
            if (changed[p]) {
                markDirty(p, base.flags(), w.flags, dirty);
            }
        }
        double[] ap = base.ap().clone();
        for (int k = 0; k < ap.length; k++) {
            if (dirty[k]) {
                ap[k] = category(k, w.flags, w.category);
            }
        }
        for (int p = 0; p < changed.length; p++) {
            if (changed[p]) {
                int g = data.groupStart[p];
                int end = data.groupStart[p + 1];
                restore(base.flags(), w.flags, data.entryStart[g], data.entryStart[end]);
                restore(base.survivors(), w.survivors, data.wordStart[g], data.wordStart[end]);
            }
        }
        return mean(ap);
    }

    private static boolean[] flags(AnchorSet set) {
        boolean[] flags = new boolean[set.universe()];
        for (int m : set.members()) {
            flags[m] = true;
        }
        return flags;
    }

    private static int[] copy(int[] from, int[] to) {
        if (to == null) {
            return from.clone();
        }
        System.arraycopy(from, 0, to, 0, to.length);
        return to;
    }

    private static long[] copy(long[] from, long[] to) {
        if (to == null) {
            return from.clone();
        }
        System.arraycopy(from, 0, to, 0, to.length);
        return to;
    }

    private static void restore(Object from, Object to, int start, int end) {
        System.arraycopy(from, start, to, start, end - start);
    }

    private void markDirty(int p, int[] before, int[] after, boolean[] dirty) {
        for (int g = data.groupStart[p]; g < data.groupStart[p + 1]; g++) {
            int k = data.groupCategory[g];
            if (k >= 0 && !dirty[k]) {
                int from = data.entryStart[g];
                int to = data.entryStart[g + 1];
                dirty[k] = Arrays.mismatch(before, from, to, after, from, to) >= 0;
            }
        }
    }

    private synchronized Scored scored(AnchorSet kept) {
        if (last != null && last.kept().equals(kept)) {
            return last;
        }
        long[] survivors = new long[data.wordStart[data.wordStart.length - 1]];
        boolean[] stay = flags(kept);
        int[] flags = new int[data.entries()];
        int chunk = 16;
        Parallel.forEach((data.photos() + chunk - 1) / chunk, threads, i -> {
            Worker w = take();
            for (int p = i * chunk; p < Math.min(data.photos(), (i + 1) * chunk); p++) {
                w.photo.score(p, stay, survivors, flags);
            }
            give(w);
        });
        double[] ap = new double[data.categories()];
        Parallel.forEach(ap.length, threads, k -> {
            Worker w = take();
            ap[k] = category(k, flags, w.category);
            give(w);
        });
        last = new Scored(kept, survivors, flags, ap);
        return last;
    }

    private double category(int k, int[] flags, CategoryAp scratch) {
        long positives = Arrays.stream(data.positives[k]).sum();
        return scratch.of(data.byScore[k], flags, positives, data.photoOf, null);
    }

    private static double mean(double[] ap) {
        double sum = 0;
        int n = 0;
        for (double v : ap) {
            if (v >= 0) {
                sum += v;
                n++;
            }
        }
        return n == 0 ? -1 : sum / n;
    }

    @Override
    public double noise(AnchorSet base, AnchorSet candidate) {
        double[] gain = resampledGains(base, candidate, RESAMPLES);
        double mean = Arrays.stream(gain).average().orElse(0);
        double variance = Arrays.stream(gain).map(g -> (g - mean) * (g - mean)).sum() / Math.max(1, gain.length - 1);
        return ONE_SIDED * Math.sqrt(variance);
    }

    /**
     * Draws photos with replacement and returns the gain of {@code candidate} over {@code base} in each draw (paired: both see the same
     * photos). The draws are the same on every run.
     */
    double[] resampledGains(AnchorSet base, AnchorSet candidate, int draws) {
        double[] of = resampledAp(base, draws);
        double[] with = resampledAp(candidate, draws);
        double[] gain = new double[draws];
        Arrays.setAll(gain, i -> with[i] - of[i]);
        return gain;
    }

    /** Draws photos with replacement and returns the average precision of each draw; the draws are the same on every run. */
    double[] resampledAp(AnchorSet kept, int draws) {
        int[] flags = scored(kept).flags();
        double[] result = new double[draws];
        Parallel.forEach(draws, threads, i -> {
            SplittableRandom random = new SplittableRandom(0x5EEDL + i);
            int[] weights = new int[data.photos()];
            for (int p = 0; p < weights.length; p++) {
                weights[random.nextInt(weights.length)]++;
            }
            Worker w = take();
            double[] ap = new double[data.categories()];
            for (int k = 0; k < ap.length; k++) {
                long positives = 0;
                for (int p = 0; p < weights.length; p++) {
                    positives += (long) weights[p] * data.positives[k][p];
                }
                ap[k] = w.category.of(data.byScore[k], flags, positives, data.photoOf, weights);
            }
            result[i] = mean(ap);
            give(w);
        });
        return result;
    }

    private Worker take() {
        synchronized (workers) {
            return workers.isEmpty() ? new Worker() : workers.pop();
        }
    }

    private void give(Worker w) {
        synchronized (workers) {
            workers.push(w);
        }
    }
}
