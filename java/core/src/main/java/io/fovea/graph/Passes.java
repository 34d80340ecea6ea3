package io.fovea.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites of a graph that keep what it computes (up to the rounding of folded constants) and leave fewer, larger nodes: affine
 * steps are folded into the convolution before or after them, activations into the convolution or addition that feeds them,
 * residual additions into the convolution that feeds them, what is computed on head rows moves to their maps, and nodes that no output needs are dropped. Input and outputs keep
 * their names. Stateless and thread-safe; a graph that nothing applies to is returned as it is.
 */
public final class Passes {
    private Passes() {
    }

    /**
     * Applies all rewrites until none applies.
     *
     * @return an equivalent graph; names of inner values may be gone
     */
    public static Graph optimise(Graph graph) {
        Graph before;
        Graph after = dropDead(graph);
        do {
            before = after;
            after = RowSinking.sweep(after);
        } while (after != before);
        do {
            before = after;
            after = dropDead(new Fusion(after).run());
            // Only what found no place behind a convolution goes into the convolutions that read it.
            after = after == before ? ChannelSelection.fold(AffineFolding.intoReaders(after)) : after;
        } while (after != before);
        return after;
    }

    /** Returns the graph without the nodes that no output depends upon. */
    public static Graph dropDead(Graph graph) {
        Set<String> needed = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(graph.outputs());
        while (!open.isEmpty()) {
            String value = open.pop();
            Node writer = needed.add(value) ? graph.writer(value) : null;
            if (writer != null) {
                open.addAll(writer.inputs());
            }
        }
        List<Node> kept = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (needed.contains(node.output())) {
                kept.add(node);
            }
        }
        return kept.size() == graph.nodes().size() ? graph : graph.withNodes(kept);
    }

    /** Returns how often each value is read; an output counts as one more read. */
    static Map<String, Integer> readCounts(Graph graph) {
        Map<String, Integer> counts = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (String value : node.inputs()) {
                counts.merge(value, 1, Integer::sum);
            }
        }
        for (String value : graph.outputs()) {
            counts.merge(value, 1, Integer::sum);
        }
        return counts;
    }
}
