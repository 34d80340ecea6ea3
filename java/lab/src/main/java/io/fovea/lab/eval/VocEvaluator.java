package io.fovea.lab.eval;

import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Truth;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * PASCAL VOC average precision at one IoU threshold: each detection, best score first, is compared with the object it overlaps most;
 * a second detection of the same object is wrong; objects marked difficult (and crowds) count neither way. Either the mean
 * of the best precision at the recalls 0, .1, ... 1 (VOC 2007) or the area under the precision envelope (VOC 2010 and later);
 * Everingham et al., The PASCAL VOC Challenge, IJCV 2010. Stateless; thread-safe.
 */
public final class VocEvaluator {
    /** How precision over recall becomes one number. */
    public enum Rule {
        /** Eleven recall points (VOC 2007). */
        ELEVEN_POINT,
        /** Area under the envelope (VOC 2010 and later). */
        ALL_POINT
    }

    /**
     * Figures.
     *
     * @param meanAp mean over the categories that have objects, -1 when none has
     * @param apPerCategory by category id
     */
    public record Figures(double meanAp, SortedMap<Integer, Double> apPerCategory) {}

    private VocEvaluator() {
    }

    /**
     * Judges detections against a data set.
     *
     * @param iou least overlap of a match, .5 in VOC
     */
    public static Figures evaluate(Dataset data, List<PhotoDetections> detections, double iou, Rule rule) {
        Map<Long, PhotoDetections> found = new HashMap<>();
        detections.forEach(d -> found.put(d.photo(), d));
        SortedMap<Integer, Double> per = new TreeMap<>();
        for (Category c : data.categories()) {
            double ap = category(data.photos(), found, c.id(), iou, rule);
            if (ap >= 0) {
                per.put(c.id(), ap);
            }
        }
        double mean = per.values().stream().mapToDouble(v -> v).average().orElse(-1);
        return new Figures(mean, per);
    }

    private static double category(List<Photo> photos, Map<Long, PhotoDetections> found, int category, double iou,
            Rule rule) {
        int positives = 0;
        int total = 0;
        for (Photo p : photos) {
            positives += (int) p.truths().stream().filter(t -> t.category() == category && counts(t)).count();
            PhotoDetections d = found.get(p.id());
            total += d == null ? 0 : (int) Arrays.stream(d.categories()).filter(k -> k == category).count();
        }
        if (positives == 0) {
            return -1;
        }
        double[] scores = new double[total];
        int[] photo = new int[total];
        int[] row = new int[total];
        int n = 0;
        for (int p = 0; p < photos.size(); p++) {
            PhotoDetections d = found.get(photos.get(p).id());
            for (int i = 0; d != null && i < d.size(); i++) {
                if (d.categories()[i] == category) {
                    scores[n] = d.scores()[i];
                    photo[n] = p;
                    row[n++] = i;
                }
            }
        }
        boolean[][] taken = new boolean[photos.size()][];
        double[] precision = new double[total];
        double[] recall = new double[total];
        int judged = 0;
        int right = 0;
        for (int i : Order.descending(scores)) {
            Photo p = photos.get(photo[i]);
            if (taken[photo[i]] == null) {
                taken[photo[i]] = new boolean[p.truths().size()];
            }
            int best = best(p, found.get(p.id()), row[i], category, iou);
            if (best >= 0 && !counts(p.truths().get(best))) {
                continue;
            }
            if (best >= 0 && !taken[photo[i]][best]) {
                taken[photo[i]][best] = true;
                right++;
            }
            precision[judged] = (double) right / (judged + 1);
            recall[judged++] = (double) right / positives;
        }
        return rule == Rule.ELEVEN_POINT ? eleven(precision, recall, judged) : area(precision, recall, judged);
    }

    private static boolean counts(Truth t) {
        return !t.difficult() && !t.crowd();
    }

    private static int best(Photo p, PhotoDetections d, int row, int category, double least) {
        double top = -1;
        int best = -1;
        for (int g = 0; g < p.truths().size(); g++) {
            Truth t = p.truths().get(g);
            if (t.category() == category) {
                double o = Overlap.iou(d.boxes(), 4 * row, new double[]{t.x(), t.y(), t.width(), t.height()}, 0, false);
                if (o > top) {
                    top = o;
                    best = g;
                }
            }
        }
        return top >= least ? best : -1;
    }

    private static double eleven(double[] precision, double[] recall, int n) {
        double sum = 0;
        for (int r = 0; r <= 10; r++) {
            double best = 0;
            for (int i = 0; i < n; i++) {
                if (recall[i] >= r / 10.0) {
                    best = Math.max(best, precision[i]);
                }
            }
            sum += best;
        }
        return sum / 11;
    }

    private static double area(double[] precision, double[] recall, int n) {
        double area = 0;
        double best = 0;
        for (int i = n - 1; i >= 0; i--) {
            best = Math.max(best, precision[i]);
            area += best * (recall[i] - (i == 0 ? 0 : recall[i - 1]));
        }
        return area;
    }
}
