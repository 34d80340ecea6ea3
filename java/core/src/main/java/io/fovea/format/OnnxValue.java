package io.fovea.format;

import java.util.Arrays;
import java.util.List;

/** What an ONNX value name stands for while a graph is read. ONNX is NCHW; a {@link io.fovea.graph.Graph} is NHWC. */
sealed interface OnnxValue {

    /** A constant. */
    record Constant(Tensor tensor) implements OnnxValue {}

    /** A feature map, in ONNX {@code [1, C, H, W]}. */
    record FeatureMap(String value) implements OnnxValue {}

    /** A list of head rows, in ONNX {@code [1, N, K]}. */
    record Rows(String value) implements OnnxValue {}

    /** A map whose channels were split into anchors and values: {@code [1, A, K, H, W]}; a transposition follows, or a softmax. */
    record SplitChannels(String value, int anchors) implements OnnxValue {}

    /** A map of split channels whose two parts changed places, {@code [1, K, A, H, W]}: half a channel shuffle. */
    record Shuffled(String value, int anchors) implements OnnxValue {}

    /** A map's values in ONNX order as a vector, {@code [1, C * H * W]}; a matrix product follows. */
    record Flat(String value) implements OnnxValue {}

    /**
     * The NHWC values of maps and rows, one part after another, under any dims that begin with 1. Nothing is computed until
     * they are reshaped to {@code [1, N, K]}.
     */
    record Contiguous(List<String> parts, long[] dims) implements OnnxValue {
        @Override
        public String toString() {
            return "contiguous values of shape " + Arrays.toString(dims);
        }
    }
}
