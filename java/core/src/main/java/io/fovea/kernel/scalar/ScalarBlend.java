package io.fovea.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.fovea.kernel.RowBlend;
import java.lang.foreign.MemorySegment;

/** {@link RowBlend} as it is written down. */
final class ScalarBlend implements RowBlend {
    @Override
    public void blend(MemorySegment map, Mixture mixture, MemorySegment a, MemorySegment b, MemorySegment out, int from,
            int to, int channels) {
        for (int row = from; row < to; row++) {
            for (int c = 0; c < channels; c++) {
                float sum = 0;
                for (int i = CORNERS * row; i < CORNERS * (row + 1); i++) {
                    long corner = mixture.corners().getAtIndex(JAVA_INT, i);
                    sum += mixture.weights().getAtIndex(JAVA_FLOAT, i)
                            * map.getAtIndex(JAVA_FLOAT, corner * channels + c);
                }
                out.setAtIndex(JAVA_FLOAT, (long) row * channels + c,
                        sum * a.getAtIndex(JAVA_FLOAT, c) + b.getAtIndex(JAVA_FLOAT, c));
            }
        }
    }
}
