package io.fovea.graph;

import java.util.List;

/**
 * What a node costs when every site is computed (the books' dense MACs) and how many parameters it holds.
 *
 * @param macs multiply-accumulates of convolutions; 0 for operators that only add, compare or move values
 * @param parameters weights and biases
 */
public record Cost(long macs, long parameters) {

    /** Returns the cost of one node of a graph. */
    public static Cost of(Graph graph, Node node) {
        Shape in = graph.shape(node.inputs().get(0));
        Shape out = graph.shape(node.output());
        return switch (node.op()) {
            case Op.Conv conv -> new Cost(
                    (long) out.values() * (in.channels() / conv.groups()) * conv.window().taps(),
                    (long) conv.weights().length + conv.bias().length);
            case Op.Affine affine -> new Cost(0, (long) affine.scale().length + affine.shift().length);
            default -> new Cost(0, 0);
        };
    }

    /** Returns the cost of a whole graph. */
    public static Cost of(Graph graph) {
        List<Cost> all = graph.nodes().stream().map(node -> of(graph, node)).toList();
        return new Cost(all.stream().mapToLong(Cost::macs).sum(), all.stream().mapToLong(Cost::parameters).sum());
    }
}
