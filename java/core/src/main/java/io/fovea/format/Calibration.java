package io.fovea.format;

import java.util.List;
import java.util.Map;

/**
 * What was measured on plain photos for one detector, kept in the model file beside its spec (metadata key {@link #METADATA_KEY}).
 * The arrays are not copied and must not be written. Immutable otherwise, thread-safe.
 *
 * @param means mean activation per channel, by name of the value: what inactive sites read as
 * @param headGate the units that pick the sites whose head rows are computed, one per level of the head in the order of the output
 * rows; empty when not calibrated
 */
public record Calibration(Map<String, float[]> means, List<HeadUnit> headGate) {

    /** Key of the calibration in {@code metadata_props}. */
    public static final String METADATA_KEY = "fovea.calibration";
    /** Nothing calibrated. */
    public static final Calibration NONE = new Calibration(Map.of(), List.of());

    public Calibration {
        means = Map.copyOf(means);
        headGate = List.copyOf(headGate);
    }

    /** Returns whether nothing is calibrated. */
    public boolean isEmpty() {
        return means.isEmpty() && headGate.isEmpty();
    }

    /**
     * A linear unit on the input of one level's head: a site's rows are computed when {@code weights . x + bias > threshold}.
     *
     * @param input name of the value that it reads
     * @param weights one per channel
     * @param bias added to the sum
     * @param threshold on the raw (logit) side
     */
    public record HeadUnit(String input, float[] weights, float bias, float threshold) {}
}
