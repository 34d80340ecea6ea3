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

/** A gate's ONNX graph may have several inputs; those that meet make one graph of ours. */
final class GateGraphs {
    private GateGraphs() {
    }

    /**
     * Splits a graph into parts that share no value, in the order of their first inputs.
     *
     * @throws ModelFormatException if an input reaches no output, or an output depends on no input
     */
    static List<GraphProto> split(GraphProto proto) {
        Set<String> constants = new HashSet<>();
        proto.getInitializerList().forEach(t -> constants.add(t.getName()));
        List<ValueInfoProto> inputs = proto.getInputList().stream().filter(i -> !constants.contains(i.getName()))
                .toList();
        if (inputs.isEmpty()) {
            throw new ModelFormatException("the graph has no input");
        }
        // Each value's part is named by an input; parts that meet in a node are joined.
        Map<String, String> parts = new HashMap<>();
        inputs.forEach(i -> parts.put(i.getName(), i.getName()));
        for (NodeProto node : proto.getNodeList()) {
            String part = null;
            for (String value : node.getInputList()) {
                String other = parts.get(value);
                if (part != null && other != null && !part.equals(other)) {
                    String kept = part;
                    parts.replaceAll((v, p) -> p.equals(other) ? kept : p);
                }
                part = part == null ? other : part;
            }
            for (String output : node.getOutputList()) {
                if (part != null) {
                    parts.put(output, part);
                }
            }
        }
        Map<String, GraphProto.Builder> graphs = new LinkedHashMap<>();
        for (ValueInfoProto input : inputs) {
            graphs.computeIfAbsent(parts.get(input.getName()), p -> GraphProto.newBuilder().setName(proto.getName())
                    .addAllInitializer(proto.getInitializerList())).addInput(input);
        }
        for (NodeProto node : proto.getNodeList()) {
            String part = node.getOutputCount() == 0 ? null : parts.get(node.getOutput(0));
            graphs.forEach((name, graph) -> {
                if (part == null || part.equals(name)) {
                    graph.addNode(node);
                }
            });
        }
        for (ValueInfoProto output : proto.getOutputList()) {
            if (!parts.containsKey(output.getName())) {
                throw new ModelFormatException("output '" + output.getName() + "' depends on no input");
            }
            graphs.get(parts.get(output.getName())).addOutput(output);
        }
        graphs.values().forEach(graph -> {
            if (graph.getOutputCount() == 0) {
                throw new ModelFormatException("no output depends on input '" + graph.getInput(0).getName() + "'");
            }
        });
        return graphs.values().stream().map(GraphProto.Builder::build).toList();
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
