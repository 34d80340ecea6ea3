package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.SPECIES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.fovea.kernel.RowBlend;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** {@link RowBlend} on vectors of channels. */
final class VectorBlend implements RowBlend {
    @Override
    public void blend(MemorySegment map, Mixture mixture, MemorySegment a, MemorySegment b, MemorySegment out, int from,
            int to, int channels) {
        long stride = 4L * channels;
        MemorySegment corners = mixture.corners();
        MemorySegment weights = mixture.weights();
        for (int row = from; row < to; row++) {
            long i = (long) CORNERS * row;
            long p0 = stride * corners.getAtIndex(JAVA_INT, i);
            long p1 = stride * corners.getAtIndex(JAVA_INT, i + 1);
            long p2 = stride * corners.getAtIndex(JAVA_INT, i + 2);
            long p3 = stride * corners.getAtIndex(JAVA_INT, i + 3);
            float w0 = weights.getAtIndex(JAVA_FLOAT, i);
            float w1 = weights.getAtIndex(JAVA_FLOAT, i + 1);
            float w2 = weights.getAtIndex(JAVA_FLOAT, i + 2);
            float w3 = weights.getAtIndex(JAVA_FLOAT, i + 3);
            long to0 = stride * row;
            int c = 0;
            for (; c + LENGTH <= channels; c += LENGTH) {
                long at = 4L * c;
                FloatVector mixed = FloatVector.fromMemorySegment(SPECIES, map, p0 + at, ORDER).mul(w0);
                mixed = FloatVector.fromMemorySegment(SPECIES, map, p1 + at, ORDER)
                        .fma(FloatVector.broadcast(SPECIES, w1), mixed);
                mixed = FloatVector.fromMemorySegment(SPECIES, map, p2 + at, ORDER)
                        .fma(FloatVector.broadcast(SPECIES, w2), mixed);
                mixed = FloatVector.fromMemorySegment(SPECIES, map, p3 + at, ORDER)
                        .fma(FloatVector.broadcast(SPECIES, w3), mixed);
                mixed.fma(FloatVector.fromMemorySegment(SPECIES, a, at, ORDER),
                        FloatVector.fromMemorySegment(SPECIES, b, at, ORDER)).intoMemorySegment(out, to0 + at, ORDER);
            }
            for (; c < channels; c++) {
                long at = 4L * c;
                float mixed = w0 * map.get(JAVA_FLOAT, p0 + at) + w1 * map.get(JAVA_FLOAT, p1 + at)
                        + w2 * map.get(JAVA_FLOAT, p2 + at) + w3 * map.get(JAVA_FLOAT, p3 + at);
                out.set(JAVA_FLOAT, to0 + at, mixed * a.get(JAVA_FLOAT, at) + b.get(JAVA_FLOAT, at));
            }
        }
    }
}
