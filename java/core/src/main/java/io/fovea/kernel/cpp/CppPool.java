package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;

/** Maximum or mean through a table; units are row blocks. */
record CppPool(Layer.Pool layer) implements RowKernel {
    private static final int ROWS = 64;
    /** Rows that are worth a call of their own. */
    private static final int FEWEST = 4;

    @Override
    public String name() {
        return layer.max() ? "cpp/max-pool" : "cpp/average-pool";
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
        if (layer.max()) {
            NativeRows.maxPool(o, channels, layer.window(), rows.start(from), rows.start(to));
        } else {
            NativeRows.averagePool(o, channels, layer.window().taps(), layer.countPadding(), rows.start(from),
                    rows.start(to));
        }
    }
}
