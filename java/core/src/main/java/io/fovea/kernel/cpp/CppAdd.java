package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;

/** Sum of two inputs with a clamp; units are row blocks. */
record CppAdd(Layer.Add layer) implements RowKernel {
    private static final int ROWS = 256;

    @Override
    public String name() {
        return "cpp/add";
    }

    @Override
    public int units(Operands o) {
        return Split.of(o.outRows, ROWS).pieces();
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.channels();
        o.check(channels, 0, channels, channels);
        Split rows = Split.of(o.outRows, ROWS);
        Native.add(o.in, o.in2, o.out, layer.activation().low(), layer.activation().high(),
                (long) rows.start(from) * channels, (long) rows.start(to) * channels);
    }
}
