package io.fovea.format;

import java.util.Arrays;

/**
 * A constant of a model file: floating point values or integers, row-major.
 *
 * @param dims sizes, empty for a scalar
 * @param floats the values, or null for an integer tensor
 * @param ints the values, or null for a floating point tensor
 */
record Tensor(int[] dims, float[] floats, long[] ints) {

    static Tensor of(int[] dims, float... floats) {
        return new Tensor(dims, floats, null);
    }

    static Tensor of(int[] dims, long[] ints) {
        return new Tensor(dims, null, ints);
    }

    int size() {
        return floats != null ? floats.length : ints.length;
    }

    /** Returns a value, whatever the type. */
    double at(int i) {
        return floats != null ? floats[i] : ints[i];
    }

    /** Returns the values as floats. */
    float[] toFloats() {
        float[] out = new float[size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) at(i);
        }
        return out;
    }

    int rank() {
        return dims.length;
    }

    boolean isFloat() {
        return floats != null;
    }

    /** Returns the dims for messages, such as {@code [1, 3, 300, 300]}. */
    String shape() {
        return Arrays.toString(dims);
    }

    /** Returns the number of values that dims describe, or -1 when one is negative or the product passes {@code limit}. */
    static long count(long[] dims, long limit) {
        long n = 1;
        for (long d : dims) {
            if (d < 0 || d > limit) {
                return -1;
            }
            n *= d;
            if (n > limit) {
                return -1;
            }
        }
        return n;
    }
}
