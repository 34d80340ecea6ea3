package io.fovea.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A net: an input map, nodes in an order in which every value is written before it is read, and named outputs. Immutable;
 * shapes of all values are inferred and checked when it is made. A part of a net may have more inputs than one; it can be written, read,
 * trained and joined to another, but only a graph with one input can be planned.
 */
public final class Graph {
    private final String name;
    private final List<String> inputs;
    private final List<Node> nodes;
    private final List<String> outputs;
    private final Map<String, Shape> shapes;
    private final Map<String, Node> writers;

    /**
     * Makes a graph.
     *
     * @param name name for people
     * @param input name of the input value
     * @param inputShape its shape
     * @param nodes nodes in topological order
     * @param outputs names of the output values
     * @throws GraphException if a value is read before it is written, written twice, or a shape does not fit
     */
    public Graph(String name, String input, Shape inputShape, List<Node> nodes, List<String> outputs) {
        this(name, Map.of(input, inputShape), nodes, outputs);
    }

    /**
     * Makes a graph of several inputs.
     *
     * @param name name for people
     * @param inputs shapes by the names of the input values, in their order; at least one
     * @param nodes nodes in topological order
     * @param outputs names of the output values
     * @throws GraphException if there is no input, a value is read before it is written, written twice, or a shape does not fit
     */
    public Graph(String name, Map<String, Shape> inputs, List<Node> nodes, List<String> outputs) {
        if (inputs.isEmpty()) {
            throw new GraphException("graph '" + name + "' has no input");
        }
        this.name = name;
        this.inputs = List.copyOf(inputs.keySet());
        this.nodes = List.copyOf(nodes);
        this.outputs = List.copyOf(outputs);
        Map<String, Shape> known = new LinkedHashMap<>();
        Map<String, Node> writing = new LinkedHashMap<>();
        known.putAll(inputs);
        for (Node node : this.nodes) {
            List<Shape> in = new ArrayList<>();
            for (String value : node.inputs()) {
                Shape shape = known.get(value);
                if (shape == null) {
                    throw new GraphException(
                            "node '" + node.name() + "' reads '" + value + "', which nothing before it writes");
                }
                in.add(shape);
            }
            Shape out;
            try {
                out = ShapeRule.infer(node.op(), in);
            } catch (GraphException e) {
                throw new GraphException("node '" + node.name() + "' (" + node.op().label() + "): " + e.getMessage());
            }
            if (known.put(node.output(), out) != null) {
                throw new GraphException("value '" + node.output() + "' is written twice");
            }
            writing.put(node.output(), node);
        }
        for (String value : this.outputs) {
            if (!known.containsKey(value)) {
                throw new GraphException("output '" + value + "' is written by no node");
            }
        }
        this.shapes = Collections.unmodifiableMap(known);
        this.writers = Collections.unmodifiableMap(writing);
    }

    /** Returns the name for people. */
    public String name() {
        return name;
    }

    /** Returns the name of the input value; of the first one if there are several. */
    public String input() {
        return inputs.getFirst();
    }

    /** Returns the names of all input values. */
    public List<String> inputs() {
        return inputs;
    }

    /** Returns the shape of the (first) input. */
    public Shape inputShape() {
        return shapes.get(input());
    }

    /** Returns the nodes in topological order. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Returns the names of the outputs. */
    public List<String> outputs() {
        return outputs;
    }

    /** Returns the shape of a value. */
    public Shape shape(String value) {
        Shape shape = shapes.get(value);
        if (shape == null) {
            throw new GraphException("no value '" + value + "' in graph '" + name + "'");
        }
        return shape;
    }

    /** Returns the node that writes a value, or null for an input. */
    public Node writer(String value) {
        return writers.get(value);
    }

    /** Returns the nodes that read a value, in order; one entry per node even if it reads the value twice. */
    public List<Node> readers(String value) {
        return nodes.stream().filter(n -> n.inputs().contains(value)).toList();
    }

    /** Returns a graph with other nodes and the same input and outputs. */
    public Graph withNodes(List<Node> next) {
        Map<String, Shape> same = new LinkedHashMap<>();
        inputs.forEach(input -> same.put(input, shapes.get(input)));
        return new Graph(name, same, next, outputs);
    }
}
