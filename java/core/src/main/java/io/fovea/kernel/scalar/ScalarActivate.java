package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Element-wise function. */
final class ScalarActivate extends ScalarKernel {
    private final Layer.Activate layer;

    ScalarActivate(Layer.Activate layer) {
        super("activate", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        long first = (long) row * layer.channels();
        for (long i = first; i < first + layer.channels(); i++) {
            put(o.out, i, layer.activation().apply(at(o.in, i)));
        }
    }
}
