package io.fovea.lab.eval;

import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Truth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** COCO's figures the slow way, straight from their definition, for one area range, limit and set of thresholds. */
final class PlainCoco {
    private record Det(double score, boolean matched, boolean ignored) {}

    private PlainCoco() {
    }

    /** Returns {AP, AR} averaged over the thresholds and categories, -1 where no object counts. */
    static double[] judge(Dataset data, List<PhotoDetections> found, double from, double to, int limit,
            double... thresholds) {
        double ap = 0;
        double ar = 0;
        int n = 0;
        for (Category c : data.categories()) {
            for (double t : thresholds) {
                List<Det> all = new ArrayList<>();
                int positives = 0;
                for (Photo p : data.photos().stream().sorted(Comparator.comparingLong(Photo::id)).toList()) {
                    positives += photo(p, found, c.id(), from, to, limit, t, all);
                }
                if (positives > 0) {
                    all.sort(Comparator.comparingDouble((Det d) -> -d.score()));
                    all.removeIf(Det::ignored);
                    ap += ap(all, positives);
                    ar += (double) all.stream().filter(Det::matched).count() / positives;
                    n++;
                }
            }
        }
        return n == 0 ? new double[]{-1, -1} : new double[]{ap / n, ar / n};
    }

    private static int photo(Photo p, List<PhotoDetections> found, int category, double from, double to, int limit,
            double threshold, List<Det> all) {
        List<Truth> truths = p.truths().stream().filter(t -> t.category() == category).toList();
        List<Boolean> ignore = truths.stream().map(t -> t.crowd() || t.area() < from || t.area() > to).toList();
        List<double[]> dets = new ArrayList<>();
        for (PhotoDetections d : found) {
            for (int i = 0; d.photo() == p.id() && i < d.size(); i++) {
                if (d.categories()[i] == category) {
                    dets.add(new double[]{d.boxes()[4 * i], d.boxes()[4 * i + 1], d.boxes()[4 * i + 2],
                            d.boxes()[4 * i + 3], d.scores()[i]});
                }
            }
        }
        dets.sort(Comparator.comparingDouble(d -> -d[4]));
        boolean[] taken = new boolean[truths.size()];
        for (double[] d : dets.subList(0, Math.min(limit, dets.size()))) {
            int match = -1;
            for (int pass = 0; pass < 2 && match < 0; pass++) {
                double best = threshold;
                for (int g = 0; g < truths.size(); g++) {
                    boolean free = !taken[g] || truths.get(g).crowd();
                    double o = iou(d, truths.get(g));
                    if (ignore.get(g) == (pass == 1) && free && o >= best) {
                        best = o;
                        match = g;
                    }
                }
            }
            double area = d[2] * d[3];
            if (match >= 0) {
                taken[match] = true;
            }
            all.add(new Det(d[4], match >= 0, match >= 0 ? ignore.get(match) : area < from || area > to));
        }
        return (int) ignore.stream().filter(i -> !i).count();
    }

    private static double iou(double[] d, Truth t) {
        double w = Math.max(0, Math.min(d[0] + d[2], t.x() + t.width()) - Math.max(d[0], t.x()));
        double h = Math.max(0, Math.min(d[1] + d[3], t.y() + t.height()) - Math.max(d[1], t.y()));
        double own = d[2] * d[3];
        return w * h == 0 ? 0 : w * h / (t.crowd() ? own : own + t.width() * t.height() - w * h);
    }

    private static double ap(List<Det> dets, int positives) {
        double sum = 0;
        for (int r = 0; r <= 100; r++) {
            double best = 0;
            int right = 0;
            for (int i = 0; i < dets.size(); i++) {
                right += dets.get(i).matched() ? 1 : 0;
                if ((double) right / positives >= (r == 100 ? 1 : r * 0.01)) {
                    int to = right;
                    best = Math.max(best, (double) to / (i + 1));
                }
            }
            sum += best;
        }
        return sum / 101;
    }
}
