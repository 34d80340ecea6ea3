package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import java.lang.foreign.MemorySegment;

/** One input of a concatenation. */
final class ScalarCopyColumns extends ScalarKernel {
    private final Layer.CopyColumns layer;

    ScalarCopyColumns(Layer.CopyColumns layer) {
        super("concat", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        MemorySegment.copy(o.in, 4L * row * layer.inChannels(), o.out,
                4L * ((long) row * layer.outChannels() + layer.offset()), 4L * layer.inChannels());
    }
}
