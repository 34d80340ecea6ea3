package io.fovea.run;

import io.fovea.format.Calibration.HeadUnit;
import java.util.List;

/**
 * How a session runs.
 *
 * @param threads threads of one run, the caller included; 0 for as many as the pool has
 * @param kernels {@code auto} or the name of a kernel tier
 * @param headGate the units that pick the head's sites, or null to compute all of them
 */
public record SessionOptions(int threads, String kernels, HeadGate headGate) {

    /** One thread, the best kernels. */
    public static final SessionOptions DEFAULT = new SessionOptions(1, "auto");

    public SessionOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads: " + threads + " is below 0");
        }
    }

    /** Makes options without a head gate. */
    public SessionOptions(int threads, String kernels) {
        this(threads, kernels, null);
    }

    /**
     * A head gate and the outputs that it serves.
     *
     * @param boxes name of the boxes output
     * @param scores name of the scores output
     * @param units one per level
     */
    public record HeadGate(String boxes, String scores, List<HeadUnit> units) {
        public HeadGate {
            units = List.copyOf(units);
        }
    }
}
