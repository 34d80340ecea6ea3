package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Scale and shift per channel. */
final class ScalarAffine extends ScalarKernel {
    private final Layer.Affine layer;

    ScalarAffine(Layer.Affine layer) {
        super("affine", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        long first = (long) row * layer.channels();
        for (int c = 0; c < layer.channels(); c++) {
            put(o.out, first + c, (double) at(o.in, first + c) * layer.scale()[c] + layer.shift()[c]);
        }
    }
}
