package io.fovea.kernel.plain;

import io.fovea.graph.Op;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;

/** Two operands combined value by value; the second may be repeated over rows or channels. */
final class PlainBinary extends PlainKernel {
    private final Layer.Binary layer;

    PlainBinary(Layer.Binary layer) {
        super("binary", layer, layer.oneChannel() ? 1 : layer.channels());
        this.layer = layer;
    }

    @Override
    int secondRows(Operands o) {
        return layer.oneRow() ? 1 : o.outRows;
    }

    @Override
    float[] rows(Operands o, int first, int end, Scratch scratch) {
        int channels = layer.channels();
        int rows = end - first;
        int n = rows * channels;
        int second = layer.oneChannel() ? 1 : channels;
        int seconds = layer.oneRow() ? second : rows * second;
        float[] x = scratch.floats(n + seconds);
        load(o.in, first, channels, x, 0, rows);
        load(o.in2, layer.oneRow() ? 0 : first, second, x, n, layer.oneRow() ? 1 : rows);
        for (int r = 0; r < rows; r++) {
            int with = n + (layer.oneRow() ? 0 : r * second);
            if (layer.oneChannel()) {
                value(layer.kind(), x, r * channels, channels, x[with]);
            } else {
                row(layer.kind(), x, r * channels, channels, with);
            }
        }
        return x;
    }

    private static void row(Op.Binary.Kind kind, float[] x, int at, int n, int with) {
        switch (kind) {
            case ADD -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] += x[with + c];
                }
            }
            case SUB -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] -= x[with + c];
                }
            }
            case SUB_FROM -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] = x[with + c] - x[at + c];
                }
            }
            case MUL -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] *= x[with + c];
                }
            }
            case DIV -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] /= x[with + c];
                }
            }
            case DIV_INTO -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] = x[with + c] / x[at + c];
                }
            }
            case MIN -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] = Math.min(x[at + c], x[with + c]);
                }
            }
            case MAX -> {
                for (int c = 0; c < n; c++) {
                    x[at + c] = Math.max(x[at + c], x[with + c]);
                }
            }
        }
    }

    private static void value(Op.Binary.Kind kind, float[] x, int at, int n, float with) {
        if (kind == Op.Binary.Kind.MUL) {
            for (int c = 0; c < n; c++) {
                x[at + c] *= with;
            }
            return;
        }
        if (kind == Op.Binary.Kind.DIV) {
            for (int c = 0; c < n; c++) {
                x[at + c] /= with;
            }
            return;
        }
        for (int c = 0; c < n; c++) {
            x[at + c] = (float) kind.apply(x[at + c], with);
        }
    }
}
