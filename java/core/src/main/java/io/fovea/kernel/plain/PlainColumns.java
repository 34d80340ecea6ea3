package io.fovea.kernel.plain;

import io.fovea.graph.Op;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;

/** Layers whose rows have another width than those they read: chosen columns, or one value of all. */
final class PlainColumns extends PlainKernel {
    private final Layer layer;

    PlainColumns(String name, Layer layer) {
        super(name, layer, 0);
        this.layer = layer;
    }

    @Override
    float[] rows(Operands o, int first, int end, Scratch scratch) {
        int rows = end - first;
        int in = rows * outChannels;
        float[] x = scratch.floats(in + rows * inChannels);
        load(o.in, first, inChannels, x, in, rows);
        for (int r = 0; r < rows; r++) {
            int at = in + r * inChannels;
            switch (layer) {
                case Layer.SelectColumns select -> {
                    int[] columns = select.columns();
                    for (int c = 0; c < columns.length; c++) {
                        x[r * outChannels + c] = x[at + columns[c]];
                    }
                }
                case Layer.Reduce reduce -> x[r] = reduce(reduce.kind(), x, at, inChannels);
                default -> throw new IllegalStateException(layer.toString());
            }
        }
        return x;
    }

    private static float reduce(Op.Reduce.Kind kind, float[] x, int at, int n) {
        double sum = 0;
        switch (kind) {
            case MAX -> {
                float most = Float.NEGATIVE_INFINITY;
                for (int c = at; c < at + n; c++) {
                    most = Math.max(most, x[c]);
                }
                return most;
            }
            case L2 -> {
                for (int c = at; c < at + n; c++) {
                    sum += (double) x[c] * x[c];
                }
                return (float) Math.sqrt(sum);
            }
            default -> {
                for (int c = at; c < at + n; c++) {
                    sum += x[c];
                }
                return (float) (kind == Op.Reduce.Kind.MEAN ? sum / n : sum);
            }
        }
    }
}
