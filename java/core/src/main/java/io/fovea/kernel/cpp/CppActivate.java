package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;

/** An element-wise function of all values; units are row blocks. */
record CppActivate(Layer.Activate layer) implements RowKernel {
    private static final int ROWS = 128;
    /** Rows that are worth a call of their own. */
    private static final int FEWEST = 4;

    @Override
    public String name() {
        return "cpp/activate";
    }

    @Override
    public int units(Operands o) {
        return Split.shared(o.outRows, ROWS, FEWEST).pieces();
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.channels();
        o.check(channels, channels, channels, 0);
        Split rows = Split.shared(o.outRows, ROWS, FEWEST);
        NativeRows.activate(o.in, o.out, NativeActivation.of(layer.activation()), (long) rows.start(from) * channels,
                (long) rows.start(to) * channels);
    }
}
