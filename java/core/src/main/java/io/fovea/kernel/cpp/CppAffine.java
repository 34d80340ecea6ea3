package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A factor and a shift per channel. Rows of few channels (a picture's) are taken some at a time, as one wide row under repeated factors;
 * units are blocks of such rows.
 */
final class CppAffine implements RowKernel {
    private static final int WIDE = 48;
    private static final int BLOCK_FLOATS = 1 << 13;
    private final int channels;
    /** Rows that are taken as one. */
    private final int together;
    private final MemorySegment scale;
    private final MemorySegment shift;

    CppAffine(Layer.Affine layer, Arena arena) {
        channels = layer.channels();
        together = Math.max(1, WIDE / channels);
        scale = repeated(layer.scale(), arena);
        shift = repeated(layer.shift(), arena);
    }

    private MemorySegment repeated(float[] row, Arena arena) {
        MemorySegment all = arena.allocate(4L * together * channels, 64);
        for (int i = 0; i < together; i++) {
            MemorySegment.copy(row, 0, all, ValueLayout.JAVA_FLOAT, 4L * i * channels, channels);
        }
        return all;
    }

    @Override
    public String name() {
        return "cpp/affine";
    }

    private Split wide(Operands o) {
        int width = together * channels;
        return Split.of(o.outRows / together, Math.max(1, BLOCK_FLOATS / width));
    }

    @Override
    public int units(Operands o) {
        return o.outRows == 0 ? 0 : Math.max(1, wide(o).pieces());
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(channels, channels, channels, 0);
        Split rows = wide(o);
        int whole = o.outRows / together;
        NativeRows.scale(o.in, whole, together * channels, scale, shift, o.out, rows.start(from),
                to == units(o) ? whole : rows.start(to));
        if (to == units(o) && whole * together < o.outRows) {
            NativeRows.scale(o.in, o.outRows, channels, scale, shift, o.out, whole * together, o.outRows);
        }
    }
}
