package io.fovea.train.gate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How well thresholded logits cover marks: a mark is covered when at least {@value #ENOUGH} of its area lies in cells above the threshold.
 */
final class Coverage {
    /** Share of a mark's area that must be foreground. */
    static final double ENOUGH = .95;

    /**
     * One mark and the threshold below which it is covered.
     *
     * @param mark the mark
     * @param threshold the highest logit that covers it; negative infinity if it lies outside the picture
     */
    record Covered(Mark mark, float threshold) {}

    private Coverage() {
    }

    /** Returns up to which threshold a mark is covered. */
    static float threshold(CellGrid grid, Mark mark, float[] logits) {
        record Part(float logit, double area) {}
        List<Part> parts = new ArrayList<>();
        double total = 0;
        int cell = grid.cell();
        for (int r = Math.max(0, (int) (mark.top() / cell)); r < grid.rows() && r * cell < mark.bottom(); r++) {
            double height = Math.min(mark.bottom(), (r + 1.0) * cell) - Math.max(mark.top(), (double) r * cell);
            for (int c = Math.max(0, (int) (mark.left() / cell)); c < grid.columns() && c * cell < mark.right(); c++) {
                double width = Math.min(mark.right(), (c + 1.0) * cell) - Math.max(mark.left(), (double) c * cell);
                if (height > 0 && width > 0) {
                    parts.add(new Part(logits[r * grid.columns() + c], height * width));
                    total += height * width;
                }
            }
        }
        parts.sort(Comparator.comparingDouble(p -> -p.logit()));
        double sum = 0;
        for (Part part : parts) {
            sum += part.area();
            if (sum >= ENOUGH * total) {
                // A cell is foreground when its logit is above the threshold.
                return Math.nextDown(part.logit());
            }
        }
        return Float.NEGATIVE_INFINITY;
    }

    /** Returns the thresholds of all marks of photos that the filter lets through. */
    static List<Covered> of(CellGrid grid, List<GateSample> samples, List<float[]> logits,
            java.util.function.Predicate<Mark> filter) {
        List<Covered> all = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            for (Mark mark : samples.get(i).marks()) {
                if (filter.test(mark)) {
                    all.add(new Covered(mark, threshold(grid, mark, logits.get(i))));
                }
            }
        }
        return all;
    }

    /** Returns the share of marks covered at a threshold; 1 if there is none. */
    static double recall(List<Covered> covered, float threshold) {
        return covered.isEmpty()
                ? 1
                : (double) covered.stream().filter(c -> c.threshold() >= threshold).count() / covered.size();
    }

    /**
     * Returns the highest threshold that covers a share of the marks.
     *
     * @param recall in (0, 1]
     */
    static float thresholdFor(List<Covered> covered, double recall) {
        List<Float> sorted = covered.stream().map(Covered::threshold).sorted(Comparator.reverseOrder()).toList();
        return sorted.get(Math.clamp((int) Math.ceil(recall * sorted.size()) - 1, 0, sorted.size() - 1));
    }

    /** Returns the share of cells above a threshold. */
    static double share(List<float[]> logits, float threshold) {
        long active = 0;
        long all = 0;
        for (float[] photo : logits) {
            all += photo.length;
            for (float logit : photo) {
                active += logit > threshold ? 1 : 0;
            }
        }
        return (double) active / all;
    }
}
