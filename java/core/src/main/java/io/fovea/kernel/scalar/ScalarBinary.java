package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Two values combined; the second may be repeated over rows or channels. */
final class ScalarBinary extends ScalarKernel {
    private final Layer.Binary layer;

    ScalarBinary(Layer.Binary layer) {
        super("binary", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        int second = layer.oneChannel() ? 1 : layer.channels();
        o.checkSecond(layer.oneRow() ? 1 : o.outRows, second);
        for (int c = 0; c < layer.channels(); c++) {
            long i = (long) row * layer.channels() + c;
            long j = (layer.oneRow() ? 0 : (long) row * second) + (layer.oneChannel() ? 0 : c);
            put(o.out, i, layer.kind().apply(at(o.in, i), at(o.in2, j)));
        }
    }
}
