package io.fovea.gate;

import io.fovea.format.GateModel;

/**
 * Which trained gate a detector opens for itself, and what is changed of it. Immutable.
 *
 * @param gate the gate, or null for the one that the model carries, if it does
 * @param threshold logit above which a cell is foreground, or null for the gate's own
 * @param cell cells of the mask in pixels of the detector's input, or null for the gate's own
 * @param margin pixels of the detector's input by which its masks are grown, or null for the gate's own
 */
public record TrainedGate(GateModel gate, Float threshold, Integer cell, Integer margin) {
    /** The gate that the model carries, as it is; none when it carries none. */
    public static final TrainedGate CARRIED = new TrainedGate(null, null, null, null);

    public TrainedGate {
        GateSettings.DEFAULT.masking(threshold, cell, margin);
    }

    /** Returns a gate of its own, as it is. */
    public static TrainedGate of(GateModel gate) {
        return new TrainedGate(gate, null, null, null);
    }
}
