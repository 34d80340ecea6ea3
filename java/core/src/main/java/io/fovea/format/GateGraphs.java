package io.fovea.format;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.fovea.graph.Graph;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A gate's ONNX graph may have several inputs, none of which meets another; ours have one each. */
final class GateGraphs {
    private static final String CONSTANT = "";

    private GateGraphs() {
    }

    /**
     * Splits a graph into one per input, in the order of the inputs.
     *
     * @throws ModelFormatException if two inputs meet in a node, or an input reaches no output
     */
    static List<GraphProto> split(GraphProto proto) {
        Set<String> constants = new HashSet<>();
        proto.getInitializerList().forEach(t -> constants.add(t.getName()));
        Map<String, GraphProto.Builder> parts = new LinkedHashMap<>();
        Map<String, String> source = new HashMap<>();
        for (ValueInfoProto input : proto.getInputList()) {
            if (!constants.contains(input.getName())) {
                parts.put(input.getName(), GraphProto.newBuilder().setName(proto.getName()).addInput(input)
                        .addAllInitializer(proto.getInitializerList()));
                source.put(input.getName(), input.getName());
            }
        }
        if (parts.isEmpty()) {
            throw new ModelFormatException("the graph has no input");
        }
        for (NodeProto node : proto.getNodeList()) {
            String from = CONSTANT;
            for (String value : node.getInputList()) {
                String other = source.getOrDefault(value, CONSTANT);
                if (!from.equals(CONSTANT) && !other.equals(CONSTANT) && !from.equals(other)) {
                    throw new ModelFormatException("node '" + node.getName() + "' (" + node.getOpType() + ") joins '"
                            + from + "' and '" + other + "'; each logit map is computed from one value");
                }
                from = from.equals(CONSTANT) ? other : from;
            }
            for (String output : node.getOutputList()) {
                source.put(output, from);
            }
            if (from.equals(CONSTANT)) {
                parts.values().forEach(part -> part.addNode(node));
            } else {
                parts.get(from).addNode(node);
            }
        }
        for (ValueInfoProto output : proto.getOutputList()) {
            String from = source.getOrDefault(output.getName(), CONSTANT);
            if (from.equals(CONSTANT)) {
                throw new ModelFormatException("output '" + output.getName() + "' depends on no input");
            }
            parts.get(from).addOutput(output);
        }
        parts.forEach((input, part) -> {
            if (part.getOutputCount() == 0) {
                throw new ModelFormatException("no output depends on input '" + input + "'");
            }
        });
        return parts.values().stream().map(GraphProto.Builder::build).toList();
    }

    /**
     * Makes one ONNX graph of several.
     *
     * @throws ModelFormatException if two use one name
     */
    static GraphProto merge(List<Graph> graphs) {
        GraphProto.Builder whole = GraphProto.newBuilder();
        Set<String> names = new HashSet<>();
        for (Graph graph : graphs) {
            GraphProto part = new OnnxGraphWriter(graph).write();
            part.getInputList().forEach(i -> once(names, i.getName()));
            for (TensorProto t : part.getInitializerList()) {
                once(names, t.getName());
            }
            part.getNodeList().forEach(n -> n.getOutputList().forEach(o -> once(names, o)));
            whole.setName(part.getName()).addAllInput(part.getInputList())
                    .addAllInitializer(part.getInitializerList()).addAllNode(part.getNodeList())
                    .addAllValueInfo(part.getValueInfoList()).addAllOutput(part.getOutputList());
        }
        return whole.build();
    }

    private static void once(Set<String> names, String name) {
        if (!names.add(name)) {
            throw new ModelFormatException("two graphs of the gate use the name '" + name + "'");
        }
    }
}
