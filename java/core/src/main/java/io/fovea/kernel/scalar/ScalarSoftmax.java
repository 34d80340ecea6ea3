package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Softmax over groups of channels. */
final class ScalarSoftmax extends ScalarKernel {
    private final Layer.Softmax layer;

    ScalarSoftmax(Layer.Softmax layer) {
        super("softmax", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        long end = (row + 1L) * layer.channels();
        for (long first = (long) row * layer.channels(); first < end; first += layer.width()) {
            double most = Double.NEGATIVE_INFINITY;
            double sum = 0;
            for (int c = 0; c < layer.width(); c++) {
                most = Math.max(most, at(o.in, first + c));
            }
            for (int c = 0; c < layer.width(); c++) {
                sum += Math.exp(at(o.in, first + c) - most);
            }
            for (int c = 0; c < layer.width(); c++) {
                put(o.out, first + c, Math.exp(at(o.in, first + c) - most) / sum);
            }
        }
    }
}
