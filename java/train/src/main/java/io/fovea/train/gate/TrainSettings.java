package io.fovea.train.gate;

import io.fovea.format.GateSpec;

/**
 * How a gate is trained.
 *
 * @param trunk whose first blocks the gate begins with
 * @param inputSize height and width of the small copy of the picture, pixels
 * @param cell cells of the mask, pixels of the detector's input
 * @param growth pixels of the detector's input by which masks are grown
 * @param style how the maps that the gate reads come together
 * @param width channels inside the head
 * @param depth depthwise-separable layers at each map
 * @param rule what is foreground, and what it weighs
 * @param epochs passes over the photos
 * @param batch photos of one step
 * @param rate first learning rate; it falls to nothing along half a cosine
 * @param decay weight decay per unit of rate
 * @param average how slowly the averaged weights follow, in [0, 1); those are what is kept
 * @param heldOut share of the photos that is not learnt from
 * @param recall share of the held-out marks that the threshold must cover, in (0, 1]
 * @param seed of every random choice
 */
public record TrainSettings(GateSpec.Trunk trunk, int inputSize, int cell, int growth, GateHead.Style style, int width,
        int depth,
        LabelRule rule, int epochs, int batch, float rate, float decay, float average, double heldOut, double recall,
        long seed) {
    /** What the shipped gates were trained with. */
    public static final TrainSettings DEFAULT = new TrainSettings(GateSpec.Trunk.DETECTOR, 96, 8, 8,
            GateHead.Style.FUSED, 32, 1,
            LabelRule.DEFAULT, 12, 32, 3e-3f, 1e-2f, .998f, .08, .95, 1);

    public TrainSettings {
        if (inputSize < 32 || inputSize > 1024) {
            throw new IllegalArgumentException("size " + inputSize + " of the small picture is not within 32..1024");
        }
        if (epochs < 1 || batch < 1) {
            throw new IllegalArgumentException("passes and batch must be at least 1");
        }
        if (!(recall > 0 && recall <= 1)) {
            throw new IllegalArgumentException("recall " + recall + " is not within (0, 1]");
        }
    }

    /** Returns the settings with other choices of a person. */
    public TrainSettings with(GateSpec.Trunk otherTrunk, int otherSize, int otherEpochs, double otherRecall,
            long otherSeed) {
        return new TrainSettings(otherTrunk, otherSize, cell, growth, style, width, depth, rule, otherEpochs, batch,
                rate, decay,
                average, heldOut, otherRecall, otherSeed);
    }
}
