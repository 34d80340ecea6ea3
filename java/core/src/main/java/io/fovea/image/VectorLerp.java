package io.fovea.image;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The same arithmetic with a pixel's samples in one vector, whose fourth lane the next pixel overwrites. */
final class VectorLerp implements PixelLerp {
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_128;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_128;
    private static final PixelLerp REST = new ScalarLerp();

    @Override
    public void across(byte[] rgb, int start, Bilinear.Axis axis, int from, int to, float[] target) {
        int[] lows = axis.low();
        int[] highs = axis.high();
        float[] shares = axis.share();
        int x = from;
        // Eight bytes are read where a pixel begins, and four values written.
        for (; x < to - 1 && start + 3 * highs[x] + BYTES.length() <= rgb.length; x++) {
            FloatVector low = samples(rgb, start + 3 * lows[x]);
            FloatVector high = samples(rgb, start + 3 * highs[x]);
            low.add(high.sub(low).mul(shares[x])).intoArray(target, 3 * x);
        }
        REST.across(rgb, start, axis, x, to, target);
    }

    private static FloatVector samples(byte[] rgb, int at) {
        return (FloatVector) ByteVector.fromArray(BYTES, rgb, at)
                .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0).convertShape(VectorOperators.I2F, FLOATS, 0);
    }
}
