package io.fovea.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Moves what is computed on head rows to the maps that the rows are cut from, where packed kernels work: an operator behind
 * {@link Op.HeadRows} goes before it, one behind {@link Op.JoinRows} onto each of its parts.
 */
final class RowSinking {
    private final Graph graph;
    private final Set<String> names = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();
    private boolean changed;

    private RowSinking(Graph graph) {
        this.graph = graph;
        names.add(graph.input());
        graph.nodes().forEach(n -> names.add(n.output()));
    }

    /** Returns the graph after one sweep; the same one when nothing was to be moved. */
    static Graph sweep(Graph graph) {
        RowSinking sinking = new RowSinking(graph);
        graph.nodes().forEach(sinking::node);
        return sinking.changed ? Passes.dropDead(graph.withNodes(sinking.nodes)) : graph;
    }

    private void node(Node node) {
        Node writer = node.inputs().size() == 1 ? graph.writer(node.inputs().getFirst()) : null;
        switch (writer == null ? null : writer.op()) {
            case Op.HeadRows rows when onMap(node.op(), rows.width(), channels(writer)) != null -> {
                Op moved = onMap(node.op(), rows.width(), channels(writer));
                String map = fresh(node.output() + "/map");
                nodes.add(new Node(node.name(), moved, writer.inputs(), map));
                int width = graph.shape(node.output()).channels();
                nodes.add(new Node(node.name() + "/rows", new Op.HeadRows(width), List.of(map), node.output()));
                changed = true;
            }
            case Op.JoinRows join when sinks(node, writer) -> {
                List<String> parts = new ArrayList<>();
                for (String input : writer.inputs()) {
                    String part = fresh(node.output() + "/" + parts.size());
                    nodes.add(new Node(node.name() + "/" + parts.size(), node.op(), List.of(input), part));
                    parts.add(part);
                }
                nodes.add(new Node(node.name(), new Op.JoinRows(), parts, node.output()));
                changed = true;
            }
            case null, default -> pair(node);
        }
    }

    /** Moves an operator on two lists of rows that were cut alike. */
    private void pair(Node node) {
        boolean two = node.inputs().size() == 2 && (node.op() instanceof Op.Add || node.op() instanceof Op.Binary);
        Node a = two ? graph.writer(node.inputs().get(0)) : null;
        Node b = two ? graph.writer(node.inputs().get(1)) : null;
        if (a == null || b == null || !a.op().equals(b.op()) || !shapes(a).equals(shapes(b))) {
            nodes.add(node);
            return;
        }
        switch (a.op()) {
            case Op.HeadRows rows -> {
                String map = fresh(node.output() + "/map");
                nodes.add(new Node(node.name(), node.op(), List.of(a.inputs().get(0), b.inputs().get(0)), map));
                nodes.add(new Node(node.name() + "/rows", rows, List.of(map), node.output()));
                changed = true;
            }
            case Op.JoinRows join -> {
                List<String> parts = new ArrayList<>();
                for (int i = 0; i < a.inputs().size(); i++) {
                    String part = fresh(node.output() + "/" + i);
                    List<String> inputs = List.of(a.inputs().get(i), b.inputs().get(i));
                    nodes.add(new Node(node.name() + "/" + i, node.op(), inputs, part));
                    parts.add(part);
                }
                nodes.add(new Node(node.name(), join, parts, node.output()));
                changed = true;
            }
            default -> nodes.add(node);
        }
    }

    private List<Shape> shapes(Node node) {
        return node.inputs().stream().map(graph::shape).toList();
    }

    private boolean sinks(Node node, Node join) {
        if (node.op() instanceof Op.HeadRows cut) {
            int width = graph.shape(join.output()).channels();
            return width % cut.width() == 0;
        }
        int width = graph.shape(join.output()).channels();
        return onMap(node.op(), width, width) != null;
    }

    private int channels(Node rows) {
        return graph.shape(rows.inputs().getFirst()).channels();
    }

    /** Returns what an operator on rows of {@code width} values is on maps of {@code channels}, or null when it is nothing of the kind. */
    private static Op onMap(Op op, int width, int channels) {
        int times = channels / width;
        return switch (op) {
            case Op.Activate act -> act;
            case Op.Affine affine when affine.scale().length == width ->
                new Op.Affine(repeated(affine.scale(), times), repeated(affine.shift(), times));
            case Op.PRelu prelu when prelu.slope().length == width -> new Op.PRelu(repeated(prelu.slope(), times));
            case Op.Softmax softmax when width % softmax.width() == 0 -> softmax;
            case Op.SelectChannels select -> {
                int each = select.channels().length;
                int[] all = new int[each * times];
                for (int i = 0; i < all.length; i++) {
                    all[i] = i / each * width + select.channels()[i % each];
                }
                yield new Op.SelectChannels(all);
            }
            case Op.Conv conv when conv.isPointwise() && times <= 64 -> new Op.Conv(conv.window(), times,
                    conv.outChannels() * times, repeated(conv.weights(), times), repeated(conv.bias(), times),
                    conv.activation());
            default -> null;
        };
    }

    private static float[] repeated(float[] values, int times) {
        float[] all = new float[values.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }

    private String fresh(String wanted) {
        String free = wanted;
        for (int i = 2; !names.add(free); i++) {
            free = wanted + "_" + i;
        }
        return free;
    }
}
