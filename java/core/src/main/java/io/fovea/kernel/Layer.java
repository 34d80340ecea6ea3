package io.fovea.kernel;

import io.fovea.graph.Activation;
import io.fovea.graph.Op;
import io.fovea.graph.Sampling;
import io.fovea.graph.Window;

/** What one step computes on packed rows, with its constants. Arrays are read-only and in ONNX order. */
public sealed interface Layer {

    /** Returns channels per input row. */
    int inChannels();

    /** Returns channels per output row. */
    int outChannels();

    /** A layer that writes as many channels as it reads. */
    sealed interface SameChannels extends Layer {

        /** Returns channels per row. */
        int channels();

        @Override
        default int inChannels() {
            return channels();
        }

        @Override
        default int outChannels() {
            return channels();
        }
    }

    /**
     * Convolution {@code act(conv(x) + bias (+ residual))}. A pointwise window of stride 1 needs no table: without one,
     * output row r comes from input row r; with one (input and output live on different sites) it is read like any other window.
     *
     * @param inChannels channels per input row
     * @param outChannels channels per output row
     * @param window geometry
     * @param groups groups; equal to both channel counts for a depthwise convolution
     * @param weights {@code [outChannels][inChannels / groups][kernelH][kernelW]}
     * @param bias {@code [outChannels]}
     * @param activation applied last; a tier that applies only clamps itself has no kernel for a layer with another function
     * @param residual whether {@link Operands#in2} is added before the activation
     */
    record Conv(int inChannels, int outChannels, Window window, int groups, float[] weights, float[] bias,
            Activation activation, boolean residual) implements Layer {

        /** Returns the same convolution with another activation. */
        public Conv with(Activation other) {
            return new Conv(inChannels, outChannels, window, groups, weights, bias, other, residual);
        }

        /** Returns whether every channel has its own filter. */
        public boolean isDepthwise() {
            return groups > 1 && groups == inChannels && groups == outChannels;
        }

        /** Returns whether this is a 1x1 convolution of stride 1 over all channels, which works without a table. */
        public boolean isPointwise() {
            return groups == 1 && window.isPointwise();
        }

        /** Returns multiply-accumulates per output site. */
        public long macsPerSite() {
            return (long) outChannels * (inChannels / groups) * window.taps();
        }
    }

    /**
     * Inverted residual (Sandler et al., MobileNetV2): expand 1x1, depthwise, project 1x1, in one pass that keeps the expanded rows in
     * cache. {@link Operands#edge} holds the edge rows of the <em>expanded</em> value.
     *
     * @param expand pointwise convolution, or null when the block starts with the depthwise one
     * @param depthwise depthwise convolution, reads through the table
     * @param project pointwise convolution, with the residual if there is one
     * @param kept channels of the depthwise convolution that the projection reads, in increasing order, or null when it reads all
     */
    record Block(Conv expand, Conv depthwise, Conv project, int[] kept) implements Layer {

        /** A block whose projection reads all channels. */
        public Block(Conv expand, Conv depthwise, Conv project) {
            this(expand, depthwise, project, null);
        }

        @Override
        public int inChannels() {
            return expand != null ? expand.inChannels() : depthwise.inChannels();
        }

        @Override
        public int outChannels() {
            return project.outChannels();
        }
    }

    /** Sum of {@link Operands#in} and {@link Operands#in2}, row by row, then a clamp. */
    record Add(int channels, Activation activation) implements SameChannels {}

    /** An element-wise function. */
    record Activate(int channels, Activation activation) implements SameChannels {}

    /** {@code x * scale + shift} per channel. */
    record Affine(int channels, float[] scale, float[] shift) implements SameChannels {}

    /** Copies rows of {@code inChannels} into columns {@code offset..} of rows of {@code outChannels}: one input of a Concat. */
    record CopyColumns(int inChannels, int outChannels, int offset) implements Layer {}

    /** Maximum or mean through a table; padding takes no part in a maximum. */
    record Pool(int channels, Window window, boolean max, boolean countPadding) implements SameChannels {}

    /** Weighted sum of the rows that a table names, with the weights of the output row's own position: interpolation, padding, cropping. */
    record Sample(int channels, Sampling sampling) implements SameChannels {}

    /** {@code x < 0 ? slope * x : x} with a slope per channel. */
    record PRelu(int channels, float[] slope) implements SameChannels {}

    /** {@code exp(x) / sum of exp} over groups of {@code width} neighbouring channels. */
    record Softmax(int channels, int width) implements SameChannels {}

    /**
     * {@link Operands#in} and {@link Operands#in2} combined value by value.
     *
     * @param channels channels per row
     * @param kind what is computed
     * @param oneRow whether the second operand is one row for all
     * @param oneChannel whether its rows hold one value for all channels
     */
    record Binary(int channels, Op.Binary.Kind kind, boolean oneRow, boolean oneChannel) implements SameChannels {}

    /** One value per row from all its channels. */
    record Reduce(int inChannels, Op.Reduce.Kind kind) implements Layer {
        @Override
        public int outChannels() {
            return 1;
        }
    }

    /** Chosen columns of each row in a chosen order. */
    record SelectColumns(int inChannels, int[] columns) implements Layer {
        @Override
        public int outChannels() {
            return columns.length;
        }
    }
}
