package io.fovea.kernel.plain;

import io.fovea.graph.Activation;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;

/** Layers that change a row by itself, channel by channel: activation, affine, PReLU, softmax. */
final class PlainElementwise extends PlainKernel {
    private final Layer layer;

    PlainElementwise(String name, Layer layer) {
        super(name, layer, 0);
        this.layer = layer;
    }

    @Override
    float[] rows(Operands o, int first, int end, Scratch scratch) {
        int n = (end - first) * inChannels;
        float[] x = scratch.floats(n);
        load(o.in, first, inChannels, x, 0, end - first);
        switch (layer) {
            case Layer.Activate act -> activate(act.activation(), x, n);
            case Layer.Affine affine -> {
                for (int at = 0; at < n; at += inChannels) {
                    affine(affine.scale(), affine.shift(), x, at);
                }
            }
            case Layer.PRelu prelu -> {
                for (int at = 0; at < n; at += inChannels) {
                    prelu(prelu.slope(), x, at);
                }
            }
            case Layer.Softmax softmax -> {
                for (int at = 0; at < n; at += softmax.width()) {
                    softmax(x, at, softmax.width());
                }
            }
            default -> throw new IllegalStateException(layer.toString());
        }
        return x;
    }

    private static void affine(float[] scale, float[] shift, float[] x, int at) {
        for (int c = 0; c < scale.length; c++) {
            x[at + c] = x[at + c] * scale[c] + shift[c];
        }
    }

    private static void prelu(float[] slope, float[] x, int at) {
        for (int c = 0; c < slope.length; c++) {
            x[at + c] = Math.max(x[at + c], 0f) + slope[c] * Math.min(x[at + c], 0f);
        }
    }

    private static void softmax(float[] x, int at, int width) {
        float most = Float.NEGATIVE_INFINITY;
        for (int c = at; c < at + width; c++) {
            most = Math.max(most, x[c]);
        }
        double sum = 0;
        for (int c = at; c < at + width; c++) {
            x[c] = (float) Math.exp(x[c] - most);
            sum += x[c];
        }
        float share = (float) (1 / sum);
        for (int c = at; c < at + width; c++) {
            x[c] *= share;
        }
    }

    private static void activate(Activation act, float[] x, int n) {
        float alpha = act.alpha();
        float beta = act.beta();
        switch (act.kind()) {
            case CLIP -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.min(Math.max(x[i], alpha), beta);
                }
            }
            case LEAKY_RELU -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.max(x[i], 0f) + alpha * Math.min(x[i], 0f);
                }
            }
            case HARD_SIGMOID -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.min(Math.max(alpha * x[i] + beta, 0f), 1f);
                }
            }
            case HARD_SWISH -> {
                for (int i = 0; i < n; i++) {
                    x[i] *= Math.min(Math.max(x[i] * (1f / 6) + 0.5f, 0f), 1f);
                }
            }
            case ABS -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.abs(x[i]);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    x[i] = (float) act.apply(x[i]);
                }
            }
        }
    }
}
