package io.fovea.graph;

/**
 * How a map is resized: ONNX Resize (opset 13) with its attributes, in the arithmetic of float32 that ONNX Runtime uses, so that ties
 * fall on the same side.
 *
 * @param linear whether the two nearest positions are mixed by distance, or the nearest is taken
 * @param coordinates where an output position lies in the input
 * @param rounding which position is the nearest; not used when linear
 */
public record Interpolation(boolean linear, Coordinates coordinates, Rounding rounding) {

    /** ONNX coordinate_transformation_mode: where output position x lies in the input. */
    public enum Coordinates {
        /** {@code (x + 1/2) / scale - 1/2}. */
        HALF_PIXEL,
        /** The same, and 0 when the output has one position. */
        PYTORCH_HALF_PIXEL,
        /** {@code x * (in - 1) / (out - 1)}. */
        ALIGN_CORNERS,
        /** {@code x / scale}. */
        ASYMMETRIC
    }

    /** ONNX nearest_mode. */
    public enum Rounding {
        /** To the nearest, halves down. */
        ROUND_PREFER_FLOOR,
        /** To the nearest, halves up. */
        ROUND_PREFER_CEIL,
        /** Down. */
        FLOOR,
        /** Up. */
        CEIL
    }

    /** Returns what each of {@code out} positions reads of {@code in}. */
    Sampling.Axis axis(int in, int out, float scale) {
        if (!linear) {
            int[] index = new int[out];
            for (int x = 0; x < out; x++) {
                index[x] = nearest(source(x, in, out, scale), in);
            }
            return Sampling.Axis.of(index);
        }
        int[] index = new int[2 * out];
        float[] weight = new float[2 * out];
        boolean mixed = false;
        for (int x = 0; x < out; x++) {
            float at = Math.max(0f, Math.min(source(x, in, out, scale), in - 1));
            int first = Math.min((int) at, in - 1);
            index[2 * x] = first;
            index[2 * x + 1] = Math.min(first + 1, in - 1);
            weight[2 * x + 1] = index[2 * x + 1] == first ? 0f : at - first;
            weight[2 * x] = 1f - weight[2 * x + 1];
            mixed |= weight[2 * x + 1] != 0f;
        }
        return mixed ? new Sampling.Axis(2, index, weight) : single(index);
    }

    private static Sampling.Axis single(int[] pairs) {
        int[] index = new int[pairs.length / 2];
        for (int i = 0; i < index.length; i++) {
            index[i] = pairs[2 * i];
        }
        return Sampling.Axis.of(index);
    }

    private float source(int x, int in, int out, float scale) {
        if (scale == 1f) {
            return x;
        }
        return switch (coordinates) {
            case HALF_PIXEL -> (x + 0.5f) / scale - 0.5f;
            case PYTORCH_HALF_PIXEL -> out > 1 ? (x + 0.5f) / scale - 0.5f : 0f;
            case ALIGN_CORNERS -> out > 1 ? (float) x * (in - 1) / (out - 1) : 0f;
            case ASYMMETRIC -> x / scale;
        };
    }

    private int nearest(float at, int in) {
        double near = switch (rounding) {
            case ROUND_PREFER_FLOOR -> Math.ceil(at - 0.5);
            case ROUND_PREFER_CEIL -> Math.floor(at + 0.5);
            case FLOOR -> Math.floor(at);
            case CEIL -> Math.ceil(at);
        };
        return (int) Math.max(0, Math.min(near, in - 1));
    }
}
