package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Sum of two values. */
final class ScalarAdd extends ScalarKernel {
    private final Layer.Add layer;

    ScalarAdd(Layer.Add layer) {
        super("add", layer, true);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        long first = (long) row * layer.channels();
        for (long i = first; i < first + layer.channels(); i++) {
            put(o.out, i, layer.activation().apply((double) at(o.in, i) + at(o.in2, i)));
        }
    }
}
