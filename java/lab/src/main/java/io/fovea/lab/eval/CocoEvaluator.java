package io.fovea.lab.eval;

import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Truth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * COCO box evaluation with the default parameters: the same figures as the reference evaluator's (crowd and area rules, stable
 * order of equal scores, 101 recall points), whatever the number of threads. Stateless; thread-safe.
 */
public final class CocoEvaluator {
    private CocoEvaluator() {
    }

    /**
     * Judges detections against a data set, over all of its photos and categories. Detections of photos or categories that it
     * does not have are left out.
     *
     * @param data photos with objects
     * @param detections at most one entry per photo, in any order
     * @param threads worker threads, at least 1
     * @throws IllegalArgumentException if two entries are of one photo, or a score is NaN
     */
    public static CocoResult evaluate(Dataset data, List<PhotoDetections> detections, int threads) {
        Group[][] groups = groups(data, detections, threads);
        Accumulator[] parts = new Accumulator[data.categories().size()];
        Parallel.forEach(parts.length, threads, k -> {
            List<Group> own = new ArrayList<>();
            for (Group[] photo : groups) {
                if (photo[k] != null) {
                    own.add(photo[k]);
                }
            }
            parts[k] = new Accumulator(own);
        });
        return summarize(data.categories(), parts, groups.length);
    }

    /** Returns {@code [photo by id][category]} what was found and what is there; null where neither is anything. */
    static Group[][] groups(Dataset data, List<PhotoDetections> detections, int threads) {
        Map<Long, PhotoDetections> found = new HashMap<>();
        for (PhotoDetections d : detections) {
            if (found.put(d.photo(), d) != null) {
                throw new IllegalArgumentException("photo " + d.photo() + " has two lists of detections");
            }
        }
        List<Photo> photos = data.photos().stream().sorted(Comparator.comparingLong(Photo::id)).toList();
        Map<Integer, Integer> index = new HashMap<>();
        for (Category c : data.categories()) {
            index.put(c.id(), index.size());
        }
        Group[][] groups = new Group[photos.size()][];
        Parallel.forEach(photos.size(), threads, i -> groups[i] = groups(photos.get(i), found, index));
        return groups;
    }

    private static Group[] groups(Photo photo, Map<Long, PhotoDetections> found, Map<Integer, Integer> index) {
        PhotoDetections d = found.getOrDefault(photo.id(),
                new PhotoDetections(photo.id(), new int[0], new double[0], new double[0]));
        int[] dts = new int[index.size()];
        int[] gts = new int[index.size()];
        for (int i = 0; i < d.size(); i++) {
            if (Double.isNaN(d.scores()[i])) {
                throw new IllegalArgumentException("photo " + photo.id() + ": the score of detection " + i + " is NaN");
            }
            Integer k = index.get(d.categories()[i]);
            if (k != null) {
                dts[k]++;
            }
        }
        for (Truth t : photo.truths()) {
            Integer k = index.get(t.category());
            if (k != null) {
                gts[k]++;
            }
        }
        Group[] groups = new Group[index.size()];
        index.forEach((category, k) -> {
            if (dts[k] + gts[k] > 0) {
                groups[k] = group(photo, d, category, dts[k], gts[k]);
            }
        });
        return groups;
    }

    private static Group group(Photo photo, PhotoDetections d, int category, int dts, int gts) {
        double[] scores = new double[dts];
        double[] dt = new double[4 * dts];
        int n = 0;
        for (int i = 0; i < d.size(); i++) {
            if (d.categories()[i] == category) {
                scores[n] = d.scores()[i];
                System.arraycopy(d.boxes(), 4 * i, dt, 4 * n, 4);
                n++;
            }
        }
        double[] gt = new double[4 * gts];
        double[] areas = new double[gts];
        boolean[] crowd = new boolean[gts];
        int g = 0;
        for (Truth t : photo.truths()) {
            if (t.category() == category) {
                gt[4 * g] = t.x();
                gt[4 * g + 1] = t.y();
                gt[4 * g + 2] = t.width();
                gt[4 * g + 3] = t.height();
                areas[g] = t.area();
                crowd[g] = t.crowd();
                g++;
            }
        }
        return new Group(scores, dt, gt, areas, crowd);
    }

    private static CocoResult summarize(List<Category> categories, Accumulator[] parts, int images) {
        double[] ap = new double[4];
        for (int a = 0; a < ap.length; a++) {
            ap[a] = precision(parts, a, 0, CocoParams.IOU.length);
        }
        SortedMap<Integer, Double> perCategory = new TreeMap<>();
        for (int k = 0; k < parts.length; k++) {
            if (parts[k].precision[0] != null) {
                perCategory.put(categories.get(k).id(),
                        precision(new Accumulator[]{parts[k]}, 0, 0, CocoParams.IOU.length));
            }
        }
        CocoFigures figures = new CocoFigures(ap[0], precision(parts, 0, 0, 1), precision(parts, 0, 5, 6), ap[1], ap[2],
                ap[3], recall(parts, 0, 0), recall(parts, 0, 1), recall(parts, 0, 2), recall(parts, 1, 2),
                recall(parts, 2, 2), recall(parts, 3, 2), perCategory, images);
        double[][] mean = new double[CocoParams.IOU.length][CocoParams.RECALL.length];
        int judged = perCategory.size();
        for (Accumulator part : parts) {
            for (int t = 0; t < mean.length && part.precision[0] != null; t++) {
                for (int r = 0; r < mean[t].length; r++) {
                    mean[t][r] += part.precision[0][t][r] / judged;
                }
            }
        }
        return new CocoResult(figures, mean);
    }

    private static double precision(Accumulator[] parts, int area, int from, int to) {
        double sum = 0;
        long count = 0;
        for (Accumulator part : parts) {
            for (int t = from; t < to && part.precision[area] != null; t++) {
                for (double p : part.precision[area][t]) {
                    sum += p;
                    count++;
                }
            }
        }
        return count == 0 ? -1 : sum / count;
    }

    private static double recall(Accumulator[] parts, int area, int limit) {
        double sum = 0;
        long count = 0;
        for (Accumulator part : parts) {
            if (part.recall[area] != null) {
                for (double r : part.recall[area][limit]) {
                    sum += r;
                    count++;
                }
            }
        }
        return count == 0 ? -1 : sum / count;
    }
}
