package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;

/** Sum of two inputs with a clamp; units are row blocks. */
record CppAdd(Layer.Add layer) implements RowKernel {
    private static final int ROWS = 256;
    /** Rows that are worth a call of their own. */
    private static final int FEWEST = 4;

    @Override
    public String name() {
        return "cpp/add";
    }

    @Override
    public int units(Operands o) {
        return Split.shared(o.outRows, ROWS, FEWEST).pieces();
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.channels();
        o.check(channels, 0, channels, channels);
        Split rows = Split.shared(o.outRows, ROWS, FEWEST);
        NativeRows.add(o.in, o.in2, o.out, layer.activation().low(), layer.activation().high(),
                (long) rows.start(from) * channels, (long) rows.start(to) * channels);
    }
}
