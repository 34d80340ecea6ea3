package io.fovea.graph;

import java.util.stream.DoubleStream;

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
     * @param window geometry
     */
    record MaxPool(Window window) implements Op {}

    /**
     * Mean over the window.
     *
     * @param window geometry
     * @param countPadding whether positions of padding count as zeros (ONNX count_include_pad)
     */
    record AveragePool(Window window, boolean countPadding) implements Op {}

    /** Mean over all sites; the output is 1x1. */
    record GlobalAverage() implements Op {}

    /** {@code x < 0 ? slope * x : x} with a slope per channel. */
    record PRelu(float[] slope) implements Op {}

    /**
     * {@code exp(x) / sum of exp} over groups of neighbouring channels.
     *
     * @param width channels of a group
     */
    record Softmax(int width) implements Op {}

    /**
     * Two maps combined value by value. The second may be of the first's shape, one site (1x1xC), one channel (HxWx1) or one value;
     * it is then repeated.
     */
    record Binary(Kind kind) implements Op {

        /** What is computed of a value {@code a} of the first map and {@code b} of the second. */
        public enum Kind {
            /** {@code a + b}. */
            ADD,
            /** {@code a - b}. */
            SUB,
            /** {@code b - a}. */
            SUB_FROM,
            /** {@code a * b}. */
            MUL,
            /** {@code a / b}. */
            DIV,
            /** {@code b / a}. */
            DIV_INTO,
            /** The smaller. */
            MIN,
            /** The larger. */
            MAX;

            /** Returns the result in double precision. */
            public double apply(double a, double b) {
                return switch (this) {
                    case ADD -> a + b;
                    case SUB -> a - b;
                    case SUB_FROM -> b - a;
                    case MUL -> a * b;
                    case DIV -> a / b;
                    case DIV_INTO -> b / a;
                    case MIN -> Math.min(a, b);
                    case MAX -> Math.max(a, b);
                };
            }

            /** Returns the kind with its operands exchanged. */
            public Kind exchanged() {
                return switch (this) {
                    case SUB -> SUB_FROM;
                    case SUB_FROM -> SUB;
                    case DIV -> DIV_INTO;
                    case DIV_INTO -> DIV;
                    default -> this;
                };
            }
        }

        @Override
        public String label() {
            return kind.name();
        }
    }

    /** One value per site from all its channels. */
    record Reduce(Kind kind) implements Op {

        /** What is taken of the channels. */
        public enum Kind {
            /** Their sum. */
            SUM,
            /** Their mean. */
            MEAN,
            /** The largest. */
            MAX,
            /** The root of the sum of squares. */
            L2;

            /** Returns the result in double precision. */
            public double apply(DoubleStream values) {
                return switch (this) {
                    case SUM -> values.sum();
                    case MEAN -> values.average().orElse(0);
                    case MAX -> values.max().orElse(Double.NEGATIVE_INFINITY);
                    case L2 -> Math.sqrt(values.map(v -> v * v).sum());
                };
            }
        }

        @Override
        public String label() {
            return "Reduce" + kind.name();
        }
    }

    /**
     * Chosen channels in a chosen order: a slice, one part of a split, a shuffle.
     *
     * @param channels input channel of each output channel
     */
    record SelectChannels(int[] channels) implements Op {}

    /** An operator that moves or mixes sites and leaves channels alone. */
    sealed interface Sampled extends Op {

        /**
         * Returns what each output position reads of an input of the given size.
         *
         * @throws GraphException if the input does not fit
         */
        Sampling sampling(int height, int width);
    }

    /**
     * A map in another size.
     *
     * @param height rows of the output
     * @param width columns of the output
     * @param scaleH output rows per input row, as the coordinates take it
     * @param scaleW output columns per input column
     * @param interpolation how
     */
    record Resize(int height, int width, float scaleH, float scaleW, Interpolation interpolation) implements Sampled {
        public Resize {
            if (height < 1 || width < 1 || !(scaleH > 0) || !(scaleW > 0)) {
                throw new GraphException("resize to " + height + "x" + width + " by " + scaleH + "x" + scaleW);
            }
        }

        @Override
        public Sampling sampling(int inHeight, int inWidth) {
            return new Sampling(inHeight, inWidth, interpolation.axis(inHeight, height, scaleH),
                    interpolation.axis(inWidth, width, scaleW));
        }
    }

    /**
     * A map with more rows and columns around it.
     *
     * @param top rows above
     * @param left columns to the left
     * @param bottom rows below
     * @param right columns to the right
     * @param fill what they hold
     */
    record Pad(int top, int left, int bottom, int right, Fill fill) implements Sampled {

        /** What the new positions hold. */
        public enum Fill {
            /** Zeros. */
            ZERO,
            /** The nearest position of the map. */
            EDGE,
            /** The map mirrored at its outermost positions, which are not repeated. */
            REFLECT
        }

        @Override
        public Sampling sampling(int height, int width) {
            return new Sampling(height, width, axis(height, top, bottom), axis(width, left, right));
        }

        private Sampling.Axis axis(int size, int before, int after) {
            if (before < 0 || after < 0 || fill == Fill.REFLECT && (before >= size || after >= size)) {
                throw new GraphException("padding " + before + " and " + after + " of " + size + " positions");
            }
            int[] index = new int[before + size + after];
            for (int i = 0; i < index.length; i++) {
                int at = i - before;
                int last = size - 1;
                index[i] = at >= 0 && at <= last ? at : switch (fill) {
                    case ZERO -> Sampling.PADDING;
                    case EDGE -> at < 0 ? 0 : last;
                    case REFLECT -> at < 0 ? -at : 2 * last - at;
                };
            }
            return Sampling.Axis.of(index);
        }
    }

    /**
     * A part of a map.
     *
     * @param top first row
     * @param left first column
     * @param height rows
     * @param width columns
     * @param stepH distance of the rows taken, at least 1
     * @param stepW distance of the columns taken, at least 1
     */
    record Crop(int top, int left, int height, int width, int stepH, int stepW) implements Sampled {
        public Crop {
            if (top < 0 || left < 0 || height < 1 || width < 1 || stepH < 1 || stepW < 1) {
                throw new GraphException("crop of " + height + "x" + width + " from (" + top + ", " + left + ")");
            }
        }

        @Override
        public Sampling sampling(int inHeight, int inWidth) {
            return new Sampling(inHeight, inWidth, axis(top, height, stepH), axis(left, width, stepW));
        }

        private static Sampling.Axis axis(int first, int size, int step) {
            int[] index = new int[size];
            for (int i = 0; i < size; i++) {
                index[i] = Math.addExact(first, Math.multiplyExact(i, step));
            }
            return Sampling.Axis.of(index);
        }
    }

    /**
     * A map with zeros between its rows and columns: position (y, x) goes to ({@code y * strideH}, {@code x * strideW}). With a
     * convolution behind it this is a transposed convolution.
     *
     * @param strideH rows per input row, at least 1
     * @param strideW columns per input column, at least 1
     */
    record Spread(int strideH, int strideW) implements Sampled {
        public Spread {
            if (strideH < 1 || strideW < 1 || strideH > 64 || strideW > 64) {
                throw new GraphException("spread by " + strideH + "x" + strideW);
            }
        }

        @Override
        public Sampling sampling(int height, int width) {
            return new Sampling(height, width, axis(height, strideH), axis(width, strideW));
        }

        private static Sampling.Axis axis(int size, int stride) {
            int[] index = new int[(size - 1) * stride + 1];
            for (int i = 0; i < index.length; i++) {
                index[i] = i % stride == 0 ? i / stride : Sampling.PADDING;
            }
            return Sampling.Axis.of(index);
        }
    }

    /**
     * A head's map as rows: HxWxC becomes {@code H*W*C/width} rows of {@code width} values, site by site in row-major order.
     * In ONNX: Transpose(0, 2, 3, 1) and Reshape to {@code [1, -1, width]}.
     */
    record HeadRows(int width) implements Op {}

    /** Lists of rows of one width, one after another. In ONNX: Concat along axis 1 of {@code [1, N, width]}. */
    record JoinRows() implements Op {}
}
