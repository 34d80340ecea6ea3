package io.fovea.bench.verify;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One output of one run held against another's.
 *
 * @param model name of the detector
 * @param tier kernels that computed it
 * @param against what it is compared with: {@code onnxruntime}, {@code golden} or a tier
 * @param input what went in: {@code noise}, {@code photo} or {@code golden}
 * @param output name of the output
 * @param maxAbs largest absolute difference; infinite where one of the two is not a number and the other is
 * @param maxRel the same over the largest absolute value of the reference
 * @param ok whether {@code maxRel} is within the tolerance
 */
@JsonPropertyOrder({"model", "tier", "against", "input", "output", "maxAbs", "maxRel", "ok"})
record Comparison(String model, String tier, String against, String input, String output, double maxAbs, double maxRel,
        boolean ok) {

    /** Compares values with a reference of the same length; another length is a difference without bound. */
    static Comparison of(String model, String tier, String against, String input, String output, float[] values,
            float[] reference, double tolerance) {
        double difference = difference(values, reference);
        double relative = relative(values, reference);
        return new Comparison(model, tier, against, input, output, difference, relative, relative <= tolerance);
    }

    /** Returns the largest absolute difference over the largest absolute value of the reference (1 where that is all zeros). */
    static double relative(float[] values, float[] reference) {
        double largest = 0;
        for (float r : reference) {
            if (Float.isFinite(r)) {
                largest = Math.max(largest, Math.abs(r));
            }
        }
        return difference(values, reference) / (largest == 0 ? 1 : largest);
    }

    private static double difference(float[] values, float[] reference) {
        if (values.length != reference.length) {
            return Double.POSITIVE_INFINITY;
        }
        double worst = 0;
        for (int i = 0; i < values.length; i++) {
            if (Float.compare(values[i], reference[i]) == 0) {
                continue;
            }
            double d = Math.abs((double) values[i] - reference[i]);
            worst = Math.max(worst, Double.isNaN(d) ? Double.POSITIVE_INFINITY : d);
        }
        return worst;
    }
}
