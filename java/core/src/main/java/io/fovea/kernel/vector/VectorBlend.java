package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import io.fovea.kernel.RowBlend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** {@link RowBlend} on vectors of channels. */
final class VectorBlend implements RowBlend {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    @Override
    public void blend(MemorySegment map, Corners at, MemorySegment a, MemorySegment b, MemorySegment out, long row,
            int channels) {
        long stride = 4L * channels;
        long p00 = at.i00 * stride;
        long p01 = at.i01 * stride;
        long p10 = at.i10 * stride;
        long p11 = at.i11 * stride;
        long to = row * stride;
        float w11 = at.below * at.right;
        float w10 = at.below - w11;
        float w01 = at.right - w11;
        float w00 = 1 - at.below - w01;
        int c = 0;
        for (; c + LENGTH <= channels; c += LENGTH) {
            long i = 4L * c;
            FloatVector mixed = FloatVector.fromMemorySegment(SPECIES, map, p00 + i, ORDER).mul(w00);
            mixed = FloatVector.fromMemorySegment(SPECIES, map, p01 + i, ORDER)
                    .fma(FloatVector.broadcast(SPECIES, w01), mixed);
            mixed = FloatVector.fromMemorySegment(SPECIES, map, p10 + i, ORDER)
                    .fma(FloatVector.broadcast(SPECIES, w10), mixed);
            mixed = FloatVector.fromMemorySegment(SPECIES, map, p11 + i, ORDER)
                    .fma(FloatVector.broadcast(SPECIES, w11), mixed);
            mixed.fma(FloatVector.fromMemorySegment(SPECIES, a, i, ORDER),
                    FloatVector.fromMemorySegment(SPECIES, b, i, ORDER)).intoMemorySegment(out, to + i, ORDER);
        }
        for (; c < channels; c++) {
            long i = 4L * c;
            float mixed = w00 * map.get(FLOAT, p00 + i) + w01 * map.get(FLOAT, p01 + i) + w10 * map.get(FLOAT, p10 + i)
                    + w11 * map.get(FLOAT, p11 + i);
            out.set(FLOAT, to + i, mixed * a.get(FLOAT, i) + b.get(FLOAT, i));
        }
    }
}
