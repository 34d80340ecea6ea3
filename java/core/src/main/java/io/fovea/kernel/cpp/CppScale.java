package io.fovea.kernel.cpp;

import io.fovea.graph.Op;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;

/** Rows times one row of factors (squeeze and excite); units are row blocks. */
record CppScale(Layer.Binary layer) implements RowKernel {
    private static final int ROWS = 128;
    /** Rows that are worth a call of their own. */
    private static final int FEWEST = 4;

    /** Returns whether a layer is of this kind. */
    static boolean fits(Layer.Binary layer) {
        return layer.kind() == Op.Binary.Kind.MUL && layer.oneRow() && !layer.oneChannel();
    }

    @Override
    public String name() {
        return "cpp/scale";
    }

    @Override
    public int units(Operands o) {
        return Split.shared(o.outRows, ROWS, FEWEST).pieces();
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.channels();
        o.check(channels, channels, channels, 0);
        o.checkSecond(1, channels);
        Split rows = Split.shared(o.outRows, ROWS, FEWEST);
        NativeRows.scale(o.in, o.inRows, channels, o.in2, MemorySegment.NULL, o.out, rows.start(from), rows.start(to));
    }
}
