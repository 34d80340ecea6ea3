package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Chosen columns of a row. */
final class ScalarSelect extends ScalarKernel {
    private final Layer.SelectColumns layer;

    ScalarSelect(Layer.SelectColumns layer) {
        super("select", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        int[] columns = layer.columns();
        for (int c = 0; c < columns.length; c++) {
            put(o.out, (long) row * columns.length + c, at(o.in, (long) row * layer.inChannels() + columns[c]));
        }
    }
}
