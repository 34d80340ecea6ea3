package io.fovea.format;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the weights of an objectness gate do not say. Kept as JSON in the gate file's {@code metadata_props} (key
 * {@link #METADATA_KEY}); see {@link GateFile}. The arrays are not copied and must not be written. Immutable otherwise, thread-safe.
 *
 * @param detector name of the detector that it was made for
 * @param trunk where the values that its graph reads come from
 * @param inputHeight height of the small copy of the picture, pixels
 * @param inputWidth width of the small copy of the picture, pixels
 * @param reads values of the detector's graph that the gate's graph reads, in the order of its inputs; empty for a trunk of its own
 * @param threshold logit above which a cell is foreground
 * @param cell cells of the mask, pixels of the detector's input
 * @param margin pixels of the detector's input by which the mask is grown
 * @param coarseShare share of a coarse site that must be foreground for it to be active, in [0, 1)
 * @param peripheral how values of the small run stand in for those of the whole one, by name of the value; empty when they do not
 * @param trained facts about the training, free text by free keys
 */
public record GateSpec(String detector, Trunk trunk, int inputHeight, int inputWidth, List<String> reads,
        float threshold, int cell, int margin, float coarseShare, Map<String, Stretch> peripheral,
        Map<String, String> trained) {

    /** Key of the spec in a gate file's {@code metadata_props}. */
    public static final String METADATA_KEY = "fovea.gate";
    /** Key of a whole gate file, in base64, in a detector file's {@code metadata_props}. */
    public static final String EMBEDDED_KEY = "fovea.gate.onnx";
    private static final int MOST_PIXELS = 1 << 14;
    private static final int LARGEST_CELL = 1024;

    /** Where the values that a gate's graph reads come from. */
    public enum Trunk {
        /** The detector's first blocks, with its own weights, run on the small copy of the picture. */
        DETECTOR,
        /** The gate's graph starts from the normalised small picture itself. */
        OWN
    }

    /**
     * The line that brings a channel of the small run to that of the whole one: {@code a * x + b}.
     *
     * @param a one factor per channel
     * @param b one offset per channel
     */
    public record Stretch(float[] a, float[] b) {
        public Stretch {
            if (a.length != b.length) {
                throw new ModelFormatException("gate spec: a has " + a.length + " channels, b " + b.length);
            }
        }
    }

    public GateSpec {
        reads = List.copyOf(reads);
        peripheral = Collections.unmodifiableMap(new LinkedHashMap<>(peripheral));
        trained = Collections.unmodifiableMap(new LinkedHashMap<>(trained));
        check(detector != null && !detector.isBlank(), "detector: a name is needed");
        check(inputHeight >= 1 && inputWidth >= 1 && inputHeight <= MOST_PIXELS && inputWidth <= MOST_PIXELS,
                "input: size " + inputWidth + "x" + inputHeight + " is not within 1.." + MOST_PIXELS);
        check(reads.isEmpty() == (trunk == Trunk.OWN), "reads: " + (trunk == Trunk.OWN
                ? "a trunk of its own reads no value of the detector"
                : "at least one value of the detector is needed"));
        check(new HashSet<>(reads).size() == reads.size(), "reads: a value occurs twice in " + reads);
        check(Float.isFinite(threshold), "threshold: " + threshold + " is not finite");
        check(cell >= 1 && cell <= LARGEST_CELL, "cell: " + cell + " is not within 1.." + LARGEST_CELL);
        check(margin >= 0 && margin <= MOST_PIXELS, "margin: " + margin + " is not within 0.." + MOST_PIXELS);
        check(coarseShare >= 0 && coarseShare < 1, "coarseShare: " + coarseShare + " is not within [0, 1)");
        check(trunk == Trunk.DETECTOR || peripheral.isEmpty(),
                "peripheral: a trunk of its own computes no values of the detector");
    }

    static void check(boolean condition, String message) {
        if (!condition) {
            throw new ModelFormatException("gate spec: " + message);
        }
    }

    /** Returns the spec with other values of the small run standing in for those of the whole one. */
    public GateSpec withPeripheral(Map<String, Stretch> other) {
        return new GateSpec(detector, trunk, inputHeight, inputWidth, reads, threshold, cell, margin, coarseShare,
                other, trained);
    }

    /** Returns the spec with another way of making masks. */
    public GateSpec withMasks(float otherThreshold, int otherCell, int otherMargin) {
        return new GateSpec(detector, trunk, inputHeight, inputWidth, reads, otherThreshold, otherCell, otherMargin,
                coarseShare, peripheral, trained);
    }
}
