package io.fovea.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Grows a graph node by node and knows the shape of every value at once, which readers of model files need. Not thread-safe.
 */
public final class GraphBuilder {
    private final String name;
    private final List<String> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Set<String> nodeNames = new HashSet<>();

    /** Starts a graph with its input. */
    public GraphBuilder(String name, String input, Shape inputShape) {
        this.name = name;
        addInput(input, inputShape);
    }

    /**
     * Adds one more input.
     *
     * @throws GraphException if a value of this name exists already
     */
    public void addInput(String input, Shape shape) {
        if (shapes.putIfAbsent(input, shape) != null) {
            throw new GraphException("value '" + input + "' exists already");
        }
        inputs.add(input);
    }

    /**
     * Adds a node.
     *
     * @param node name for people; a number is appended when it is taken already
     * @param op the operator
     * @param output name of the value it writes
     * @param inputs names of the values it reads
     * @return {@code output}
     * @throws GraphException if an input is unknown, the output exists already, or a shape does not fit
     */
    public String add(String node, Op op, String output, List<String> inputs) {
        List<Shape> in = new ArrayList<>();
        for (String value : inputs) {
            Shape shape = shapes.get(value);
            if (shape == null) {
                throw new GraphException("node '" + node + "' reads '" + value + "', which nothing before it writes");
            }
            in.add(shape);
        }
        Shape out;
        try {
            out = ShapeRule.infer(op, in);
        } catch (GraphException e) {
            throw new GraphException("node '" + node + "' (" + op.label() + "): " + e.getMessage());
        }
        if (shapes.putIfAbsent(output, out) != null) {
            throw new GraphException("value '" + output + "' is written twice");
        }
        nodes.add(new Node(unique(node), op, inputs, output));
        return output;
    }

    /** Adds a node with one input. */
    public String add(String node, Op op, String output, String in) {
        return add(node, op, output, List.of(in));
    }

    private String unique(String wanted) {
        String free = wanted;
        for (int i = 2; !nodeNames.add(free); i++) {
            free = wanted + "_" + i;
        }
        return free;
    }

    /** Returns whether a value of this name exists. */
    public boolean has(String value) {
        return shapes.containsKey(value);
    }

    /** Returns the shape of a value, or null when nothing writes it. */
    public Shape shape(String value) {
        return shapes.get(value);
    }

    /** Returns the node that writes a value, or null. Searches from the newest node. */
    public Node writer(String value) {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (nodes.get(i).output().equals(value)) {
                return nodes.get(i);
            }
        }
        return null;
    }

    /** Returns the finished graph. */
    public Graph build(List<String> outputs) {
        Map<String, Shape> starts = new LinkedHashMap<>();
        inputs.forEach(input -> starts.put(input, shapes.get(input)));
        return new Graph(name, starts, nodes, outputs);
    }
}
