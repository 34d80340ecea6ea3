package io.fovea.train.tune;

import java.util.Locale;

/**
 * How a detector is tuned.
 *
 * @param layers what trains
 * @param minutes time to train, evaluation included, in minutes; the learning rate falls to zero within it
 * @param rate length of the longest step, as a share of each array's length; see {@link NovoGrad}
 * @param batch views (a photo, or its mirror image) per step
 * @param holdout photos that are not trained on and choose the best state; photos with known objects first
 * @param mirrors whether each photo is seen mirrored, too, and the teacher's answers for both views are averaged
 * @param boxWeight weight of the box loss beside the score loss
 * @param focus power of the difference between student and target by which each score weighs; 0 for cross-entropy as it is
 * @param gateThreshold logit above which a gate's cell is foreground while learning, or null for the gate's own
 * @param average share of the old in the moving average of the weights, per step
 * @param evaluations how often the held-out photos are judged within the time
 * @param seed of every random choice
 * @param threads threads of PyTorch and of the engine, at least 1
 * @param kernels kernel tier of the engine, {@code auto} for the best
 */
public record TuneSettings(Layers layers, double minutes, double rate, int batch, int holdout, boolean mirrors,
        double boxWeight, double focus, Float gateThreshold, double average, int evaluations, long seed, int threads,
        String kernels) {

    /** What trains. */
    public enum Layers {
        /** The last convolutions of the head; all before them stays as it is. */
        HEAD,
        /** Everything. */
        ALL
    }

    /** The head, for ten minutes. */
    public static final TuneSettings DEFAULT = new TuneSettings(Layers.HEAD, 10, 2e-3, 16, 200, true, 1, 0, null, .998,
            10, 1,
            1, "auto");

    public TuneSettings {
        check(minutes > 0 && minutes <= 1e5, "minutes", minutes);
        check(rate > 0 && rate < 1, "rate", rate);
        check(batch >= 1 && batch <= 1024, "batch", batch);
        check(holdout >= 1, "holdout", holdout);
        check(boxWeight >= 0, "box weight", boxWeight);
        check(focus >= 0, "focus", focus);
        check(gateThreshold == null || Float.isFinite(gateThreshold), "gate threshold",
                gateThreshold == null ? 0 : gateThreshold);
        check(average >= 0 && average < 1, "average", average);
        check(evaluations >= 1, "evaluations", evaluations);
        check(threads >= 1, "threads", threads);
    }

    private static void check(boolean condition, String name, double value) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " is out of range");
        }
    }

    /** Returns what a run that goes on must have in common with the one before. */
    String recipe() {
        return String.format(Locale.ROOT,
                "layers %s rate %s batch %d holdout %d mirrors %s box %s focus %s average %s seed %d",
                layers, rate, batch, holdout, mirrors, boxWeight, focus, average, seed);
    }
}
