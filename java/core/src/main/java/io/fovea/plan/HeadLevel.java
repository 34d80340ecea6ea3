package io.fovea.plan;

import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of a net that computes nothing but one feature map's rows of boxes and scores: from its outputs back over pointwise
 * convolutions to the first window, that window included. Its sites can be chosen by themselves, since no other value reads them.
 *
 * @param input value that the scores' branch starts from
 * @param values outputs of the level's nodes
 */
public record HeadLevel(String input, Set<String> values) {
    public HeadLevel {
        values = Set.copyOf(values);
    }

    /**
     * Returns the levels of a graph in the order of the output rows; empty if its outputs are not joined level by level.
     *
     * @param graph the (optimised) graph
     * @param boxes name of the boxes output
     * @param scores name of the scores output
     */
    public static List<HeadLevel> of(Graph graph, String boxes, String scores) {
        List<String> boxPieces = pieces(graph, boxes);
        List<String> scorePieces = pieces(graph, scores);
        if (boxPieces.size() != scorePieces.size()) {
            return List.of();
        }
        List<HeadLevel> levels = new ArrayList<>();
        for (int p = 0; p < scorePieces.size(); p++) {
            Set<String> values = new HashSet<>();
            walk(graph, boxPieces.get(p), values);
            String input = walk(graph, scorePieces.get(p), values);
            levels.add(new HeadLevel(input, values));
        }
        return levels;
    }

    /** Returns the outputs of all nodes that compute a level's boxes or scores, whichever of the graph's outputs that is. */
    public static Set<String> allValues(Graph graph) {
        Set<String> values = new HashSet<>();
        graph.outputs().forEach(output -> pieces(graph, output).forEach(piece -> walk(graph, piece, values)));
        return values;
    }

    private static List<String> pieces(Graph graph, String output) {
        Node writer = graph.writer(output);
        return writer != null && writer.op() instanceof Op.JoinRows ? writer.inputs() : List.of(output);
    }

    private static String walk(Graph graph, String piece, Set<String> values) {
        Node node = graph.writer(piece);
        if (node == null || !(node.op() instanceof Op.HeadRows)) {
            return piece;
        }
        String value = node.inputs().getFirst();
        while (true) {
            Node writer = graph.writer(value);
            if (writer == null || graph.readers(value).size() != 1 || graph.outputs().contains(value)
                    || writer.inputs().size() != 1) {
                return value;
            }
            boolean spatial = Lowering.reach(graph, writer) != null;
            boolean convolution = writer.op() instanceof Op.Conv;
            String input = writer.inputs().getFirst();
            boolean sameSites = graph.shape(input).height() == graph.shape(value).height()
                    && graph.shape(input).width() == graph.shape(value).width();
            if (!convolution || spatial && !sameSites || input.equals(graph.input())) {
                return value;
            }
            values.add(value);
            value = input;
            if (spatial) {
                return value;
            }
        }
    }
}
