package io.fovea.kernel.cpp;

import io.fovea.graph.Activation;

/** An element-wise function as the library knows it: one of the {@code FOVEA_...} numbers of its header, and two parameters. */
record NativeActivation(int kind, float alpha, float beta) {
    static final NativeActivation NONE = of(Activation.NONE);

    /** Returns whether the library has a function. */
    static boolean exists(Activation activation) {
        return number(activation.kind()) >= 0;
    }

    /**
     * Translates.
     *
     * @throws IllegalArgumentException if the library does not have the function
     */
    static NativeActivation of(Activation activation) {
        if (!exists(activation)) {
            throw new IllegalArgumentException("the native library has no " + activation);
        }
        return new NativeActivation(number(activation.kind()), activation.alpha(), activation.beta());
    }

    private static int number(Activation.Kind kind) {
        return switch (kind) {
            case CLIP -> 0;
            case LEAKY_RELU -> 1;
            case HARD_SIGMOID -> 2;
            case HARD_SWISH -> 3;
            case ELU -> 4;
            case SIGMOID -> 5;
            case SILU -> 6;
            case TANH -> 7;
            case MISH -> 8;
            case SOFTPLUS, EXP, ABS, POWER -> -1;
        };
    }
}
