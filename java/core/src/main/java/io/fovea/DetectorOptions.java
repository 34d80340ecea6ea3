package io.fovea;

import io.fovea.gate.BackgroundSource;
import io.fovea.gate.Gate;
import io.fovea.gate.TrainedGate;
import io.fovea.kernel.Winograd;
import io.fovea.run.Gating;
import io.fovea.run.SessionOptions.Tuning;
import java.util.Objects;
import java.util.Set;

/**
 * Settings of a {@link Detector}. Immutable; what is not set comes from the model's spec.
 */
public final class DetectorOptions {
    /** One thread, the best kernels, the model's own thresholds, all classes. */
    public static final DetectorOptions DEFAULT = builder().build();

    private final String kernels;
    private final int threads;
    private final Float scoreThreshold;
    private final Float iouThreshold;
    private final Integer maxDetections;
    private final Set<String> classes;
    private final boolean classAgnostic;
    private final Gate gate;
    private final TrainedGate trainedGate;
    private final Gating.Mode mode;
    private final BackgroundSource background;
    private final Double coarseShare;
    private final int margin;
    private final boolean headGate;
    private final boolean denseFallback;
    private final Tuning tuning;
    private final Winograd winograd;

    private DetectorOptions(Builder b) {
        this.kernels = b.kernels;
        this.threads = b.threads;
        this.scoreThreshold = b.scoreThreshold;
        this.iouThreshold = b.iouThreshold;
        this.maxDetections = b.maxDetections;
        this.classes = b.classes;
        this.classAgnostic = b.classAgnostic;
        this.gate = b.gate;
        this.trainedGate = b.trainedGate;
        this.mode = b.mode;
        this.background = b.background;
        this.coarseShare = b.coarseShare;
        this.margin = b.margin;
        this.headGate = b.headGate;
        this.denseFallback = b.denseFallback;
        this.tuning = b.tuning;
        this.winograd = b.winograd;
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the kernel tier asked for, {@code auto} by default. */
    public String kernels() {
        return kernels;
    }

    /** Returns the threads of one call, 0 for as many as there are processors. */
    public int threads() {
        return threads;
    }

    /** Returns the score threshold, or null for the model's. */
    public Float scoreThreshold() {
        return scoreThreshold;
    }

    /** Returns the overlap threshold of suppression, or null for the model's. */
    public Float iouThreshold() {
        return iouThreshold;
    }

    /** Returns the largest number of detections per photo, or null for the model's. */
    public Integer maxDetections() {
        return maxDetections;
    }

    /** Returns the labels wanted; empty for all. */
    public Set<String> classes() {
        return classes;
    }

    /** Returns whether a box suppresses overlapping boxes of other classes too. */
    public boolean classAgnostic() {
        return classAgnostic;
    }

    /** Returns the gate that is asked before every photo, or null. */
    public Gate gate() {
        return gate;
    }

    /** Returns the trained gate that the detector opens for itself, or null. */
    public TrainedGate trainedGate() {
        return trainedGate;
    }

    /** Returns how a mask is applied. */
    public Gating.Mode mode() {
        return mode;
    }

    /** Returns what inactive sites read as. */
    public BackgroundSource background() {
        return background;
    }

    /** Returns the share of a coarse site that must be foreground for it to be active, or null for the gate's. */
    public Double coarseShare() {
        return coarseShare;
    }

    /** Returns by how many input pixels masks are grown. */
    public int margin() {
        return margin;
    }

    /** Returns whether the model's head gate is used where it has one. */
    public boolean headGate() {
        return headGate;
    }

    /** Returns whether a mask that leaves too little to save is ignored. */
    public boolean denseFallback() {
        return denseFallback;
    }

    /** Returns how kernels are chosen when the tier is {@code auto}. */
    public Tuning tuning() {
        return tuning;
    }

    /** Returns which kernels with fewer multiplications may be chosen when the tier is {@code auto}. */
    public Winograd winograd() {
        return winograd;
    }

    /** Builds {@link DetectorOptions}. Not thread-safe. */
    public static final class Builder {
        private String kernels = "auto";
        private int threads = 1;
        private Float scoreThreshold;
        private Float iouThreshold;
        private Integer maxDetections;
        private Set<String> classes = Set.of();
        private boolean classAgnostic;
        private Gate gate;
        private TrainedGate trainedGate;
        private Gating.Mode mode = Gating.Mode.GATED;
        private BackgroundSource background = BackgroundSource.AUTO;
        private Double coarseShare;
        private int margin;
        private boolean headGate = true;
        private boolean denseFallback = true;
        private Tuning tuning = Tuning.CACHED;
        private Winograd winograd = Winograd.AUTO;

        private Builder() {
        }

        /** Sets the kernel tier: {@code auto}, {@code vector}, {@code scalar}, ... One named tier fails loudly where it cannot run. */
        public Builder kernels(String tier) {
            this.kernels = tier;
            return this;
        }

        /**
         * Sets the threads of one call, the calling thread included; 0 for as many as there are processors.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder threads(int count) {
            if (count < 0) {
                throw new IllegalArgumentException("threads: " + count + " is below 0");
            }
            this.threads = count;
            return this;
        }

        /**
         * Sets the score at or below which a box is dropped.
         *
         * @throws IllegalArgumentException if not within (0, 1)
         */
        public Builder scoreThreshold(float value) {
            if (!(value > 0 && value < 1)) {
                throw new IllegalArgumentException("score threshold: " + value + " is not between 0 and 1");
            }
            this.scoreThreshold = value;
            return this;
        }

        /**
         * Sets the overlap (IoU) above which the lesser of two boxes is dropped.
         *
         * @throws IllegalArgumentException if not within [0, 1]
         */
        public Builder iouThreshold(float value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("IoU threshold: " + value + " is not within 0..1");
            }
            this.iouThreshold = value;
            return this;
        }

        /**
         * Sets the largest number of detections per photo.
         *
         * @throws IllegalArgumentException if below 1
         */
        public Builder maxDetections(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("max detections: " + count + " is below 1");
            }
            this.maxDetections = count;
            return this;
        }

        /** Sets the labels wanted; empty for all. An unknown label is refused when the detector is opened. */
        public Builder classes(Set<String> labels) {
            this.classes = Set.copyOf(labels);
            return this;
        }

        /** Sets whether a box suppresses overlapping boxes of other classes too. */
        public Builder classAgnostic(boolean value) {
            this.classAgnostic = value;
            return this;
        }

        /** Sets the gate that is asked before every photo; null for none. */
        public Builder gate(Gate value) {
            this.gate = value;
            return this;
        }

        /**
         * Sets the trained gate that the detector opens for itself and asks before every photo; null for none. A gate that was set by
         * {@link #gate} goes before it.
         */
        public Builder trainedGate(TrainedGate value) {
            this.trainedGate = value;
            return this;
        }

        /** Sets how a mask is applied; gated by default. Exact mode takes the background from a reference image (grey or given). */
        public Builder mode(Gating.Mode value) {
            this.mode = Objects.requireNonNull(value, "mode");
            return this;
        }

        /** Sets what inactive sites read as. */
        public Builder background(BackgroundSource value) {
            this.background = Objects.requireNonNull(value, "background");
            return this;
        }

        /**
         * Sets the share of a coarse site's pixels that must be foreground for it to be active; 0 for any pixel. When it is not set, the
         * gate's own share is used ({@link Gate#coarseShare}), .25 without one.
         *
         * @throws IllegalArgumentException if not within [0, 1)
         */
        public Builder coarseShare(double value) {
            if (!(value >= 0 && value < 1)) {
                throw new IllegalArgumentException("coarse share: " + value + " is not within [0, 1)");
            }
            this.coarseShare = value;
            return this;
        }

        /**
         * Sets by how many input pixels masks are grown in all directions, rounded up to whole cells.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder margin(int pixels) {
            if (pixels < 0) {
                throw new IllegalArgumentException("margin: " + pixels + " is below 0");
            }
            this.margin = pixels;
            return this;
        }

        /** Sets whether the model's head gate is used where it has one; it is by default. */
        public Builder headGate(boolean value) {
            this.headGate = value;
            return this;
        }

        /** Sets whether a mask that leaves too little to save is ignored and the dense net run; it is by default. */
        public Builder denseFallback(boolean value) {
            this.denseFallback = value;
            return this;
        }

        /**
         * Sets how kernels are chosen when the tier is {@code auto}: by measured time (the default; some seconds on the first use of a
         * model on a machine, then read from the user's cache), measured again, or by rule.
         */
        public Builder tuning(Tuning value) {
            this.tuning = Objects.requireNonNull(value, "tuning");
            return this;
        }

        /**
         * Sets which kernels with fewer multiplications may be chosen when the tier is {@code auto}; by default F(4x4,3x3) wherever it is
         * the fastest. They round differently; turn them off to compare with another engine's last digits.
         */
        public Builder winograd(Winograd value) {
            this.winograd = Objects.requireNonNull(value, "winograd");
            return this;
        }

        /** Returns the options. */
        public DetectorOptions build() {
            return new DetectorOptions(this);
        }
    }
}
