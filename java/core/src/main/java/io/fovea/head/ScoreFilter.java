package io.fovea.head;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;

/**
 * Finds the scores above a threshold in rows of raw scores before anything else is computed: a sigmoid's threshold is moved to the
 * raw side, a softmax row is skipped when no class comes near its background or its best class. Immutable, thread-safe.
 */
final class ScoreFilter {
    private static final Above ABOVE = Above.best();
    private final ScoreActivation activation;
    private final int classes;
    private final int background;
    private final boolean[] wanted;
    private final float threshold;
    private final float rawThreshold;

    ScoreFilter(DetectorSpec spec, boolean[] wanted, float threshold) {
        this.activation = spec.scoreActivation();
        this.classes = spec.classes().size();
        this.background = spec.backgroundIndex();
        this.wanted = wanted;
        this.threshold = threshold;
        // A little below the exact inverse, so that rounding drops nothing; the score itself decides.
        float logit = (float) Math.log(threshold / (1.0 - threshold));
        this.rawThreshold = activation == ScoreActivation.NONE ? threshold : logit - 1e-3f - Math.abs(logit) * 1e-5f;
    }

    /** Returns false when no row whose raw scores lie in {@code from..to-1} has a candidate; true says nothing. */
    boolean mayPass(float[] raw, int from, int to) {
        return activation == ScoreActivation.SOFTMAX || ABOVE.next(raw, from, to, rawThreshold) < to;
    }

    /** Adds the candidates of one output row whose raw scores start at {@code at}. */
    void row(float[] raw, int at, int row, Candidates to) {
        if (activation == ScoreActivation.SOFTMAX) {
            softmax(raw, at, row, to);
            return;
        }
        double rest = 1;
        if (activation == ScoreActivation.SIGMOID_OBJECTNESS) {
            if (raw[at + background] <= rawThreshold) {
                return;
            }
            rest = 1 + Math.exp(-raw[at + background]);
        }
        int end = at + classes;
        for (int i = ABOVE.next(raw, at, end, rawThreshold); i < end; i = ABOVE.next(raw, i + 1, end, rawThreshold)) {
            int c = i - at;
            if (c != background && wanted[c]) {
                float x = raw[i];
                float score = activation == ScoreActivation.NONE ? x : (float) (1 / (1 + Math.exp(-x)) / rest);
                if (score > threshold) {
                    to.add(c, row, score);
                }
            }
        }
    }

    private void softmax(float[] raw, int at, int row, Candidates to) {
        float max = raw[at];
        for (int c = 1; c < classes; c++) {
            max = Math.max(max, raw[at + c]);
        }
        // score <= 1 / (1 + exp(max - x)) for every class but the best one
        boolean any = false;
        for (int c = 0; c < classes && !any; c++) {
            any = c != background && wanted[c] && (raw[at + c] == max || raw[at + c] - max > rawThreshold);
        }
        if (!any) {
            return;
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(raw[at + c] - max);
        }
        for (int c = 0; c < classes; c++) {
            if (c != background && wanted[c]) {
                float score = (float) (Math.exp(raw[at + c] - max) / sum);
                if (score > threshold) {
                    to.add(c, row, score);
                }
            }
        }
    }
}
