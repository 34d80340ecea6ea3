package io.fovea.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes an ONNX {@code GraphProto} of a graph; names of the values between split nodes come from {@link SplitNames}. */
final class OnnxGraphWriter {
    private final Graph graph;
    private final GraphProto.Builder proto = GraphProto.newBuilder();
    /** Values that are rows [1, N, K] in ONNX and not maps [1, C, H, W]. */
    private final Set<String> rows = new HashSet<>();
    private final Set<String> names = new HashSet<>();

    OnnxGraphWriter(Graph graph) {
        this.graph = graph;
        names.addAll(graph.inputs());
        graph.nodes().forEach(n -> names.add(n.output()));
    }

    GraphProto write() {
        proto.setName(graph.name().isEmpty() ? "graph" : graph.name());
        graph.inputs().forEach(i -> proto.addInput(info(i)));
        for (Node node : graph.nodes()) {
            try {
                write(node);
            } catch (ModelFormatException e) {
                throw new ModelFormatException("node '" + node.name() + "': " + e.getMessage(), e);
            }
            if (!graph.outputs().contains(node.output())) {
                proto.addValueInfo(info(node.output()));
            }
        }
        graph.outputs().forEach(o -> proto.addOutput(info(o)));
        return proto.build();
    }

    private void write(Node node) {
        String out = node.output();
        String x = node.inputs().get(0);
        boolean rowsIn = rows.contains(x);
        boolean keeps = switch (node.op()) {
            case Op.Affine a -> true;
            case Op.Activate a -> true;
            case Op.PRelu a -> true;
            case Op.Softmax a -> true;
            case Op.SelectChannels a -> true;
            case Op.Add a -> true;
            case Op.Binary a -> true;
            case Op.Concat a -> true;
            default -> false;
        };
        boolean makesRows = node.op() instanceof Op.HeadRows || node.op() instanceof Op.JoinRows;
        for (String value : node.inputs()) {
            need(makesRows || rows.contains(value) == (keeps && rowsIn),
                    "reads '" + value + "' as a feature map, in ONNX it is a list of rows");
            need(!(node.op() instanceof Op.JoinRows) || rows.contains(value),
                    "reads '" + value + "' as rows, in ONNX it is a feature map");
        }
        if (makesRows || keeps && rowsIn) {
            rows.add(out);
        }
        switch (node.op()) {
            case Op.Conv conv -> conv(node, conv);
            case Op.Affine affine -> affine(node, affine, rowsIn);
            case Op.Activate act -> activation(node.name(), act.activation(), x, out);
            case Op.Add add -> {
                String sum = inner(out, add.activation());
                add("Add", node.name(), sum, node.inputs());
                outer(node, add.activation(), sum);
            }
            case Op.Concat concat ->
                add("Concat", node.name(), out, node.inputs()).addAttribute(integer("axis", rowsIn ? 2 : 1));
            case Op.PRelu prelu -> {
                long c = prelu.slope().length;
                String slope = tensor(OnnxTensors.encode(fresh(node.name() + ".slope"),
                        rowsIn ? new long[]{1, 1, c} : new long[]{1, c, 1, 1}, prelu.slope()));
                add("PRelu", node.name(), out, List.of(x, slope));
            }
            case Op.Softmax softmax -> softmax(node, softmax, rowsIn);
            case Op.Binary binary -> binary(node, binary);
            case Op.Reduce reduce -> {
                boolean sum = reduce.kind() == Op.Reduce.Kind.SUM;
                List<String> inputs = sum
                        ? List.of(x, tensor(OnnxTensors.encode(fresh(node.name() + ".axes"), 1)))
                        : node.inputs();
                String type = switch (reduce.kind()) {
                    case SUM -> "ReduceSum";
                    case MEAN -> "ReduceMean";
                    case MAX -> "ReduceMax";
                    case L2 -> "ReduceL2";
                };
                NodeProto.Builder n = add(type, node.name(), out, inputs).addAttribute(integer("keepdims", 1));
                if (!sum) {
                    n.addAttribute(integers("axes", 1));
                }
            }
            case Op.SelectChannels select -> {
                String index = tensor(OnnxTensors.encode(fresh(node.name() + ".channels"),
                        Arrays.stream(select.channels()).asLongStream().toArray()));
                add("Gather", node.name(), out, List.of(x, index)).addAttribute(integer("axis", rowsIn ? 2 : 1));
            }
            case Op.MaxPool pool -> window(add("MaxPool", node.name(), out, node.inputs()), pool.window(),
                    pool.window().dilationH() > 1 || pool.window().dilationW() > 1);
            case Op.AveragePool pool -> {
                need(pool.window().dilationH() == 1 && pool.window().dilationW() == 1,
                        "a dilated mean cannot be written");
                window(add("AveragePool", node.name(), out, node.inputs()), pool.window(), false)
                        .addAttribute(integer("count_include_pad", pool.countPadding() ? 1 : 0));
            }
            case Op.GlobalAverage average -> add("GlobalAveragePool", node.name(), out, node.inputs());
            case Op.Resize resize -> resize(node, resize);
            case Op.Pad pad -> {
                String pads = tensor(OnnxTensors.encode(fresh(node.name() + ".pads"), 0, 0, pad.top(), pad.left(), 0, 0,
                        pad.bottom(), pad.right()));
                add("Pad", node.name(), out, List.of(x, pads)).addAttribute(text("mode", switch (pad.fill()) {
                    case ZERO -> "constant";
                    case EDGE -> "edge";
                    case REFLECT -> "reflect";
                }));
            }
            case Op.Crop crop -> add("Slice", node.name(), out, List.of(x,
                    tensor(OnnxTensors.encode(fresh(node.name() + ".starts"), crop.top(), crop.left())),
                    tensor(OnnxTensors.encode(fresh(node.name() + ".ends"),
                            crop.top() + (crop.height() - 1L) * crop.stepH() + 1,
                            crop.left() + (crop.width() - 1L) * crop.stepW() + 1)),
                    tensor(OnnxTensors.encode(fresh(node.name() + ".axes"), 2, 3)),
                    tensor(OnnxTensors.encode(fresh(node.name() + ".steps"), crop.stepH(), crop.stepW()))));
            case Op.Spread spread -> {
                int c = graph.shape(x).channels();
                float[] ones = new float[c];
                Arrays.fill(ones, 1f);
                String weights = tensor(
                        OnnxTensors.encode(fresh(node.name() + ".weight"), new long[]{c, 1, 1, 1}, ones));
                add("ConvTranspose", node.name(), out, List.of(x, weights)).addAttribute(integer("group", c))
                        .addAttribute(integers("kernel_shape", 1, 1))
                        .addAttribute(integers("strides", spread.strideH(), spread.strideW()));
            }
            case Op.HeadRows head -> {
                String moved = x;
                if (!rowsIn) {
                    moved = fresh(out + SplitNames.NHWC);
                    add("Transpose", node.name() + "/transpose", moved, List.of(x))
                            .addAttribute(integers("perm", 0, 2, 3, 1));
                }
                String shape = tensor(OnnxTensors.encode(fresh(out + "/shape"), 1, -1, head.width()));
                add("Reshape", node.name(), out, List.of(moved, shape));
            }
            case Op.JoinRows join ->
                add("Concat", node.name(), out, node.inputs()).addAttribute(integer("axis", 1));
        }
    }

    private void conv(Node node, Op.Conv conv) {
        String sum = inner(node.output(), conv.activation());
        boolean residual = node.inputs().size() == 2;
        String product = residual ? fresh(sum + SplitNames.CONV) : sum;
        Window w = conv.window();
        long perFilter = conv.weights().length / ((long) conv.outChannels() * w.taps());
        String weights = tensor(OnnxTensors.encode(fresh(node.name() + ".weight"),
                new long[]{conv.outChannels(), perFilter, w.kernelH(), w.kernelW()}, conv.weights()));
        String bias = tensor(OnnxTensors.encode(fresh(node.name() + ".bias"), new long[]{conv.outChannels()},
                conv.bias()));
        NodeProto.Builder n = add("Conv", node.name(), product, List.of(node.inputs().get(0), weights, bias));
        window(n, w, true).addAttribute(integer("group", conv.groups()));
        if (residual) {
            add("Add", node.name() + "/add", sum, List.of(product, node.inputs().get(1)));
        }
        outer(node, conv.activation(), sum);
    }

    private void affine(Node node, Op.Affine affine, boolean onRows) {
        int n = affine.scale().length;
        long[] dims = onRows ? new long[]{1, 1, n} : new long[]{1, n, 1, 1};
        boolean noScale = all(affine.scale(), 1f);
        boolean noShift = all(affine.shift(), 0f);
        String x = node.inputs().get(0);
        String scaled = noScale ? x : noShift ? node.output() : fresh(node.output() + SplitNames.SCALED);
        if (!noScale) {
            String scale = tensor(OnnxTensors.encode(fresh(node.name() + ".scale"), dims, affine.scale()));
            add("Mul", node.name(), scaled, List.of(x, scale));
        }
        if (noScale || !noShift) {
            String shift = tensor(OnnxTensors.encode(fresh(node.name() + ".shift"), dims, affine.shift()));
            add("Add", noScale ? node.name() : node.name() + "/add", node.output(), List.of(scaled, shift));
        }
    }

    /** A softmax over groups of channels needs an axis of its own in ONNX. */
    private void softmax(Node node, Op.Softmax softmax, boolean onRows) {
        Shape s = graph.shape(node.output());
        String x = node.inputs().get(0);
        if (softmax.width() == s.channels()) {
            add("Softmax", node.name(), node.output(), List.of(x)).addAttribute(integer("axis", onRows ? 2 : 1));
            return;
        }
        need(!onRows, "a softmax over parts of rows cannot be written");
        String split = fresh(node.output() + "/split");
        String soft = fresh(node.output() + SplitNames.SOFTMAX);
        String five = tensor(OnnxTensors.encode(fresh(node.name() + ".split"), 1, s.channels() / softmax.width(),
                softmax.width(), s.height(), s.width()));
        String four = tensor(OnnxTensors.encode(fresh(node.name() + ".join"), 1, s.channels(), s.height(), s.width()));
        add("Reshape", node.name() + "/split", split, List.of(x, five));
        add("Softmax", node.name(), soft, List.of(split)).addAttribute(integer("axis", 2));
        add("Reshape", node.name() + "/join", node.output(), List.of(soft, four));
    }

    private void binary(Node node, Op.Binary binary) {
        List<String> inputs = node.inputs();
        String type = switch (binary.kind()) {
            case ADD -> "Add";
            case SUB, SUB_FROM -> "Sub";
            case MUL -> "Mul";
            case DIV, DIV_INTO -> "Div";
            case MIN -> "Min";
            case MAX -> "Max";
        };
        boolean turned = binary.kind() == Op.Binary.Kind.SUB_FROM || binary.kind() == Op.Binary.Kind.DIV_INTO;
        add(type, node.name(), node.output(), turned ? List.of(inputs.get(1), inputs.get(0)) : inputs);
    }

    private void resize(Node node, Op.Resize resize) {
        Shape in = graph.shape(node.inputs().get(0));
        boolean bySize = resize.scaleH() == (float) resize.height() / in.height()
                && resize.scaleW() == (float) resize.width() / in.width();
        String scales = bySize
                ? ""
                : tensor(OnnxTensors.encode(fresh(node.name() + ".scales"), new long[]{4},
                        new float[]{1f, 1f, resize.scaleH(), resize.scaleW()}));
        String sizes = bySize
                ? tensor(OnnxTensors.encode(fresh(node.name() + ".sizes"), 1, in.channels(), resize.height(),
                        resize.width()))
                : "";
        NodeProto.Builder n = add("Resize", node.name(), node.output(),
                List.of(node.inputs().get(0), "", scales, sizes));
        OnnxResize.attributes(resize.interpolation()).forEach((key, value) -> n.addAttribute(text(key, value)));
    }

    private static boolean all(float[] values, float expected) {
        for (float v : values) {
            if (Float.floatToRawIntBits(v) != Float.floatToRawIntBits(expected)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the name of what a node's activation reads; without an activation that is the output itself. */
    private String inner(String output, Activation activation) {
        return activation.isNone() ? output : fresh(output + SplitNames.LINEAR);
    }

    private void outer(Node node, Activation activation, String inner) {
        if (!activation.isNone()) {
            activation(node.name() + "/activation", activation, inner, node.output());
        }
    }

    private void activation(String name, Activation act, String x, String out) {
        switch (act.kind()) {
            case CLIP -> {
                if (act.isNone()) {
                    add("Identity", name, out, List.of(x));
                } else if (act.equals(Activation.RELU)) {
                    add("Relu", name, out, List.of(x));
                } else {
                    add("Clip", name, out, List.of(x, scalar(name + ".min", act.low(), Float.NEGATIVE_INFINITY),
                            scalar(name + ".max", act.high(), Float.POSITIVE_INFINITY)));
                }
            }
            case LEAKY_RELU -> add("LeakyRelu", name, out, List.of(x)).addAttribute(real("alpha", act.alpha()));
            case SIGMOID -> add("Sigmoid", name, out, List.of(x));
            case HARD_SIGMOID -> add("HardSigmoid", name, out, List.of(x)).addAttribute(real("alpha", act.alpha()))
                    .addAttribute(real("beta", act.beta()));
            case HARD_SWISH -> add("HardSwish", name, out, List.of(x));
            case SILU -> {
                String gate = fresh(out + SplitNames.SIGMOID);
                add("Sigmoid", name + "/sigmoid", gate, List.of(x));
                add("Mul", name, out, List.of(x, gate));
            }
            case TANH -> add("Tanh", name, out, List.of(x));
            case ELU -> add("Elu", name, out, List.of(x)).addAttribute(real("alpha", act.alpha()));
            case SOFTPLUS -> add("Softplus", name, out, List.of(x));
            case MISH -> {
                String plus = fresh(out + "/softplus");
                String tanh = fresh(out + "/tanh");
                add("Softplus", name + "/softplus", plus, List.of(x));
                add("Tanh", name + "/tanh", tanh, List.of(plus));
                add("Mul", name, out, List.of(x, tanh));
            }
            case EXP -> add("Exp", name, out, List.of(x));
            case ABS -> add("Abs", name, out, List.of(x));
            case POWER -> add("Pow", name, out,
                    List.of(x, tensor(OnnxTensors.encode(fresh(name + ".exponent"), new long[0],
                            new float[]{act.alpha()}))));
        }
    }

    /** Returns a name that nothing else has. */
    private String fresh(String wanted) {
        String free = wanted;
        for (int i = 2; !names.add(free); i++) {
            free = wanted + "_" + i;
        }
        return free;
    }

    private String scalar(String name, float value, float open) {
        return value == open ? "" : tensor(OnnxTensors.encode(fresh(name), new long[0], new float[]{value}));
    }

    private String tensor(TensorProto tensor) {
        proto.addInitializer(tensor);
        return tensor.getName();
    }

    private NodeProto.Builder add(String type, String name, String out, List<String> inputs) {
        NodeProto.Builder node = proto.addNodeBuilder().setOpType(type).setName(name).addOutput(out);
        int used = inputs.size();
        while (inputs.get(used - 1).isEmpty()) {
            used--;
        }
        return node.addAllInput(inputs.subList(0, used));
    }

    private static NodeProto.Builder window(NodeProto.Builder node, Window w, boolean dilated) {
        node.addAttribute(integers("kernel_shape", w.kernelH(), w.kernelW()))
                .addAttribute(integers("strides", w.strideH(), w.strideW()))
                .addAttribute(integers("pads", w.padTop(), w.padLeft(), w.padBottom(), w.padRight()));
        return dilated ? node.addAttribute(integers("dilations", w.dilationH(), w.dilationW())) : node;
    }

    private ValueInfoProto info(String value) {
        Shape s = graph.shape(value);
        long[] dims = rows.contains(value)
                ? new long[]{1, s.height(), s.channels()}
                : new long[]{1, s.channels(), s.height(), s.width()};
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long d : dims) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(d));
        }
        return ValueInfoProto.newBuilder().setName(value).setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor
                .newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber()).setShape(shape))).build();
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
    }

    private static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value)
                .build();
    }

    private static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value)).build();
    }

    private static AttributeProto integers(String name, long... values) {
        AttributeProto.Builder a = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long v : values) {
            a.addInts(v);
        }
        return a.build();
    }

    private static void need(boolean condition, String message) {
        if (!condition) {
            throw new ModelFormatException(message);
        }
    }
}
