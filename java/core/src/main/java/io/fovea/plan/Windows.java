package io.fovea.plan;

import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which values of a graph are read through tables, so that inactive sites of them need a background. Stateless, thread-safe. */
public final class Windows {
    private Windows() {
    }

    /**
     * Returns the values, in the order in which they are read; the input is none of them, since it has no inactive sites.
     *
     * @param graph an optimised graph
     */
    public static Set<String> read(Graph graph) {
        Set<String> values = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            if (Lowering.reach(graph, node) != null && !node.inputs().getFirst().equals(graph.input())) {
                values.add(node.inputs().getFirst());
            }
        }
        return values;
    }
}
