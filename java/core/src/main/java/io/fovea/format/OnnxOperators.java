package io.fovea.format;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.Arrays;

/** Reads each supported ONNX operator (opset 11 to 21) into graph nodes. */
final class OnnxOperators {
    /** What a message about an unsupported operator lists. */
    static final String SUPPORTED = "Abs, Add, AveragePool, BatchNormalization, Clip, Concat, Constant, Conv, ConvTranspose, Div,"
            + " Dropout, Elu, Exp, Expand, Flatten, Gather, Gemm, GlobalAveragePool, GlobalMaxPool, HardSigmoid, HardSwish,"
            + " Identity, LeakyRelu, LpNormalization, MatMul, Max, MaxPool, Min, Mish, Mul, Neg, PRelu, Pad, Pow, Reciprocal,"
            + " ReduceL2, ReduceMax, ReduceMean, ReduceSum, Relu, Reshape, Resize, Sigmoid, Slice, Softmax, Softplus, Split,"
            + " Sqrt, Squeeze, Sub, Sum, Tanh, Transpose, Unsqueeze, and of constants also Cast, ConstantOfShape,"
            + " DequantizeLinear, Range, Shape, Tile, Where";

    private OnnxOperators() {
    }

    static void read(OnnxGraph g, NodeProto node, String name) {
        OnnxAttributes a = new OnnxAttributes(node);
        if (OnnxConstants.fold(g, node, a)) {
            return;
        }
        switch (node.getOpType()) {
            case "Constant" -> g.define(node, new OnnxValue.Constant(OnnxGraph.constantAttribute(a)));
            case "Conv" -> conv(g, node, name, a);
            case "BatchNormalization" -> batchNormalization(g, node, name, a);
            case "Relu" -> activate(g, node, name, Activation.RELU);
            case "Clip" -> activate(g, node, name,
                    Activation.clip(bound(g, node, 1, Float.NEGATIVE_INFINITY),
                            bound(g, node, 2, Float.POSITIVE_INFINITY)));
            case "LeakyRelu" -> activate(g, node, name,
                    new Activation(Activation.Kind.LEAKY_RELU, a.real("alpha", 0.01f), 0f));
            case "Sigmoid" -> activate(g, node, name, Activation.of(Activation.Kind.SIGMOID));
            case "HardSigmoid" -> activate(g, node, name,
                    new Activation(Activation.Kind.HARD_SIGMOID, a.real("alpha", 0.2f), a.real("beta", 0.5f)));
            case "HardSwish" -> activate(g, node, name, Activation.of(Activation.Kind.HARD_SWISH));
            case "Tanh" -> activate(g, node, name, Activation.of(Activation.Kind.TANH));
            case "Elu" -> activate(g, node, name,
                    new Activation(Activation.Kind.ELU, a.real("alpha", 1f), 0f));
            case "Softplus" -> activate(g, node, name, Activation.of(Activation.Kind.SOFTPLUS));
            case "Mish" -> activate(g, node, name, Activation.of(Activation.Kind.MISH));
            case "Exp" -> activate(g, node, name, Activation.of(Activation.Kind.EXP));
            case "Abs" -> activate(g, node, name, Activation.of(Activation.Kind.ABS));
            case "Sqrt" -> activate(g, node, name, new Activation(Activation.Kind.POWER, 0.5f, 0f));
            case "Reciprocal" -> activate(g, node, name, new Activation(Activation.Kind.POWER, -1f, 0f));
            case "Neg" -> OnnxReductions.negate(g, node, name);
            case "PRelu" -> OnnxReductions.prelu(g, node, name);
            case "Softmax" -> OnnxReductions.softmax(g, node, name, a);
            case "ReduceSum", "ReduceMean", "ReduceMax", "ReduceL2" -> OnnxReductions.reduce(g, node, name, a);
            case "LpNormalization" -> OnnxReductions.normalise(g, node, name, a);
            case "Expand" -> OnnxReductions.expand(g, node, name);
            case "Slice" -> OnnxSelection.slice(g, node, name);
            case "Split" -> OnnxSelection.split(g, node, name, a);
            case "Gather" -> OnnxSelection.gather(g, node, name, a);
            case "Pad" -> OnnxPadding.pad(g, node, name, a);
            case "ConvTranspose" -> OnnxPadding.transposed(g, node, name, a);
            case "Gemm", "MatMul" -> OnnxMatrix.read(g, node, name, a);
            case "Sum" -> OnnxArithmetic.sum(g, node, name);
            case "Identity" -> identity(g, node, name);
            case "Dropout" -> {
                Tensor training = g.constant(node, 2);
                need(training == null || training.isFloat() || Arrays.stream(training.ints()).allMatch(v -> v == 0),
                        "training mode is not supported");
                identity(g, node, name);
            }
            case "Add", "Sub", "Mul", "Div", "Min", "Max", "Pow" -> OnnxArithmetic.read(g, node, name);
            case "Concat" -> OnnxShaping.concat(g, node, name, a);
            case "Reshape", "Flatten", "Squeeze", "Unsqueeze" -> OnnxShaping.reshape(g, node, name, a);
            case "Transpose" -> OnnxShaping.transpose(g, node, a);
            case "MaxPool" -> {
                need(a.integer("storage_order", 0) == 0, "storage_order must be 0");
                g.emit(node, name, new Op.MaxPool(poolWindow(g, node, a, true)), false, g.map(node, 0));
            }
            case "AveragePool" -> {
                boolean counted = a.integer("count_include_pad", 0) != 0;
                Op op = new Op.AveragePool(poolWindow(g, node, a, !counted), counted);
                g.emit(node, name, op, false, g.map(node, 0));
            }
            case "Resize" -> OnnxResize.read(g, node, name, a);
            case "GlobalAveragePool" -> g.emit(node, name, new Op.GlobalAverage(), false, g.map(node, 0));
            case "GlobalMaxPool" -> {
                String x = g.map(node, 0);
                g.emit(node, name, OnnxReductions.globalMax(g.builder().shape(x)), false, x);
            }
            case "QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger",
                    "DynamicQuantizeLinear" ->
                throw new ModelFormatException(
                        "quantised activations are not supported, only weights; export the float model");
            case "NonMaxSuppression", "TopK" -> throw new ModelFormatException(
                    "decoding inside the graph is not supported; export the raw outputs of the head and describe them in the"
                            + " detector spec");
            default -> throw new ModelFormatException("operator is not supported; supported are " + SUPPORTED);
        }
    }

    private static void conv(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        String x = g.map(node, 0);
        Tensor w = g.weights(node, 1);
        need(w.rank() == 4, "weights have shape " + w.shape() + "; only two spatial axes are supported");
        int[] dims = w.dims();
        need(w.size() > 0, "weights are empty");
        int[] kernel = a.integers("kernel_shape", dims[2], dims[3]);
        need(kernel[0] == dims[2] && kernel[1] == dims[3],
                "kernel_shape " + Arrays.toString(kernel) + " differs from the weights' shape " + w.shape());
        float[] bias;
        if (g.optional(node, 2) == null) {
            g.derive(dims[0]);
            bias = new float[dims[0]];
        } else {
            bias = g.weights(node, 2).floats();
        }
        long groups = a.integer("group", 1);
        need(groups >= 1 && groups <= dims[0], "group is " + groups + " for " + dims[0] + " output channels");
        Shape in = g.builder().shape(x);
        need((long) dims[1] * groups == in.channels(), "weights of shape " + w.shape() + " in " + groups
                + " groups need " + dims[1] * groups + " input channels, '" + x + "' has " + in.channels());
        Window window = window(in, kernel, a, false);
        g.emit(node, name, new Op.Conv(window, (int) groups, dims[0], w.floats(), bias, Activation.NONE), false, x);
    }

    private static void batchNormalization(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        need(a.integer("training_mode", 0) == 0, "training mode is not supported");
        String x = g.map(node, 0);
        int channels = g.builder().shape(x).channels();
        float[][] p = new float[4][];
        for (int i = 0; i < 4; i++) {
            p[i] = g.weights(node, i + 1).floats();
            need(p[i].length == channels, "input " + (i + 1) + " has " + p[i].length + " values for " + channels
                    + " channels");
        }
        g.derive(2L * channels);
        g.emit(node, name, normalisation(p[0], p[1], p[2], p[3], a.real("epsilon", 1e-5f)), false, x);
    }

    /** Returns {@code gamma * (x - mean) / sqrt(variance + epsilon) + beta} as scale and shift. */
    static Op.Affine normalisation(float[] gamma, float[] beta, float[] mean, float[] variance, float epsilon) {
        float[] scale = new float[gamma.length];
        float[] shift = new float[gamma.length];
        for (int c = 0; c < scale.length; c++) {
            double s = gamma[c] / Math.sqrt((double) variance[c] + epsilon);
            scale[c] = (float) s;
            shift[c] = (float) (beta[c] - mean[c] * s);
        }
        return new Op.Affine(scale, shift);
    }

    private static float bound(OnnxGraph g, NodeProto node, int i, float open) {
        Tensor t = g.constant(node, i);
        need(t == null || t.isFloat() && t.size() == 1, "input " + i + " must be one float");
        return t == null ? open : t.floats()[0];
    }

    static void activate(OnnxGraph g, NodeProto node, String name, Activation activation) {
        switch (g.value(node, 0)) {
            case OnnxValue.FeatureMap map -> g.emit(node, name, new Op.Activate(activation), false, map.value());
            case OnnxValue.Rows rows -> g.emit(node, name, new Op.Activate(activation), true, rows.value());
            case OnnxValue.Contiguous c -> g.define(node, new OnnxValue.Contiguous(
                    OnnxShaping.eachPart(g, node, 0, name, c, channels -> new Op.Activate(activation)), c.dims()));
            case OnnxValue other -> throw new ModelFormatException("cannot be applied to " + kind(other));
        }
    }

    private static void identity(OnnxGraph g, NodeProto node, String name) {
        switch (g.value(node, 0)) {
            case OnnxValue.FeatureMap map -> activate(g, node, name, Activation.NONE);
            case OnnxValue.Rows rows -> activate(g, node, name, Activation.NONE);
            case OnnxValue other -> g.define(node, other);
        }
    }

    private static Window poolWindow(OnnxGraph g, NodeProto node, OnnxAttributes a, boolean mayCeil) {
        need(a.has("kernel_shape"), "attribute kernel_shape is missing");
        boolean ceil = a.integer("ceil_mode", 0) != 0;
        Shape in = g.builder().shape(g.map(node, 0));
        Window w = window(in, a.integers("kernel_shape", 1, 1), a, ceil);
        need(mayCeil || !ceil || w.equals(window(in, a.integers("kernel_shape", 1, 1), a, false)),
                "ceil_mode together with count_include_pad is not supported");
        return w;
    }

    static Window window(Shape in, int[] kernel, OnnxAttributes a, boolean ceil) {
        int[] stride = a.integers("strides", 1, 1);
        int[] dilation = a.integers("dilations", 1, 1);
        int[] pads = a.integers("pads", 0, 0, 0, 0);
        String auto = a.text("auto_pad", "NOTSET");
        need(kernel[0] > 0 && kernel[1] > 0 && stride[0] > 0 && stride[1] > 0 && dilation[0] > 0 && dilation[1] > 0,
                "kernel, strides and dilations must be at least 1");
        int[] size = {in.height(), in.width()};
        for (int axis = 0; axis < 2; axis++) {
            long reach = (kernel[axis] - 1L) * dilation[axis] + 1;
            need(reach <= 1 << 20, "the window reaches over " + reach + " positions");
            switch (auto) {
                case "NOTSET" -> {
                    long free = size[axis] + pads[axis] + pads[axis + 2] - reach;
                    long rest = free < 0 ? 0 : free % stride[axis];
                    // The last window of a rounded-up size must still begin inside the input or the padding before it.
                    long begin = free - rest + stride[axis];
                    if (ceil && rest > 0 && begin < size[axis] + pads[axis]) {
                        pads[axis + 2] += (int) (stride[axis] - rest);
                    }
                }
                case "VALID" -> pads[axis] = pads[axis + 2] = 0;
                case "SAME_UPPER", "SAME_LOWER" -> {
                    long out = (size[axis] + stride[axis] - 1L) / stride[axis];
                    int pad = (int) Math.max(0, (out - 1) * stride[axis] + reach - size[axis]);
                    pads[axis] = auto.equals("SAME_UPPER") ? pad / 2 : pad - pad / 2;
                    pads[axis + 2] = pad - pads[axis];
                }
                default -> throw new ModelFormatException("auto_pad '" + auto + "' is unknown");
            }
        }
        return new Window(kernel[0], kernel[1], stride[0], stride[1], pads[0], pads[1], pads[2], pads[3], dilation[0],
                dilation[1]);
    }

    /** Returns the writer of a value if it is an activation of that value. */
    static Activation activationOf(OnnxGraph g, String value, String input) {
        Node writer = g.builder().writer(value);
        return writer != null && writer.op() instanceof Op.Activate act && writer.inputs().get(0).equals(input)
                ? act.activation()
                : null;
    }

    static String kind(OnnxValue value) {
        return switch (value) {
            case OnnxValue.Constant c -> "a constant";
            case OnnxValue.FeatureMap m -> "a feature map";
            case OnnxValue.Rows r -> "rows [1, N, K]";
            case OnnxValue.SplitChannels s -> "a map with split channels";
            case OnnxValue.Shuffled s -> "a map with exchanged channels";
            case OnnxValue.Flat f -> "a map as a vector";
            case OnnxValue.Contiguous c -> c.toString();
        };
    }

    static void need(boolean condition, String message) {
        if (!condition) {
            throw new ModelFormatException(message);
        }
    }
}
