package io.fovea.train.tune;

import io.fovea.format.Model;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.lab.prune.HeadLayout;
import io.fovea.train.tune.TuneSettings.Layers;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a net is cut in a part that stays and a part that trains.
 *
 * @param trained names of the nodes that train
 * @param values what the trained part reads of the other: names of values, in the graph's order
 */
record Cut(Set<String> trained, List<String> values) {

    /**
     * Cuts a student before the last convolutions of its head, or before everything.
     *
     * @param fixed how many convolutions, counted from the input, do not train
     */
    static Cut of(Model student, Layers layers, int fixed) {
        Graph graph = student.graph();
        Set<String> stay = graph.nodes().stream().filter(n -> n.op() instanceof Op.Conv).limit(fixed).map(Node::name)
                .collect(Collectors.toSet());
        if (layers == Layers.ALL) {
            return new Cut(graph.nodes().stream().map(Node::name).filter(n -> !stay.contains(n))
                    .collect(Collectors.toSet()), List.of(graph.input()));
        }
        Set<String> trained = new HashSet<>();
        HeadLayout.of(student).levels().stream().filter(Objects::nonNull).forEach(level -> {
            trained.add(level.boxes().conv().name());
            trained.add(level.scores().conv().name());
        });
        Set<String> values = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            if (trained.contains(node.name())) {
                values.addAll(node.inputs());
            }
        }
        return new Cut(trained, List.copyOf(values));
    }

    /** Returns whether another net computes the values in the same way, to the last weight. */
    boolean sharedWith(Graph student, Graph other) {
        return values.stream().allMatch(value -> same(student, other, value));
    }

    private static boolean same(Graph a, Graph b, String value) {
        if (value.equals(a.input()) || value.equals(b.input())) {
            return value.equals(a.input()) && value.equals(b.input());
        }
        Node one = a.writer(value);
        Node two = b.writer(value);
        return one != null && two != null && one.inputs().equals(two.inputs()) && same(one.op(), two.op())
                && one.inputs().stream().allMatch(in -> same(a, b, in));
    }

    private static boolean same(Op a, Op b) {
        return switch (a) {
            case Op.Conv c -> b instanceof Op.Conv d && c.window().equals(d.window()) && c.groups() == d.groups()
                    && c.activation().equals(d.activation()) && Arrays.equals(c.weights(), d.weights())
                    && Arrays.equals(c.bias(), d.bias());
            case Op.Affine c -> b instanceof Op.Affine d && Arrays.equals(c.scale(), d.scale())
                    && Arrays.equals(c.shift(), d.shift());
            default -> a.equals(b);
        };
    }
}
