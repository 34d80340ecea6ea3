package io.fovea.testing;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/** Raw outputs to detections in the plainest way: a list of objects that gets shorter. */
public final class PlainHead {

    /**
     * A scored box.
     *
     * @param row output row
     * @param classId score column
     * @param score after the activation
     * @param box left, top, right, bottom in input pixels
     */
    public record Found(int row, int classId, float score, double[] box) {

        double iou(Found other) {
            double w = Math.min(box[2], other.box[2]) - Math.max(box[0], other.box[0]);
            double h = Math.min(box[3], other.box[3]) - Math.max(box[1], other.box[1]);
            double both = w > 0 && h > 0 ? w * h : 0;
            return both > 0 ? both / (area() + other.area() - both) : 0;
        }

        private double area() {
            return (box[2] - box[0]) * (box[3] - box[1]);
        }
    }

    private PlainHead() {
    }

    /** Returns the scores of one row of raw values. */
    public static float[] scores(DetectorSpec spec, float[] raw, int at) {
        int classes = spec.classes().size();
        float[] scores = new float[classes];
        float max = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            max = Math.max(max, raw[at + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(raw[at + c] - max);
        }
        for (int c = 0; c < classes; c++) {
            scores[c] = switch (spec.scoreActivation()) {
                case NONE -> raw[at + c];
                case SIGMOID -> (float) (1 / (1 + Math.exp(-raw[at + c])));
                case SOFTMAX -> (float) (Math.exp(raw[at + c] - max) / sum);
                case SIGMOID_OBJECTNESS -> (float) (1 / (1 + Math.exp(-raw[at + c]))
                        / (1 + Math.exp(-raw[at + spec.backgroundIndex()])));
            };
        }
        return scores;
    }

    /** Returns every anchor as centre x, centre y, width, height, in the order of the output rows. */
    public static List<double[]> anchors(DetectorSpec spec) {
        List<double[]> anchors = new ArrayList<>();
        for (FeatureMap map : spec.featureMaps()) {
            for (int site = 0; site < map.height() * map.width(); site++) {
                for (Anchor anchor : map.anchors()) {
                    anchors.add(new double[]{(site % map.width() + (double) map.offset()) * map.strideX(),
                            (site / map.width() + (double) map.offset()) * map.strideY(), anchor.width(),
                            anchor.height()});
                }
            }
        }
        return anchors;
    }

    /** Returns the box of one row of raw values: left, top, right, bottom. */
    public static double[] box(DetectorSpec spec, double[] anchor, float[] raw, int at) {
        boolean xFirst = spec.boxCoding().order() == BoxOrder.XYWH;
        double dx = spec.boxCoding().varianceX() * raw[at + (xFirst ? 0 : 1)];
        double dy = spec.boxCoding().varianceY() * raw[at + (xFirst ? 1 : 0)];
        double dw = spec.boxCoding().varianceW() * raw[at + (xFirst ? 2 : 3)];
        double dh = spec.boxCoding().varianceH() * raw[at + (xFirst ? 3 : 2)];
        double x = anchor[0] + dx * anchor[2];
        double y = anchor[1] + dy * anchor[3];
        double w = anchor[2] * Math.exp(dw);
        double h = anchor[3] * Math.exp(dh);
        return new double[]{x - w / 2, y - h / 2, x + w / 2, y + h / 2};
    }

    /** Returns all scores above a threshold with their boxes, row by row, class by class. */
    public static List<Found> candidates(DetectorSpec spec, float[] boxes, float[] scores, IntPredicate activeRow,
            boolean[] wanted, float threshold) {
        List<double[]> anchors = anchors(spec);
        List<Found> found = new ArrayList<>();
        for (int row = 0; row < anchors.size(); row++) {
            float[] of = scores(spec, scores, row * spec.classes().size());
            for (int c = 0; c < of.length; c++) {
                if (activeRow.test(row) && c != spec.backgroundIndex() && wanted[c] && of[c] > threshold) {
                    found.add(new Found(row, c, of[c], box(spec, anchors.get(row), boxes, 4 * row)));
                }
            }
        }
        return found;
    }

    /** Returns the survivors of suppression, best first; equal scores in the order of the candidates. */
    public static List<Found> suppress(List<Found> candidates, boolean agnostic, float iouThreshold, int maxPerClass,
            int maxDetections) {
        List<Found> open = new ArrayList<>();
        for (Found candidate : candidates) {
            long better = candidates.stream()
                    .filter(o -> o.classId == candidate.classId && before(candidates, o, candidate))
                    .count();
            if (maxPerClass == 0 || better < maxPerClass) {
                open.add(candidate);
            }
        }
        open.sort(Comparator.comparingDouble(f -> -f.score));
        List<Found> kept = new ArrayList<>();
        while (!open.isEmpty()) {
            Found best = open.removeFirst();
            kept.add(best);
            open.removeIf(o -> (agnostic || o.classId == best.classId) && best.iou(o) > iouThreshold);
        }
        return kept.subList(0, Math.min(kept.size(), maxDetections));
    }

    private static boolean before(List<Found> order, Found a, Found b) {
        return a.score > b.score || a.score == b.score && order.indexOf(a) < order.indexOf(b);
    }
}
