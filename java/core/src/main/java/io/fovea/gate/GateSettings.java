package io.fovea.gate;

import io.fovea.kernel.Winograd;
import io.fovea.run.SessionOptions.Tuning;

/**
 * How an {@link ObjectnessGate} runs. Immutable.
 *
 * @param threads threads of one call, the calling thread included; 0 for as many as there are processors
 * @param kernels tier, or {@code auto}
 * @param tuning how kernels are chosen when the tier is {@code auto}
 * @param winograd which kernels with fewer multiplications {@code auto} may take
 * @param peripheral whether answers carry the periphery, if the gate file has what it takes
 * @param threshold logit above which a cell is foreground, or null for the gate file's
 * @param cell cells of the mask in pixels of the detector's input, or null for the gate file's
 * @param margin pixels by which masks are grown, or null for the gate file's
 */
public record GateSettings(int threads, String kernels, Tuning tuning, Winograd winograd, boolean peripheral,
        Float threshold, Integer cell, Integer margin) {

    /** One thread, the best kernels, all else as the gate file says. */
    public static final GateSettings DEFAULT = new GateSettings(1, "auto", Tuning.CACHED, Winograd.AUTO, true, null,
            null, null);

    public GateSettings {
        if (threshold != null && !Float.isFinite(threshold)) {
            throw new IllegalArgumentException("gate threshold " + threshold + " is not finite");
        }
        if (cell != null && cell < 1) {
            throw new IllegalArgumentException("cell " + cell + " is below 1");
        }
        if (margin != null && margin < 0) {
            throw new IllegalArgumentException("margin " + margin + " is below 0");
        }
    }

    /** Returns the same settings with other threads and kernels. */
    public GateSettings running(int otherThreads, String otherKernels, Tuning otherTuning, Winograd otherWinograd) {
        return new GateSettings(otherThreads, otherKernels, otherTuning, otherWinograd, peripheral, threshold, cell,
                margin);
    }

    /** Returns the same settings with masks made in another way; null for the gate file's. */
    public GateSettings masking(Float otherThreshold, Integer otherCell, Integer otherMargin) {
        return new GateSettings(threads, kernels, tuning, winograd, peripheral, otherThreshold, otherCell, otherMargin);
    }

    /** Returns the same settings with or without the periphery. */
    public GateSettings periphery(boolean wanted) {
        return new GateSettings(threads, kernels, tuning, winograd, wanted, threshold, cell, margin);
    }
}
