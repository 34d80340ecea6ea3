package io.fovea.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One sweep that merges a node into the one that feeds it, where that one feeds nothing else: Affine or activation into a
 * convolution, activation into an addition, an addition into a convolution (as its residual), identities into nothing.
 */
final class Fusion {
    private final Graph graph;
    private final Map<String, Integer> reads;
    private final List<Node> nodes = new ArrayList<>();
    /** Index in {@link #nodes} of the writer of a value. */
    private final Map<String, Integer> at = new HashMap<>();
    /** Values that are gone, and what they are now. */
    private final Map<String, String> renamed = new HashMap<>();

    Fusion(Graph graph) {
        this.graph = graph;
        this.reads = Passes.readCounts(graph);
    }

    Graph run() {
        boolean changed = false;
        for (Node old : graph.nodes()) {
            Node node = new Node(old.name(), old.op(), old.inputs().stream().map(this::now).toList(), old.output());
            if (merge(node)) {
                changed = true;
            } else {
                put(node);
            }
        }
        return changed ? graph.withNodes(nodes.stream().filter(Objects::nonNull).toList()) : graph;
    }

    private String now(String value) {
        return renamed.getOrDefault(value, value);
    }

    private void put(Node node) {
        at.put(node.output(), nodes.size());
        nodes.add(node);
    }

    /** Returns the writer of a value if nothing but one reader sees that value. */
    private Node soleWriter(String value) {
        Integer index = at.get(value);
        return index != null && reads.getOrDefault(value, 0) == 1 ? nodes.get(index) : null;
    }

    private boolean merge(Node node) {
        return switch (node.op()) {
            case Op.Activate a when a.activation().isNone() -> skip(node);
            case Op.Affine a when isIdentity(a) -> skip(node);
            case Op.Activate a -> activation(node, a.activation());
            case Op.Affine a -> affine(node, a);
            case Op.Add add -> residual(node, add);
            default -> false;
        };
    }

    /** Replaces the writer of {@code inner} by {@code op}, which now writes {@code outer}. */
    private boolean replace(String inner, Op op, String outer) {
        int index = at.remove(inner);
        Node old = nodes.get(index);
        nodes.set(index, new Node(old.name(), op, old.inputs(), outer));
        at.put(outer, index);
        return true;
    }

    private boolean skip(Node identity) {
        String inner = identity.inputs().get(0);
        if (!graph.outputs().contains(identity.output())) {
            renamed.put(identity.output(), inner);
            reads.merge(inner, reads.getOrDefault(identity.output(), 0) - 1, Integer::sum);
            return true;
        }
        Node writer = soleWriter(inner);
        return writer != null && replace(inner, writer.op(), identity.output());
    }

    private boolean activation(Node node, Activation activation) {
        String inner = node.inputs().get(0);
        Node writer = soleWriter(inner);
        return switch (writer == null ? null : writer.op()) {
            case Op.Conv conv when conv.activation().isNone() ->
                replace(inner, conv.withActivation(activation), node.output());
            case Op.Add add when add.activation().isNone() -> replace(inner, new Op.Add(activation), node.output());
            case null, default -> false;
        };
    }

    private boolean affine(Node node, Op.Affine affine) {
        String inner = node.inputs().get(0);
        Node writer = soleWriter(inner);
        return switch (writer == null ? null : writer.op()) {
            case Op.Conv conv when conv.activation().isNone() && (writer.inputs().size() == 1 || isShift(affine)) ->
                replace(inner, AffineFolding.after(conv, affine), node.output());
            case Op.Affine first -> replace(inner, AffineFolding.compose(first, affine), node.output());
            case null, default -> false;
        };
    }

    /** Merges {@code conv + other} into the convolution that is written last, at the addition's own place. */
    private boolean residual(Node node, Op.Add add) {
        String a = node.inputs().get(0);
        String b = node.inputs().get(1);
        Integer first = residualHost(a);
        Integer second = residualHost(b);
        if (a.equals(b) || first == null && second == null) {
            return false;
        }
        boolean useFirst = second == null || first != null && first > second;
        String inner = useFirst ? a : b;
        Node writer = nodes.set(at.remove(inner), null);
        Op.Conv conv = (Op.Conv) writer.op();
        put(new Node(writer.name(), conv.withActivation(add.activation()),
                List.of(writer.inputs().get(0), useFirst ? b : a), node.output()));
        return true;
    }

    private Integer residualHost(String value) {
        Node writer = soleWriter(value);
        return writer != null && writer.op() instanceof Op.Conv conv && conv.activation().isNone()
                && writer.inputs().size() == 1 ? at.get(value) : null;
    }

    private static boolean isIdentity(Op.Affine affine) {
        return isShift(affine) && AffineFolding.isZero(affine.shift());
    }

    private static boolean isShift(Op.Affine affine) {
        for (float s : affine.scale()) {
            if (s != 1f) {
                return false;
            }
        }
        return true;
    }
}
