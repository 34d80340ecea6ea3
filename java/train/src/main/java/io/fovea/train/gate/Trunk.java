package io.fovea.train.gate;

import io.fovea.format.Model;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.plan.HeadLevel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The first blocks of a gate, on a small copy of the picture, and the values that its head reads of them.
 *
 * @param graph input of the small size, outputs the values read
 * @param reads names of these values, fine maps first
 * @param learns whether it is the gate's own and learns with the head; otherwise it is the detector's, with the detector's names, and stays
 */
record Trunk(Graph graph, List<String> reads, boolean learns) {
    private static final int FINEST = 4;
    private static final int COARSEST = 16;

    /**
     * Cuts a detector's graph before its first head. Read are the maps at a quarter, an eighth and a sixteenth of the picture: of each size the
     * last one that is at most twice as wide as the narrowest, which passes over the wide insides of inverted residuals.
     *
     * @param size height and width of the small picture, pixels
     * @throws IllegalArgumentException if the detector has no such maps, or does not fit the size
     */
    static Trunk of(Model detector, int size) {
        Graph graph = detector.graph();
        List<HeadLevel> levels = HeadLevel.of(graph, detector.spec().boxesOutput(), detector.spec().scoresOutput());
        Set<String> before = ancestors(graph,
                levels.isEmpty() ? graph.outputs().getFirst() : levels.getFirst().input());
        Map<Integer, List<String>> byStride = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            Shape s = graph.shape(node.output());
            int stride = Math.round((float) graph.inputShape().width() / s.width());
            if (before.contains(node.output()) && stride >= FINEST && stride <= COARSEST
                    && Integer.bitCount(stride) == 1) {
                byStride.computeIfAbsent(stride, k -> new ArrayList<>()).add(node.output());
            }
        }
        if (byStride.isEmpty()) {
            throw new IllegalArgumentException("the net has no map at a quarter to a sixteenth of its input before its "
                    + "first head, so a gate has nothing to read");
        }
        List<String> reads = new ArrayList<>();
        byStride.forEach((stride, values) -> {
            int narrowest = values.stream().mapToInt(v -> graph.shape(v).channels()).min().orElseThrow();
            reads.add(values.stream().filter(v -> graph.shape(v).channels() <= 2 * narrowest)
                    .reduce((a, b) -> b).orElseThrow());
        });
        return of(graph, reads, size);
    }

    /** Cuts a graph at the given values. */
    static Trunk of(Graph graph, List<String> reads, int size) {
        Graph cut = Passes.dropDead(new Graph(graph.name(), graph.input(), graph.inputShape(), graph.nodes(), reads));
        return new Trunk(new Graph(cut.name(), cut.input(), new Shape(size, size, cut.inputShape().channels()),
                cut.nodes(), reads), reads, false);
    }

    /** Returns the values that are kept of a photo to learn from: those that stay the same while learning. */
    List<String> kept() {
        return learns ? List.of(graph.input()) : reads;
    }

    private static Set<String> ancestors(Graph graph, String value) {
        Set<String> found = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(value));
        while (!open.isEmpty()) {
            String v = open.pop();
            Node writer = found.add(v) ? graph.writer(v) : null;
            if (writer != null) {
                open.addAll(writer.inputs());
            }
        }
        return found;
    }

    /** Returns the multiply-accumulates of one run. */
    long macs() {
        return Cost.of(graph).macs();
    }
}
