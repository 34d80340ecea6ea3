package io.fovea.graph;

/**
 * An element-wise function. {@code CLIP} covers identity, ReLU and ReLU6 and is fused into every kernel, the others into those that
 * can; elsewhere they run over the finished rows.
 *
 * @param kind which function
 * @param alpha CLIP: lower bound; LEAKY_RELU: slope below zero; HARD_SIGMOID: slope; ELU: factor; POWER: exponent; otherwise unused
 * @param beta CLIP: upper bound; HARD_SIGMOID: offset; otherwise unused
 */
public record Activation(Kind kind, float alpha, float beta) {

    /** The functions. */
    public enum Kind {
        /** {@code min(max(x, alpha), beta)}. */
        CLIP,
        /** {@code x < 0 ? alpha * x : x}. */
        LEAKY_RELU,
        /** {@code 1 / (1 + exp(-x))}. */
        SIGMOID,
        /** {@code min(max(alpha * x + beta, 0), 1)}. */
        HARD_SIGMOID,
        /** {@code x * min(max(x / 6 + 1/2, 0), 1)}. */
        HARD_SWISH,
        /** {@code x * sigmoid(x)}. */
        SILU,
        /** Hyperbolic tangent. */
        TANH,
        /** {@code x < 0 ? alpha * (exp(x) - 1) : x} (Clevert et al., 2016). */
        ELU,
        /** {@code log(1 + exp(x))}. */
        SOFTPLUS,
        /** {@code x * tanh(softplus(x))} (Misra, 2020). */
        MISH,
        /** {@code exp(x)}. */
        EXP,
        /** {@code |x|}. */
        ABS,
        /** {@code x} to the power of {@code alpha}: square, root, reciprocal. */
        POWER
    }

    /** No function at all. */
    public static final Activation NONE = clip(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    /** {@code max(x, 0)}. */
    public static final Activation RELU = clip(0f, Float.POSITIVE_INFINITY);
    /** {@code min(max(x, 0), 6)}. */
    public static final Activation RELU6 = clip(0f, 6f);

    /** Returns the clamp to {@code [low, high]}; infinities mean no bound. */
    public static Activation clip(float low, float high) {
        return new Activation(Kind.CLIP, low, high);
    }

    /** Returns a function without parameters. */
    public static Activation of(Kind kind) {
        return new Activation(kind, 0f, 0f);
    }

    /** Returns whether this is a clamp (identity included), which every kernel applies itself. */
    public boolean isClip() {
        return kind == Kind.CLIP;
    }

    /** Returns whether this is the identity. */
    public boolean isNone() {
        return equals(NONE);
    }

    /** Returns the lower bound of a clamp, negative infinity for the others. */
    public float low() {
        return isClip() ? alpha : Float.NEGATIVE_INFINITY;
    }

    /** Returns the upper bound of a clamp, positive infinity for the others. */
    public float high() {
        return isClip() ? beta : Float.POSITIVE_INFINITY;
    }

    /** Returns the function's value in double precision. */
    public double apply(double x) {
        return switch (kind) {
            case CLIP -> Math.min(Math.max(x, alpha), beta);
            case LEAKY_RELU -> x < 0 ? alpha * x : x;
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case HARD_SIGMOID -> Math.min(Math.max(alpha * x + beta, 0), 1);
            case HARD_SWISH -> x * Math.min(Math.max(x / 6 + 0.5, 0), 1);
            case SILU -> x / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
            case ELU -> x < 0 ? alpha * Math.expm1(x) : x;
            case SOFTPLUS -> softplus(x);
            case MISH -> x * Math.tanh(softplus(x));
            case EXP -> Math.exp(x);
            case ABS -> Math.abs(x);
            case POWER -> Math.pow(x, alpha);
        };
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }
}
