package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Convolution of any window and groups. */
final class ScalarConv extends ScalarKernel {
    private final Layer.Conv layer;

    ScalarConv(Layer.Conv layer) {
        super("conv", layer, layer.residual());
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        int taps = layer.window().taps();
        int groupIn = layer.inChannels() / layer.groups();
        int groupOut = layer.outChannels() / layer.groups();
        for (int c = 0; c < layer.outChannels(); c++) {
            int firstIn = c / groupOut * groupIn;
            double sum = layer.bias()[c];
            for (int t = 0; t < taps; t++) {
                int entry = o.table == null ? row : o.table.entry(row, t);
                for (int i = 0; i < groupIn; i++) {
                    sum += (double) layer.weights()[(c * groupIn + i) * taps + t]
                            * tap(o, entry, layer.inChannels(), firstIn + i);
                }
            }
            long at = (long) row * layer.outChannels() + c;
            if (layer.residual()) {
                sum += at(o.in2, at);
            }
            put(o.out, at, layer.activation().apply(sum));
        }
    }
}
