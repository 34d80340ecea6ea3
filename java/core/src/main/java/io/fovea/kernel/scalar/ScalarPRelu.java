package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** ReLU with a slope per channel. */
final class ScalarPRelu extends ScalarKernel {
    private final Layer.PRelu layer;

    ScalarPRelu(Layer.PRelu layer) {
        super("prelu", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        long first = (long) row * layer.channels();
        for (int c = 0; c < layer.channels(); c++) {
            double x = at(o.in, first + c);
            put(o.out, first + c, x < 0 ? x * layer.slope()[c] : x);
        }
    }
}
