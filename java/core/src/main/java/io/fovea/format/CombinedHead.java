package io.fovea.format;

import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Outputs that hold boxes and scores side by side, as YOLO nets write them: maps of {@code anchors * (4 + columns)} channels, or rows of
 * {@code 4 + columns} values. They are cut apart when a file is read.
 *
 * @param names the outputs, in the order of the feature maps
 */
record CombinedHead(List<String> names) {

    /** Returns the graph with a boxes and a scores output in place of the combined ones. */
    Graph split(Graph graph, DetectorSpec spec) {
        if (graph.outputs().contains(spec.boxesOutput()) && graph.outputs().contains(spec.scoresOutput())) {
            return graph;
        }
        int width = 4 + spec.classes().size();
        List<Node> nodes = new ArrayList<>(graph.nodes());
        List<String> rows = new ArrayList<>();
        for (String name : names) {
            if (!graph.outputs().contains(name)) {
                throw new ModelFormatException("detector spec.outputs.combined: the graph has no output '" + name
                        + "', it has " + graph.outputs());
            }
            Shape s = graph.shape(name);
            if (s.channels() % width != 0) {
                throw new ModelFormatException("detector spec.outputs.combined: output '" + name + "' has "
                        + s.channels() + " channels, no multiple of 4 box values and " + spec.classes().size()
                        + " classes");
            }
            Node writer = graph.writer(name);
            boolean isRows = writer != null && (writer.op() instanceof Op.HeadRows
                    || writer.op() instanceof Op.JoinRows);
            if (!isRows) {
                nodes.add(new Node(name + "/rows", new Op.HeadRows(width), List.of(name), name + "/rows"));
            }
            rows.add(isRows ? name : name + "/rows");
        }
        String joined = "fovea/joined";
        nodes.add(new Node(joined, new Op.JoinRows(), rows, joined));
        nodes.add(new Node(spec.boxesOutput(), new Op.SelectChannels(IntStream.range(0, 4).toArray()), List.of(joined),
                spec.boxesOutput()));
        nodes.add(new Node(spec.scoresOutput(), new Op.SelectChannels(IntStream.range(4, width).toArray()),
                List.of(joined), spec.scoresOutput()));
        return new Graph(graph.name(), graph.input(), graph.inputShape(), nodes,
                List.of(spec.boxesOutput(), spec.scoresOutput()));
    }
}
