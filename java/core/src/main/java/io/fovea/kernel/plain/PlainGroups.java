package io.fovea.kernel.plain;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;

/** Convolution of several groups that is not depthwise: taps are gathered row by row, then each group is a small product. */
final class PlainGroups extends PlainKernel {
    private final Layer.Conv layer;
    private final int groupIn;
    private final int groupOut;
    private final int taps;
    /** {@code [group][tap][input of the group][output of the group]}. */
    private final float[] packed;

    PlainGroups(Layer.Conv layer) {
        super("groups", layer, layer.residual() ? layer.outChannels() : 0);
        this.layer = layer;
        this.taps = layer.window().taps();
        this.groupIn = layer.inChannels() / layer.groups();
        this.groupOut = layer.outChannels() / layer.groups();
        this.packed = new float[layer.weights().length];
        for (int i = 0; i < packed.length; i++) {
            int o = i / (groupIn * taps);
            int c = i / taps % groupIn;
            int g = o / groupOut;
            packed[((g * taps + i % taps) * groupIn + c) * groupOut + o % groupOut] = layer.weights()[i];
        }
    }

    @Override
    float[] rows(Operands o, int first, int end, Scratch scratch) {
        int n = (end - first) * outChannels;
        float[] x = scratch.floats(n + Math.max(inChannels, outChannels));
        for (int row = first; row < end; row++) {
            int at = (row - first) * outChannels;
            System.arraycopy(layer.bias(), 0, x, at, outChannels);
            for (int t = 0; t < taps; t++) {
                int entry = o.table == null ? row : o.table.entry(row, t);
                boolean inside = entry < o.inRows;
                load(inside ? o.in : o.edge, inside ? entry : entry - o.inRows, inChannels, x, n, 1);
                for (int g = 0; g < layer.groups(); g++) {
                    product(x, at + g * groupOut, n + g * groupIn, (g * taps + t) * groupIn * groupOut);
                }
            }
            if (layer.residual()) {
                load(o.in2, row, outChannels, x, n, 1);
                for (int c = 0; c < outChannels; c++) {
                    x[at + c] += x[n + c];
                }
            }
        }
        float low = layer.activation().low();
        float high = layer.activation().high();
        for (int i = 0; i < n; i++) {
            x[i] = Math.min(Math.max(x[i], low), high);
        }
        return x;
    }

    private void product(float[] x, int out, int in, int weights) {
        for (int i = 0; i < groupIn; i++) {
            float value = x[in + i];
            int w = weights + i * groupOut;
            for (int c = 0; c < groupOut; c++) {
                x[out + c] += value * packed[w + c];
            }
        }
    }

    /** Returns a convolution of few groups as one of a single group, with zeros between: more arithmetic, but a matrix product. */
    static Layer.Conv merged(Layer.Conv layer) {
        int taps = layer.window().taps();
        int groupIn = layer.inChannels() / layer.groups();
        int groupOut = layer.outChannels() / layer.groups();
        float[] weights = new float[layer.outChannels() * layer.inChannels() * taps];
        for (int o = 0; o < layer.outChannels(); o++) {
            int to = (o * layer.inChannels() + o / groupOut * groupIn) * taps;
            System.arraycopy(layer.weights(), o * groupIn * taps, weights, to, groupIn * taps);
        }
        return new Layer.Conv(layer.inChannels(), layer.outChannels(), layer.window(), 1, weights, layer.bias(),
                layer.activation(), layer.residual());
    }
}
