package io.fovea.kernel.plain;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;

/** One input of a concatenation; units are row blocks. */
record PlainCopyColumns(Layer.CopyColumns layer) implements RowKernel {
    private static final RowUnits UNITS = new RowUnits(64);

    @Override
    public String name() {
        return "java/concat";
    }

    @Override
    public int units(Operands o) {
        return UNITS.count(o.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(layer.inChannels(), layer.inChannels(), layer.outChannels(), 0);
        long in = 4L * layer.inChannels();
        long out = 4L * layer.outChannels();
        int end = UNITS.start(to, o.outRows);
        for (int row = UNITS.start(from, o.outRows); row < end; row++) {
            MemorySegment.copy(o.in, row * in, o.out, row * out + 4L * layer.offset(), in);
        }
    }
}
