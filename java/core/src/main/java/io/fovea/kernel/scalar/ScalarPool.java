package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Maximum or mean over a window; an entry equal to the number of input rows is padding. */
final class ScalarPool extends ScalarKernel {
    private final Layer.Pool layer;

    ScalarPool(Layer.Pool layer) {
        super(layer.max() ? "max-pool" : "average-pool", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        int taps = layer.window().taps();
        for (int c = 0; c < layer.channels(); c++) {
            double max = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int counted = 0;
            for (int t = 0; t < taps; t++) {
                int entry = o.table.entry(row, t);
                if (entry == o.inRows) {
                    continue;
                }
                double x = tap(o, entry, layer.channels(), c);
                max = Math.max(max, x);
                sum += x;
                counted++;
            }
            int over = layer.countPadding() ? taps : Math.max(1, counted);
            put(o.out, (long) row * layer.channels() + c, layer.max() ? max : sum / over);
        }
    }
}
