package io.fovea.kernel.scalar;

import io.fovea.kernel.RowBlend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link RowBlend} as it is written down. */
final class ScalarBlend implements RowBlend {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    @Override
    public void blend(MemorySegment map, Corners at, MemorySegment a, MemorySegment b, MemorySegment out, long row,
            int channels) {
        for (int c = 0; c < channels; c++) {
            float top = (1 - at.right) * map.getAtIndex(FLOAT, at.i00 * channels + c)
                    + at.right * map.getAtIndex(FLOAT, at.i01 * channels + c);
            float bottom = (1 - at.right) * map.getAtIndex(FLOAT, at.i10 * channels + c)
                    + at.right * map.getAtIndex(FLOAT, at.i11 * channels + c);
            float mixed = (1 - at.below) * top + at.below * bottom;
            out.setAtIndex(FLOAT, row * channels + c, mixed * a.getAtIndex(FLOAT, c) + b.getAtIndex(FLOAT, c));
        }
    }
}
