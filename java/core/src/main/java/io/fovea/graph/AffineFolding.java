package io.fovea.graph;

import java.util.ArrayList;
import java.util.List;

/** Arithmetic of folding per-channel scale and shift into convolutions; sums are in double precision. */
final class AffineFolding {
    private AffineFolding() {
    }

    /** Returns the convolution that does {@code affine(conv(x))}; with a residual only a pure shift keeps the meaning. */
    static Op.Conv after(Op.Conv conv, Op.Affine affine) {
        float[] weights = conv.weights().clone();
        float[] bias = new float[conv.outChannels()];
        int each = weights.length / conv.outChannels();
        for (int o = 0; o < conv.outChannels(); o++) {
            double scale = affine.scale()[o];
            for (int i = o * each; i < (o + 1) * each; i++) {
                weights[i] = (float) (weights[i] * scale);
            }
            bias[o] = (float) (conv.bias()[o] * scale + affine.shift()[o]);
        }
        return new Op.Conv(conv.window(), conv.groups(), conv.outChannels(), weights, bias, conv.activation());
    }

    /** Returns the convolution that does {@code conv(affine(x))}; exact when nothing is padded or all shifts are zero. */
    static Op.Conv before(Op.Affine affine, Op.Conv conv) {
        int taps = conv.window().taps();
        int inPerGroup = conv.weights().length / (conv.outChannels() * taps);
        int outPerGroup = conv.outChannels() / conv.groups();
        float[] weights = new float[conv.weights().length];
        float[] bias = new float[conv.outChannels()];
        for (int o = 0, i = 0; o < conv.outChannels(); o++) {
            double sum = conv.bias()[o];
            int channel = o / outPerGroup * inPerGroup;
            for (int c = channel; c < channel + inPerGroup; c++) {
                for (int t = 0; t < taps; t++, i++) {
                    double w = conv.weights()[i];
                    weights[i] = (float) (w * affine.scale()[c]);
                    sum += w * affine.shift()[c];
                }
            }
            bias[o] = (float) sum;
        }
        return new Op.Conv(conv.window(), conv.groups(), conv.outChannels(), weights, bias, conv.activation());
    }

    /** Returns {@code second(first(x))}. */
    static Op.Affine compose(Op.Affine first, Op.Affine second) {
        int n = first.scale().length;
        float[] scale = new float[n];
        float[] shift = new float[n];
        for (int c = 0; c < n; c++) {
            double s = second.scale()[c];
            scale[c] = (float) (first.scale()[c] * s);
            shift[c] = (float) (first.shift()[c] * s + second.shift()[c]);
        }
        return new Op.Affine(scale, shift);
    }

    /** Folds every Affine into those convolutions that read it and for which that is exact. */
    static Graph intoReaders(Graph graph) {
        List<Node> nodes = new ArrayList<>();
        boolean changed = false;
        for (Node node : graph.nodes()) {
            Node writer = node.inputs().isEmpty() ? null : graph.writer(node.inputs().get(0));
            if (node.op() instanceof Op.Conv conv && writer != null && writer.op() instanceof Op.Affine affine
                    && (isZero(affine.shift()) || !isPadded(conv.window()))) {
                List<String> inputs = new ArrayList<>(node.inputs());
                inputs.set(0, writer.inputs().get(0));
                nodes.add(new Node(node.name(), before(affine, conv), inputs, node.output()));
                changed = true;
            } else {
                nodes.add(node);
            }
        }
        return changed ? Passes.dropDead(graph.withNodes(nodes)) : graph;
    }

    static boolean isZero(float[] values) {
        for (float v : values) {
            if (v != 0f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPadded(Window w) {
        return w.padTop() > 0 || w.padLeft() > 0 || w.padBottom() > 0 || w.padRight() > 0;
    }
}
