package io.fovea.image;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The same arithmetic, a vector of pixels at a time; the rest of a row pixel by pixel. */
final class VectorRows implements RowConverter {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = INTS.length();
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class,
            jdk.incubator.vector.VectorShape.forBitSize(Math.max(64, 8 * LANES)));
    private static final VectorShuffle<Integer> FIRST_HALF = VectorShuffle.fromOp(INTS, i -> i / 2);
    private static final VectorShuffle<Integer> SECOND_HALF = VectorShuffle.fromOp(INTS, i -> i / 2 + LANES / 2);
    private static final int MASK = 0xFF;

    @Override
    public void yuv(byte[] y, byte[] u, byte[] v, int width, byte[] rgb, int at, Yuv yuv) {
        int[] pixels = new int[2 * LANES];
        int step = 2 * LANES;
        int x = 0;
        // Whole vectors of colour are read, so the last ones must lie within the row.
        for (; x + 2 * BYTES.length() <= width; x += step) {
            IntVector cu = load(u, x / 2).sub(128);
            IntVector cv = load(v, x / 2).sub(128);
            IntVector red = cv.mul(yuv.redV());
            IntVector green = cu.mul(yuv.greenU()).add(cv.mul(yuv.greenV()));
            IntVector blue = cu.mul(yuv.blueU());
            pack(load(y, x), red.rearrange(FIRST_HALF), green.rearrange(FIRST_HALF), blue.rearrange(FIRST_HALF), yuv)
                    .intoArray(pixels, 0);
            pack(load(y, x + LANES), red.rearrange(SECOND_HALF), green.rearrange(SECOND_HALF),
                    blue.rearrange(SECOND_HALF), yuv).intoArray(pixels, LANES);
            int to = at + 3 * x;
            for (int i = 0; i < step; i++, to += 3) {
                int p = pixels[i];
                rgb[to] = (byte) p;
                rgb[to + 1] = (byte) (p >> 8);
                rgb[to + 2] = (byte) (p >> 16);
            }
        }
        for (; x < width; x++) {
            yuv.pixel(y[x] & MASK, u[x / 2] & MASK, v[x / 2] & MASK, rgb, at + 3 * x);
        }
    }

    private static IntVector load(byte[] from, int at) {
        return ((IntVector) ByteVector.fromArray(BYTES, from, at).convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS,
                0));
    }

    /** Returns red, green and blue in the three lowest bytes of each lane. */
    private static IntVector pack(IntVector y, IntVector red, IntVector green, IntVector blue, Yuv yuv) {
        IntVector l = y.sub(yuv.black()).mul(yuv.luma()).add(Yuv.HALF);
        return clip(l.add(red)).or(clip(l.add(green)).lanewise(VectorOperators.LSHL, 8))
                .or(clip(l.add(blue)).lanewise(VectorOperators.LSHL, 16));
    }

    private static IntVector clip(IntVector value) {
        return value.lanewise(VectorOperators.ASHR, Yuv.SHIFT).max(0).min(MASK);
    }
}
