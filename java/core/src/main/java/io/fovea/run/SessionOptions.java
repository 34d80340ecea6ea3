package io.fovea.run;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.kernel.Winograd;
import java.util.List;

/**
 * How a session runs.
 *
 * @param threads threads of one run, the caller included; 0 for as many as the pool has
 * @param kernels {@code auto} or the name of a kernel tier
 * @param headGate the units that pick the head's sites, or null to compute all of them
 * @param tuning how kernels are chosen when {@code kernels} is {@code auto}
 * @param winograd which kernels with fewer multiplications {@code auto} may take
 */
public record SessionOptions(int threads, String kernels, HeadGate headGate, Tuning tuning, Winograd winograd) {

    /** How kernels are chosen among the tiers that run here. */
    public enum Tuning {
        /** By rule: the first tier that has a kernel. */
        OFF,
        /** By measured time; measured on the first use on this machine and then read from the user's cache. */
        CACHED,
        /** By measured time, measured again. */
        AGAIN
    }

    /** One thread, the best kernels. */
    public static final SessionOptions DEFAULT = new SessionOptions(1, "auto");

    public SessionOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads: " + threads + " is below 0");
        }
    }

    /** Makes options with {@link Winograd#AUTO}. */
    public SessionOptions(int threads, String kernels, HeadGate headGate, Tuning tuning) {
        this(threads, kernels, headGate, tuning, Winograd.AUTO);
    }

    /** Makes options without a head gate. */
    public SessionOptions(int threads, String kernels) {
        this(threads, kernels, null, Tuning.OFF);
    }

    /** Makes options that choose kernels by rule. */
    public SessionOptions(int threads, String kernels, HeadGate headGate) {
        this(threads, kernels, headGate, Tuning.OFF);
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
