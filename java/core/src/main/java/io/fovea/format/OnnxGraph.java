package io.fovea.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.GraphException;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads one ONNX {@code GraphProto}: names, constants and the walk over the nodes; {@link OnnxOperators} reads each node. */
final class OnnxGraph {
    /** Values that may be derived from constants of the file beyond their own size, for instance a scalar spread over channels. */
    private static final long DERIVED_VALUES = 1L << 24;

    private final GraphProto proto;
    private final long opset;
    private final Map<String, TensorProto> initialisers = new HashMap<>();
    private final Map<String, OnnxValue> values = new HashMap<>();
    private final Set<String> consumedGates = new HashSet<>();
    private final GraphBuilder builder;
    private long derived;
    private Set<String> read;

    private OnnxGraph(GraphProto proto, DetectorSpec.InputSpec size, long fileBytes, long opset, boolean several) {
        this.proto = proto;
        this.opset = opset;
        this.derived = DERIVED_VALUES + fileBytes;
        for (TensorProto t : proto.getInitializerList()) {
            if (initialisers.put(t.getName(), t) != null) {
                throw new ModelFormatException("initialiser '" + t.getName() + "' occurs twice");
            }
        }
        if (proto.getSparseInitializerCount() > 0) {
            throw new ModelFormatException("sparse initialisers are not supported");
        }
        List<ValueInfoProto> inputs = proto.getInputList().stream().filter(i -> !initialisers.containsKey(i.getName()))
                .toList();
        if (inputs.size() != 1 && !(several && inputs.size() > 1)) {
            throw new ModelFormatException("the graph has " + inputs.size() + " inputs "
                    + inputs.stream().map(ValueInfoProto::getName).limit(8).toList() + ", one image is supported");
        }
        String input = inputs.get(0).getName();
        this.builder = new GraphBuilder(proto.getName(), input, inputShape(inputs.get(0), size));
        values.put(input, new OnnxValue.FeatureMap(input));
        for (ValueInfoProto more : inputs.subList(1, inputs.size())) {
            builder.addInput(more.getName(), inputShape(more, size));
            values.put(more.getName(), new OnnxValue.FeatureMap(more.getName()));
        }
    }

    /**
     * Reads a graph.
     *
     * @param size gives height and width where the file leaves them open; may be null
     * @param opset version of the operators
     * @throws ModelFormatException naming the node or value that cannot be used
     */
    static Graph read(GraphProto proto, DetectorSpec.InputSpec size, long fileBytes, long opset) {
        return read(proto, size, fileBytes, opset, false);
    }

    /** Reads a part of a graph, which may have several inputs; all sizes are fixed. */
    static Graph readPart(GraphProto proto, long fileBytes, long opset) {
        return read(proto, null, fileBytes, opset, true);
    }

    private static Graph read(GraphProto proto, DetectorSpec.InputSpec size, long fileBytes, long opset,
            boolean several) {
        try {
            return new OnnxGraph(proto, size, fileBytes, opset, several).read();
        } catch (GraphException e) {
            throw new ModelFormatException(e.getMessage(), e);
        }
    }

    private Graph read() {
        int index = 0;
        for (NodeProto node : proto.getNodeList()) {
            String name = node.getName().isEmpty() ? node.getOpType() + "_" + index : node.getName();
            try {
                if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
                    throw new ModelFormatException("operators of domain '" + node.getDomain() + "' are not supported");
                }
                OnnxOperators.read(this, node, name);
            } catch (ModelFormatException e) {
                throw new ModelFormatException("node '" + name + "' (" + node.getOpType() + "): " + e.getMessage(), e);
            }
            index++;
        }
        List<String> outputs = new ArrayList<>();
        for (ValueInfoProto output : proto.getOutputList()) {
            outputs.add(output(output.getName()));
        }
        if (outputs.isEmpty()) {
            throw new ModelFormatException("the graph has no output");
        }
        Graph graph = builder.build(outputs);
        return SplitNames.rejoin(dropGates(graph));
    }

    private String output(String name) {
        return switch (values.get(name)) {
            case OnnxValue.FeatureMap map -> named(map.value(), name);
            case OnnxValue.Rows rows -> named(rows.value(), name);
            case OnnxValue.Contiguous c -> OnnxShaping.rowsOf(this, name, c);
            case null -> throw new ModelFormatException("output '" + name + "' is written by no node");
            default -> throw new ModelFormatException(
                    "output '" + name + "' is neither a feature map [1, C, H, W] nor rows [1, N, K]");
        };
    }

    /** Gives an output that is another name for a value a node of its own. */
    private String named(String value, String name) {
        return value.equals(name) || builder.has(name)
                ? value
                : builder.add(name, new Op.Activate(Activation.NONE), name, value);
    }

    /** Drops the sigmoids that became part of a SiLU and that nothing else reads. */
    private Graph dropGates(Graph graph) {
        if (consumedGates.isEmpty()) {
            return graph;
        }
        Graph before;
        Graph after = graph;
        do {
            before = after;
            Set<String> needed = new HashSet<>(after.outputs());
            after.nodes().forEach(n -> needed.addAll(n.inputs()));
            after = after.withNodes(after.nodes().stream()
                    .filter(n -> needed.contains(n.output()) || !consumedGates.contains(n.output())).toList());
        } while (after.nodes().size() < before.nodes().size());
        return after;
    }

    private static Shape inputShape(ValueInfoProto input, DetectorSpec.InputSpec size) {
        String place = "input '" + input.getName() + "'";
        TypeProto.Tensor type = input.getType().getTensorType();
        if (!input.getType().hasTensorType() || type.getElemType() != TensorProto.DataType.FLOAT.getNumber()) {
            throw new ModelFormatException(place + " is not a float32 tensor");
        }
        if (type.getShape().getDimCount() != 4) {
            throw new ModelFormatException(
                    place + " has " + type.getShape().getDimCount() + " axes; [1, C, H, W] is needed");
        }
        long batch = dim(type.getShape().getDim(0), 1);
        long channels = dim(type.getShape().getDim(1), 0);
        long height = dim(type.getShape().getDim(2), size == null ? 0 : size.height());
        long width = dim(type.getShape().getDim(3), size == null ? 0 : size.width());
        if (batch != 1) {
            throw new ModelFormatException(place + " has batch size " + batch + "; 1 is supported");
        }
        if (channels < 1 || height < 1 || width < 1 || channels > 1 << 16 || height > 1 << 16 || width > 1 << 16) {
            throw new ModelFormatException(place + " has shape [1, " + channels + ", " + height + ", " + width
                    + "]; each size must be fixed and within 1..65536");
        }
        return new Shape((int) height, (int) width, (int) channels);
    }

    private static long dim(TensorShapeProto.Dimension dim, long open) {
        return dim.hasDimValue() && dim.getDimValue() > 0 ? dim.getDimValue() : open;
    }

    // What OnnxOperators reads and writes.

    GraphBuilder builder() {
        return builder;
    }

    /** Returns the value of a node's input. */
    OnnxValue value(NodeProto node, int i) {
        OnnxValue value = optional(node, i);
        if (value == null) {
            throw new ModelFormatException("input " + i + " is missing");
        }
        return value;
    }

    /** Returns the value of a node's input, or null when the node leaves it out. */
    OnnxValue optional(NodeProto node, int i) {
        if (i >= node.getInputCount() || node.getInput(i).isEmpty()) {
            return null;
        }
        String name = node.getInput(i);
        OnnxValue value = values.get(name);
        if (value == null) {
            TensorProto t = initialisers.get(name);
            if (t == null) {
                throw new ModelFormatException(
                        "reads '" + name + "', which no initialiser holds and no node before it writes");
            }
            value = new OnnxValue.Constant(OnnxTensors.decode(t));
            values.put(name, value);
        }
        return value;
    }

    /** Returns a node's input as a constant, or null when the node leaves it out. */
    Tensor constant(NodeProto node, int i) {
        return switch (optional(node, i)) {
            case null -> null;
            case OnnxValue.Constant c -> c.tensor();
            default -> throw new ModelFormatException("input " + i + " ('" + node.getInput(i) + "') must be constant");
        };
    }

    /** Returns a node's input as a float constant that must be there. */
    Tensor weights(NodeProto node, int i) {
        Tensor t = constant(node, i);
        if (t == null || !t.isFloat()) {
            throw new ModelFormatException("input " + i + " must be a float constant");
        }
        return t;
    }

    /** Returns a node's input as the graph value of a feature map. */
    String map(NodeProto node, int i) {
        if (value(node, i) instanceof OnnxValue.FeatureMap map) {
            return map.value();
        }
        throw new ModelFormatException("input " + i + " ('" + node.getInput(i) + "') is no feature map [1, C, H, W]");
    }

    /** Counts values that are made from constants, so that a small file cannot ask for unbounded memory. */
    void derive(long count) {
        derived -= count;
        if (derived < 0) {
            throw new ModelFormatException("spreads its constants over more values than the file's size allows");
        }
    }

    /** Returns the version of the file's operators. */
    long opset() {
        return opset;
    }

    /** Notes the meaning of a node's first output, which must be the only one that is read. */
    void define(NodeProto node, OnnxValue value) {
        for (int i = 1; i < node.getOutputCount(); i++) {
            String extra = node.getOutput(i);
            if (!extra.isEmpty() && namesRead().contains(extra)) {
                throw new ModelFormatException("its output " + i + " is read, which is not supported");
            }
        }
        define(node, 0, value);
    }

    private Set<String> namesRead() {
        if (read == null) {
            read = new HashSet<>();
            proto.getNodeList().forEach(n -> read.addAll(n.getInputList()));
        }
        return read;
    }

    /** Notes the meaning of one of a node's outputs. */
    void define(NodeProto node, int i, OnnxValue value) {
        if (node.getOutputCount() <= i || node.getOutput(i).isEmpty()) {
            throw new ModelFormatException("has no output" + (i == 0 ? "" : " " + i));
        }
        if (initialisers.containsKey(node.getOutput(i)) || values.putIfAbsent(node.getOutput(i), value) != null) {
            throw new ModelFormatException("writes '" + node.getOutput(i) + "', which exists already");
        }
    }

    /** Adds a graph node for an ONNX node, whose output is a map, or rows when {@code rows}. */
    void emit(NodeProto node, String name, Op op, boolean rows, String... inputs) {
        String output = node.getOutputCount() == 0 ? "" : node.getOutput(0);
        define(node, rows ? new OnnxValue.Rows(output) : new OnnxValue.FeatureMap(output));
        add(name, op, output, inputs);
    }

    /** As above for one of several outputs. */
    void emit(NodeProto node, int i, String name, Op op, boolean rows, String... inputs) {
        String output = node.getOutputCount() <= i ? "" : node.getOutput(i);
        define(node, i, rows ? new OnnxValue.Rows(output) : new OnnxValue.FeatureMap(output));
        add(name, op, output, inputs);
    }

    /** Adds a graph node for a part of an ONNX node; returns {@code output}. */
    String add(String name, Op op, String output, String... inputs) {
        try {
            return builder.add(name, op, output, List.of(inputs));
        } catch (GraphException e) {
            String message = e.getMessage();
            throw new ModelFormatException(message.substring(message.indexOf("): ") + 1).replaceFirst("^: ", ""), e);
        }
    }

    /** Notes that a sigmoid's value is part of a SiLU or hard swish. */
    void consumeGate(String value) {
        consumedGates.add(value);
    }

    /** Returns the value attribute of a Constant node. */
    static Tensor constantAttribute(OnnxAttributes attributes) {
        AttributeProto a;
        if ((a = attributes.get("value")) != null) {
            return OnnxTensors.decode(a.getT());
        } else if ((a = attributes.get("value_float")) != null) {
            return Tensor.of(new int[0], a.getF());
        } else if ((a = attributes.get("value_int")) != null) {
            return Tensor.of(new int[0], new long[]{a.getI()});
        } else if ((a = attributes.get("value_floats")) != null) {
            float[] v = new float[a.getFloatsCount()];
            for (int i = 0; i < v.length; i++) {
                v[i] = a.getFloats(i);
            }
            return Tensor.of(new int[]{v.length}, v);
        } else if ((a = attributes.get("value_ints")) != null) {
            long[] v = a.getIntsList().stream().mapToLong(Long::longValue).toArray();
            return Tensor.of(new int[]{v.length}, v);
        }
        throw new ModelFormatException("has none of value, value_float, value_floats, value_int, value_ints");
    }
}
