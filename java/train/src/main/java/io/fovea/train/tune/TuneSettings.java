package io.fovea.train.tune;

import java.util.Locale;

/**
 * How a detector is tuned.
 *
 * @param layers what trains
 * @param learn which of its weights
 * @param fixed how many convolutions, counted from the input, stay as they are
 * @param minutes time to train, evaluation included, in minutes; the learning rate falls to zero within it
 * @param rate length of the longest step, as a share of each array's length; see {@link NovoGrad}
 * @param batch views (a photo, or its mirror image) per step
 * @param holdout photos that are not trained on and choose the best state; photos with known objects first
 * @param mirrors whether each photo is seen mirrored, too, and the teacher's answers for both views are averaged unless {@code plain}
 * @param plain whether the teacher's answer to a view is its target as it is; else the mean over mirrored views, with what is known of objects
 * @param boxWeight weight of the box loss beside the score loss
 * @param focus power of the difference between student and target by which each score weighs; 0 for cross-entropy as it is
 * @param featureWeight weight of the distance between the maps that the heads read and the teacher's, beside scores and boxes; see
 * {@link FeatureLoss}
 * @param masks how a gate's masks are made while learning
 * @param average share of the old in the moving average of the weights, per step
 * @param evaluations how often the held-out photos are judged within the time
 * @param seed of every random choice
 * @param threads threads of PyTorch and of the engine, at least 1
 * @param kernels kernel tier of the engine, {@code auto} for the best
 */
public record TuneSettings(Layers layers, Learn learn, int fixed, double minutes, double rate, int batch, int holdout,
        boolean mirrors, boolean plain, double boxWeight, double focus, double featureWeight, Masks masks,
        double average,
        int evaluations, long seed, int threads, String kernels) {

    /** What trains. */
    public enum Layers {
        /** The last convolutions of the head; all before them stays as it is. */
        HEAD,
        /** Everything. */
        ALL
    }

    /** Which weights of the layers that train. */
    public enum Learn {
        /** All. */
        ALL,
        /** Those of depthwise convolutions, and all biases: few, so that what was learnt is small to ship. */
        DEPTHWISE
    }

    /**
     * How a gate's masks are made while everything learns under them.
     *
     * @param threshold logit above which a cell is foreground, or null for the gate's own
     * @param spread the threshold of each view is drawn from {@code threshold - spread .. threshold + spread}; the held-out photos are judged
     * without
     * @param whole share of the views that are computed whole, so that the detector stays good without a gate
     */
    public record Masks(Float threshold, double spread, double whole) {
        /** As the gate says, a little more and a little less, and an eighth of the views whole. */
        public static final Masks DEFAULT = new Masks(null, .5, .125);

        public Masks {
            check(threshold == null || Float.isFinite(threshold), "gate threshold", threshold == null ? 0 : threshold);
            check(spread >= 0 && spread <= 100, "gate spread", spread);
            check(whole >= 0 && whole <= 1, "share of whole views", whole);
        }

        /** Returns the same with another threshold, or null for the gate's own. */
        public Masks at(Float other) {
            return new Masks(other, spread, whole);
        }
    }

    /** The head, for ten minutes. */
    public static final TuneSettings DEFAULT = new TuneSettings(Layers.HEAD, Learn.ALL, 0, 10, 2e-3, 16, 200, true,
            false, 1,
            0, 0, Masks.DEFAULT, .998, 10, 1, 1, "auto");

    public TuneSettings {
        check(minutes > 0 && minutes <= 1e5, "minutes", minutes);
        check(rate > 0 && rate < 1, "rate", rate);
        check(batch >= 1 && batch <= 1024, "batch", batch);
        check(holdout >= 1, "holdout", holdout);
        check(boxWeight >= 0, "box weight", boxWeight);
        check(focus >= 0, "focus", focus);
        check(featureWeight >= 0, "feature weight", featureWeight);
        check(fixed >= 0, "fixed convolutions", fixed);
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
                "layers %s learn %s fixed %d rate %s batch %d holdout %d mirrors %s plain %s box %s focus %s features %s masks %s "
                        + "average %s seed %d",
                layers, learn, fixed, rate, batch, holdout, mirrors, plain, boxWeight, focus, featureWeight, masks,
                average,
                seed);
    }
}
