package io.fovea.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphException;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * A {@link Graph} as a differentiable function over batches, and its parameters. Feature maps are {@code [N][C][H][W]}, head rows
 * {@code [N][rows][width]}, float32. Every operator of the graph package is there, and the results equal the engine's within 1e-4.
 *
 * <p>Parameters live in the manager given; intermediate values in the manager of the values given to {@link #run}, so run inside a scope
 * ({@code ai.djl.ndarray.NDScope}, or a sub manager) that is closed after each step. Not thread-safe.
 */
public final class TrainableGraph {
    private final Graph graph;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();

    /**
     * One array that training may change.
     *
     * @param name the node's name and which of its arrays: {@code /weight}, {@code /bias}, {@code /scale} or {@code /shift}
     * @param node name of the node
     * @param array its values; {@code [out][in / groups][kh][kw]} for a weight, {@code [channels]} for the others
     */
    public record Parameter(String name, String node, NDArray array) {}

    /** Changes what a node gives, before others read it; for example puts a background where a mask leaves no site. */
    @FunctionalInterface
    public interface Rewrite {
        /**
         * Called for each value computed.
         *
         * @param value name of the value
         * @param computed what the node gave
         * @return what others read, in the same shape; {@code computed} itself to change nothing
         */
        NDArray apply(String value, NDArray computed);
    }

    /**
     * Takes over a graph's weights; all of them train.
     *
     * @param manager holds the parameters
     */
    public TrainableGraph(Graph graph, NDManager manager) {
        this(graph, manager, node -> true);
    }

    /**
     * Takes over a graph's weights.
     *
     * @param manager holds the parameters
     * @param trains says for which nodes gradients are kept
     */
    public TrainableGraph(Graph graph, NDManager manager, Predicate<Node> trains) {
        this(graph, manager, (node, kind) -> trains.test(node));
    }

    /**
     * Takes over a graph's weights.
     *
     * @param manager holds the parameters
     * @param trains says for which arrays of which nodes gradients are kept; an array by its kind as in {@link Parameter}: {@code /weight},
     * {@code /bias}, {@code /scale} or {@code /shift}
     */
    public TrainableGraph(Graph graph, NDManager manager, BiPredicate<Node, String> trains) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            switch (node.op()) {
                case Op.Conv c -> {
                    long[] shape = {c.outChannels(),
                            c.weights().length / ((long) c.outChannels() * c.window().taps()), c.window().kernelH(),
                            c.window().kernelW()};
                    add(node, "/weight", c.weights(), shape, manager, trains);
                    add(node, "/bias", c.bias(), new long[]{c.outChannels()}, manager, trains);
                }
                case Op.Affine a -> {
                    add(node, "/scale", a.scale(), new long[]{a.scale().length}, manager, trains);
                    add(node, "/shift", a.shift(), new long[]{a.shift().length}, manager, trains);
                }
                default -> {
                }
            }
        }
    }

    private void add(Node node, String kind, float[] values, long[] shape, NDManager manager,
            BiPredicate<Node, String> trains) {
        NDArray array = manager.create(values.clone(), new ai.djl.ndarray.types.Shape(shape));
        weights.put(node.name() + kind, array);
        if (trains.test(node, kind)) {
            array.setRequiresGradient(true);
            parameters.add(new Parameter(node.name() + kind, node.name(), array));
        }
    }

    /** Returns the graph as it was given; see {@link #trained()} for the weights of now. */
    public Graph graph() {
        return graph;
    }

    /** Returns what trains, in the graph's order. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    /** Returns the current array of a parameter, trained or not, under the names of {@link Parameter}. */
    public NDArray array(String name) {
        NDArray array = weights.get(name);
        if (array == null) {
            throw new IllegalArgumentException("no parameter '" + name + "'");
        }
        return array;
    }

    /**
     * Computes outputs from an input batch.
     *
     * @param input {@code [N][C][H][W]}
     * @return the graph's outputs by name
     */
    public Map<String, NDArray> run(NDArray input) {
        return run(Map.of(graph.input(), input), graph.outputs(), (value, computed) -> computed);
    }

    /**
     * Computes values from others; only what lies between is computed. Height and width may differ from the graph's own as long as every
     * node fits.
     *
     * @param given values by name; the graph's input, or any others that what is wanted depends on
     * @param wanted names of values
     * @param rewrite applied to every value computed
     * @return the wanted values by name
     * @throws GraphException if what is wanted depends on an input that is not given
     */
    public Map<String, NDArray> run(Map<String, NDArray> given, Collection<String> wanted, Rewrite rewrite) {
        Map<String, NDArray> known = new HashMap<>(given);
        Set<String> needed = needed(given.keySet(), wanted);
        for (Node node : graph.nodes()) {
            if (needed.contains(node.output())) {
                List<NDArray> in = node.inputs().stream().map(known::get).toList();
                NDArray out = Operators.apply(node, in, kind -> weights.get(node.name() + kind));
                known.put(node.output(), rewrite.apply(node.output(), out));
            }
        }
        Map<String, NDArray> results = new LinkedHashMap<>();
        wanted.forEach(value -> results.put(value, known.get(value)));
        return results;
    }

    private Set<String> needed(Set<String> given, Collection<String> wanted) {
        Set<String> needed = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(wanted);
        while (!open.isEmpty()) {
            String value = open.pop();
            if (given.contains(value) || !needed.add(value)) {
                continue;
            }
            Node writer = graph.writer(value);
            if (writer == null) {
                throw new GraphException("value '" + value + "' is neither given nor computed from what is given");
            }
            open.addAll(writer.inputs());
        }
        return needed;
    }

    /** Returns the graph with the weights of now. */
    public Graph trained() {
        return graph.withNodes(graph.nodes().stream().map(this::current).toList());
    }

    private Node current(Node node) {
        Op op = switch (node.op()) {
            case Op.Conv c -> new Op.Conv(c.window(), c.groups(), c.outChannels(), floats(node, "/weight"),
                    floats(node, "/bias"), c.activation());
            case Op.Affine a -> new Op.Affine(floats(node, "/scale"), floats(node, "/shift"));
            default -> node.op();
        };
        return new Node(node.name(), op, node.inputs(), node.output());
    }

    private float[] floats(Node node, String kind) {
        return weights.get(node.name() + kind).toFloatArray();
    }
}
