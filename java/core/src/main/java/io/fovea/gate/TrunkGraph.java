package io.fovea.gate;

import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphException;
import io.fovea.graph.Node;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A detector's first blocks at another input size, with its own weights, and a gate's graph on top of them. Stateless, thread-safe. */
public final class TrunkGraph {
    private TrunkGraph() {
    }

    /**
     * Cuts a graph at some of its values and lets it start from an input of another size. Windows stay as they are.
     *
     * @param graph the detector's
     * @param height of the other input
     * @param width of the other input
     * @param values the values that become outputs
     * @throws ModelFormatException if the graph has no such value, or does not work at that size
     */
    public static Graph cut(Graph graph, int height, int width, Collection<String> values) {
        for (String value : values) {
            if (!value.equals(graph.input()) && graph.writer(value) == null) {
                throw new ModelFormatException("the gate reads '" + value + "', and the net has no such value");
            }
        }
        List<String> outputs = new ArrayList<>(new LinkedHashSet<>(values));
        Graph whole = new Graph(graph.name(), graph.input(), graph.inputShape(), graph.nodes(), outputs);
        try {
            Shape input = new Shape(height, width, graph.inputShape().channels());
            return new Graph(graph.name(), graph.input(), input, Passes.dropDead(whole).nodes(), outputs);
        } catch (GraphException e) {
            throw new ModelFormatException("the detector's first blocks do not work at an input of " + width + "x"
                    + height + ": " + e.getMessage(), e);
        }
    }

    /** A joined graph and the names that a gate's logit maps have in it. */
    record Joined(Graph graph, List<String> logits) {}

    /**
     * Joins a gate's graph with the detector's first blocks. Nodes and values of the gate get a prefix that no value of the detector has.
     *
     * @param detector the detector's graph
     * @param gate the gate
     * @param exposed values of the detector that become outputs as well
     */
    static Joined join(Graph detector, GateModel gate, Collection<String> exposed) {
        GateSpec spec = gate.spec();
        Set<String> wanted = new LinkedHashSet<>(spec.reads());
        wanted.addAll(exposed);
        Graph trunk = cut(detector, spec.inputHeight(), spec.inputWidth(), wanted);
        List<Node> nodes = new ArrayList<>(trunk.nodes());
        List<String> logits = new ArrayList<>();
        String prefix = prefix(detector);
        for (Graph head : gate.heads()) {
            Map<String, String> renamed = new HashMap<>();
            for (String input : head.inputs()) {
                Shape from = trunk.shape(input);
                if (!from.equals(head.shape(input))) {
                    throw new ModelFormatException("the gate reads '" + input + "' as " + head.shape(input)
                            + ", the detector computes it as " + from + " from an input of " + spec.inputWidth() + "x"
                            + spec.inputHeight());
                }
                renamed.put(input, input);
            }
            for (Node node : head.nodes()) {
                renamed.put(node.output(), prefix + node.output());
                nodes.add(new Node(prefix + node.name(), node.op(),
                        node.inputs().stream().map(renamed::get).toList(), prefix + node.output()));
            }
            head.outputs().forEach(o -> logits.add(renamed.get(o)));
        }
        List<String> outputs = new ArrayList<>(logits);
        outputs.addAll(exposed);
        return new Joined(new Graph(trunk.name() + "+gate", trunk.input(), trunk.inputShape(), nodes, outputs),
                logits);
    }

    private static String prefix(Graph detector) {
        String prefix = "gate/";
        while (true) {
            String tried = prefix;
            if (detector.nodes().stream().noneMatch(n -> n.output().startsWith(tried) || n.name().startsWith(tried))) {
                return prefix;
            }
            prefix = "g" + prefix;
        }
    }
}
