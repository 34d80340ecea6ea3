package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Functions that the Vector API leaves to a library which is not on every machine. */
final class VectorMath {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding it leaves a float's nearest whole number in the lowest bits. */
    private static final float ROUNDING = 12582912f;

    private VectorMath() {
    }

    /**
     * Returns {@code exp(x)} to about two units in the last place; arguments beyond [-87, 88] are brought there. Range reduction by powers of
     * two and a polynomial of degree 6 (Cephes, expf).
     */
    static FloatVector exp(FloatVector argument) {
        FloatVector x = argument.max(-87f).min(88f);
        FloatVector shifted = x.fma(splat(LOG2_E), splat(ROUNDING));
        FloatVector n = shifted.sub(ROUNDING);
        FloatVector r = n.fma(splat(-LN2_HIGH), x);
        r = n.fma(splat(-LN2_LOW), r);
        FloatVector p = splat(1.9875691500e-4f).fma(r, splat(1.3981999507e-3f));
        p = p.fma(r, splat(8.3334519073e-3f));
        p = p.fma(r, splat(4.1665795894e-2f));
        p = p.fma(r, splat(1.6666665459e-1f));
        p = p.fma(r, splat(5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1f);
        FloatVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(127 << 23)
                .reinterpretAsFloats();
        return p.mul(power);
    }

    /** Returns {@code 1 / (1 + exp(-x))}. */
    static FloatVector sigmoid(FloatVector x) {
        return splat(1f).div(exp(x.neg()).add(1f));
    }

    private static FloatVector splat(float v) {
        return FloatVector.broadcast(SPECIES, v);
    }
}
