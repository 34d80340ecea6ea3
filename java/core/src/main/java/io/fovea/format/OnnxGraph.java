package io.fovea.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
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
    private final Map<String, TensorProto> initialisers = new HashMap<>();
    private final Map<String, OnnxValue> values = new HashMap<>();
    private final Set<String> consumedGates = new HashSet<>();
    private final GraphBuilder builder;
    private long derived;

    private OnnxGraph(GraphProto proto, DetectorSpec.InputSpec size, long fileBytes, boolean several) {
        this.proto = proto;
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
     * @throws ModelFormatException naming the node or value that cannot be used
     */
    static Graph read(GraphProto proto, DetectorSpec.InputSpec size, long fileBytes) {
        return read(proto, size, fileBytes, false);
    }

    /** Reads a part of a graph, which may have several inputs; all sizes are fixed. */
    static Graph readPart(GraphProto proto, long fileBytes) {
        return read(proto, null, fileBytes, true);
    }

    private static Graph read(GraphProto proto, DetectorSpec.InputSpec size, long fileBytes, boolean several) {
        try {
            return new OnnxGraph(proto, size, fileBytes, several).read();
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
            case OnnxValue.FeatureMap map -> map.value();
            case OnnxValue.Rows rows -> rows.value();
            case null -> throw new ModelFormatException("output '" + name + "' is written by no node");
            default -> throw new ModelFormatException(
                    "output '" + name + "' is neither a feature map [1, C, H, W] nor rows [1, N, K]");
        };
    }

    /** Drops the sigmoids that became part of a SiLU and that nothing else reads. */
    private Graph dropGates(Graph graph) {
        if (consumedGates.isEmpty()) {
            return graph;
        }
        Set<String> read = new HashSet<>(graph.outputs());
        graph.nodes().forEach(n -> read.addAll(n.inputs()));
        return graph.withNodes(graph.nodes().stream()
                .filter(n -> read.contains(n.output()) || !consumedGates.contains(n.output())).toList());
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

    /** Notes the meaning of a node's first output. */
    void define(NodeProto node, OnnxValue value) {
        if (node.getOutputCount() == 0 || node.getOutput(0).isEmpty()) {
            throw new ModelFormatException("has no output");
        }
        for (int i = 1; i < node.getOutputCount(); i++) {
            String extra = node.getOutput(i);
            if (!extra.isEmpty() && proto.getNodeList().stream().anyMatch(n -> n.getInputList().contains(extra))) {
                throw new ModelFormatException("its output " + i + " is read, which is not supported");
            }
        }
        if (initialisers.containsKey(node.getOutput(0)) || values.putIfAbsent(node.getOutput(0), value) != null) {
            throw new ModelFormatException("writes '" + node.getOutput(0) + "', which exists already");
        }
    }

    /** Adds a graph node for an ONNX node, whose output is a map, or rows when {@code rows}. */
    void emit(NodeProto node, String name, Op op, boolean rows, String... inputs) {
        String output = node.getOutputCount() == 0 ? "" : node.getOutput(0);
        define(node, rows ? new OnnxValue.Rows(output) : new OnnxValue.FeatureMap(output));
        try {
            builder.add(name, op, output, List.of(inputs));
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
