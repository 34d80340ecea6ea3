package io.fovea.graph;

import java.util.stream.IntStream;

/**
 * Channels of a depthwise convolution that have one value at every site of every photo: their filters are so small that a clamp behind
 * them cuts off whatever they add to the bias. Training with weight decay leaves such channels where nothing needed them. What reads them may
 * read a number instead.
 *
 * <p>The proof is interval arithmetic on one layer: the input's range is that of the clamp that wrote it. Inactive sites of a masked run may read as an
 * estimate outside that range (a fitted line of the periphery), so the range is taken {@value #SLACK} times as wide on both sides.
 */
public final class ConstantChannels {
    private static final double SLACK = 16;
    /** What sums of floats may be off by, of the sum of their magnitudes. */
    private static final double ROUNDING = 1e-4;

    private ConstantChannels() {
    }

    /**
     * Returns the constant of each channel that is one, NaN for the others; null when there are none.
     *
     * @param depthwise a node of the graph
     */
    public static float[] of(Graph graph, Node depthwise) {
        if (!(depthwise.op() instanceof Op.Conv conv) || !conv.isDepthwise() || !conv.activation().isClip()
                || depthwise.inputs().size() != 1) {
            return null;
        }
        double[] range = range(graph, depthwise.inputs().getFirst());
        float[] constants = new float[conv.outChannels()];
        boolean any = false;
        for (int c = 0; c < constants.length; c++) {
            constants[c] = constant(conv, c, range);
            any |= !Float.isNaN(constants[c]);
        }
        return any ? constants : null;
    }

    private static float constant(Op.Conv conv, int channel, double[] range) {
        int taps = conv.window().taps();
        double bias = conv.bias()[channel];
        double low = bias;
        double high = bias;
        for (int t = 0; t < taps; t++) {
            double w = conv.weights()[channel * taps + t];
            if (w != 0) {
                low += Math.min(w * range[0], w * range[1]);
                high += Math.max(w * range[0], w * range[1]);
            }
        }
        if (low == high) {
            return (float) conv.activation().apply(bias);
        }
        double error = ROUNDING * (Math.abs(bias) + high - low);
        float least = conv.activation().low();
        float most = conv.activation().high();
        return high + error <= least ? least : low - error >= most ? most : Float.NaN;
    }

    /** Returns what a value may lie between, zeros of padding included, widened; infinities where nothing is known. */
    private static double[] range(Graph graph, String value) {
        Node writer = graph.writer(value);
        Activation act = writer == null ? Activation.NONE : switch (writer.op()) {
            case Op.Conv conv -> conv.activation();
            case Op.Add add -> add.activation();
            case Op.Activate activate -> activate.activation();
            default -> Activation.NONE;
        };
        double low = Math.min(0, act.low());
        double high = Math.max(0, act.high());
        double slack = SLACK * (high - low);
        return new double[]{low - slack, high + slack};
    }

    /**
     * Returns a pointwise convolution that reads only some channels, the constants of the others in its bias.
     *
     * @param constants of the channels not to be read, NaN for those that stay, {@code [inChannels]}
     */
    public static Op.Conv without(Op.Conv pointwise, float[] constants) {
        int[] kept = kept(constants);
        int in = constants.length;
        float[] weights = new float[pointwise.outChannels() * kept.length];
        float[] bias = new float[pointwise.outChannels()];
        for (int o = 0; o < bias.length; o++) {
            double sum = pointwise.bias()[o];
            for (int i = 0; i < in; i++) {
                sum += Float.isNaN(constants[i]) ? 0 : (double) pointwise.weights()[o * in + i] * constants[i];
            }
            bias[o] = (float) sum;
            for (int k = 0; k < kept.length; k++) {
                weights[o * kept.length + k] = pointwise.weights()[o * in + kept[k]];
            }
        }
        return new Op.Conv(pointwise.window(), 1, bias.length, weights, bias, pointwise.activation());
    }

    /** Returns the channels that are no constants, in order. */
    public static int[] kept(float[] constants) {
        return IntStream.range(0, constants.length).filter(c -> Float.isNaN(constants[c])).toArray();
    }
}
