package io.fovea.kernel.scalar;

import io.fovea.graph.Sampling;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;

/** Weighted sum of the rows that the table names. */
final class ScalarSample extends ScalarKernel {
    private final Layer.Sample layer;

    ScalarSample(Layer.Sample layer) {
        super("sample", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        Sampling s = layer.sampling();
        int width = s.horizontal().size();
        int position = o.table.output().position(row);
        for (int c = 0; c < layer.channels(); c++) {
            double sum = 0;
            for (int t = 0; t < s.taps(); t++) {
                double vertical = s.vertical().weight()[position / width * s.kernelH() + t / s.kernelW()];
                double horizontal = s.horizontal().weight()[position % width * s.kernelW() + t % s.kernelW()];
                sum += vertical * horizontal * tap(o, o.table.entry(row, t), layer.channels(), c);
            }
            put(o.out, (long) row * layer.channels() + c, sum);
        }
    }
}
