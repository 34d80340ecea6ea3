package io.fovea.kernel.plain;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import java.util.Arrays;

/** Maximum or mean over a window; an entry equal to the number of input rows is padding. */
final class PlainPool extends PlainKernel {
    private final Layer.Pool layer;

    PlainPool(Layer.Pool layer) {
        super(layer.max() ? "max-pool" : "average-pool", layer, 0);
        this.layer = layer;
    }

    @Override
    float[] rows(Operands o, int first, int end, Scratch scratch) {
        int channels = layer.channels();
        int n = (end - first) * channels;
        float[] x = scratch.floats(n + channels);
        Arrays.fill(x, 0, n, layer.max() ? Float.NEGATIVE_INFINITY : 0f);
        int taps = layer.window().taps();
        for (int row = first; row < end; row++) {
            int at = (row - first) * channels;
            int counted = 0;
            for (int t = 0; t < taps; t++) {
                int entry = o.table.entry(row, t);
                if (entry == o.inRows) {
                    continue;
                }
                boolean inside = entry < o.inRows;
                load(inside ? o.in : o.edge, inside ? entry : entry - o.inRows, channels, x, n, 1);
                take(x, at, n, channels);
                counted++;
            }
            if (!layer.max()) {
                float share = 1f / (layer.countPadding() ? taps : Math.max(1, counted));
                for (int c = at; c < at + channels; c++) {
                    x[c] *= share;
                }
            }
        }
        return x;
    }

    private void take(float[] x, int at, int from, int channels) {
        if (layer.max()) {
            for (int c = 0; c < channels; c++) {
                x[at + c] = Math.max(x[at + c], x[from + c]);
            }
        } else {
            for (int c = 0; c < channels; c++) {
                x[at + c] += x[from + c];
            }
        }
    }
}
