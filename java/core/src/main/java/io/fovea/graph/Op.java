package io.fovea.graph;

/**
 * An operator with its constants. Values are feature maps in NHWC, batch 1; weights keep ONNX order. Arrays are shared, not
 * copied: treat them as read-only.
 */
public sealed interface Op {

    /** Returns the operator's name as shown to people. */
    default String label() {
        return getClass().getSimpleName();
    }

    /**
     * Convolution, {@code act(conv(x) + bias (+ residual))}. Inputs: x, and optionally a residual of the output's shape.
     *
     * @param window geometry
     * @param groups number of groups; equal to input and output channels for a depthwise convolution
     * @param outChannels output channels
     * @param weights {@code [outChannels][inChannels / groups][kernelH][kernelW]}
     * @param bias {@code [outChannels]}
     * @param activation applied last
     */
    record Conv(Window window, int groups, int outChannels, float[] weights, float[] bias,
            Activation activation) implements Op {

        /** Returns whether every channel has its own filter and the channel count does not change. */
        public boolean isDepthwise() {
            return groups > 1 && groups == outChannels && weights.length == outChannels * window.taps();
        }

        /** Returns whether this is a 1x1 convolution of stride 1 over all channels. */
        public boolean isPointwise() {
            return groups == 1 && window.isPointwise();
        }

        /** Returns the same convolution with another activation. */
        public Conv withActivation(Activation next) {
            return new Conv(window, groups, outChannels, weights, bias, next);
        }

        @Override
        public String label() {
            String k = window.kernelH() + "x" + window.kernelW() + (window.strideH() > 1 ? "s" + window.strideH() : "");
            return isDepthwise() ? "DepthwiseConv " + k : "Conv " + k;
        }
    }

    /**
     * {@code x * scale + shift} per channel: what a batch normalisation is at inference, or a constant Mul and Add.
     *
     * @param scale {@code [channels]}
     * @param shift {@code [channels]}
     */
    record Affine(float[] scale, float[] shift) implements Op {}

    /** An element-wise function. */
    record Activate(Activation activation) implements Op {
        @Override
        public String label() {
            return activation.kind().name();
        }
    }

    /** Sum of two values of one shape, then {@code activation}. */
    record Add(Activation activation) implements Op {}

    /** Concatenation of maps of one height and width along their channels. */
    record Concat() implements Op {}

    /**
     * Maximum over the window; positions of padding do not take part.
     *
     * @param window geometry, dilation 1
     */
    record MaxPool(Window window) implements Op {}

    /**
     * Mean over the window.
     *
     * @param window geometry, dilation 1
     * @param countPadding whether positions of padding count as zeros (ONNX count_include_pad)
     */
    record AveragePool(Window window, boolean countPadding) implements Op {}

    /** Mean over all sites; the output is 1x1. */
    record GlobalAverage() implements Op {}

    /**
     * A head's map as rows: HxWxC becomes {@code H*W*C/width} rows of {@code width} values, site by site in row-major order.
     * In ONNX: Transpose(0, 2, 3, 1) and Reshape to {@code [1, -1, width]}.
     */
    record HeadRows(int width) implements Op {}

    /** Lists of rows of one width, one after another. In ONNX: Concat along axis 1 of {@code [1, N, width]}. */
    record JoinRows() implements Op {}
}
