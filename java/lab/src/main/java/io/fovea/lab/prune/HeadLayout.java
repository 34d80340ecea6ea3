package io.fovea.lab.prune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where in a net the head is: for every feature map of the spec that has anchors, the convolution that makes its boxes and the one that makes
 * its scores. Immutable.
 *
 * @param model the detector
 * @param levels one per feature map of the spec, in its order; null for a map without anchors
 */
public record HeadLayout(Model model, List<HeadLayout.Level> levels) {

    /**
     * One feature map's share.
     *
     * @param boxes what makes its box rows
     * @param scores what makes its score rows
     */
    public record Level(Branch boxes, Branch scores) {}

    /**
     * A convolution whose channels are anchors times values, and how they become rows.
     *
     * @param conv the convolution
     * @param between affine steps and activations between the convolution and the rows, in order
     * @param rows turns channels into rows
     * @param after affine steps and activations on the rows of this branch alone or of all, in order
     */
    public record Branch(Node conv, List<Node> between, Node rows, List<Node> after) {
        public Branch {
            between = List.copyOf(between);
            after = List.copyOf(after);
        }

        /** Returns the values per row. */
        public int width() {
            return ((Op.HeadRows) rows.op()).width();
        }
    }

    /**
     * Finds the head.
     *
     * @throws ModelFormatException if a branch is not a plain convolution, or the branches do not fit the spec
     */
    public static HeadLayout of(Model model) {
        DetectorSpec spec = model.spec();
        List<Branch> boxes = branches(model.graph(), spec.boxesOutput());
        List<Branch> scores = branches(model.graph(), spec.scoresOutput());
        List<Level> levels = new ArrayList<>();
        int at = 0;
        for (FeatureMap map : spec.featureMaps()) {
            if (map.anchors().isEmpty()) {
                levels.add(null);
                continue;
            }
            if (at >= boxes.size() || at >= scores.size()) {
                throw new ModelFormatException("the head has " + Math.min(boxes.size(), scores.size())
                        + " feature maps, the detector spec more");
            }
            check(model.graph(), boxes.get(at), map);
            check(model.graph(), scores.get(at), map);
            levels.add(new Level(boxes.get(at), scores.get(at++)));
        }
        if (at != boxes.size() || at != scores.size()) {
            throw new ModelFormatException("the head has " + boxes.size() + " and " + scores.size()
                    + " feature maps, the detector spec " + at);
        }
        return new HeadLayout(model, java.util.Collections.unmodifiableList(levels));
    }

    private static void check(Graph graph, Branch branch, FeatureMap map) {
        Shape shape = graph.shape(branch.rows().inputs().get(0));
        if (shape.height() != map.height() || shape.width() != map.width()
                || shape.channels() != map.anchors().size() * branch.width()) {
            throw new ModelFormatException(
                    "node '" + branch.rows().name() + "' reads " + shape + ", the spec's map has "
                            + map.height() + "x" + map.width() + " cells with " + map.anchors().size() + " anchors of "
                            + branch.width() + " values");
        }
    }

    private static List<Branch> branches(Graph graph, String output) {
        List<Branch> found = new ArrayList<>();
        collect(graph, output, List.of(), found);
        return found;
    }

    private static void collect(Graph graph, String value, List<Node> after, List<Branch> found) {
        Node node = graph.writer(value);
        if (node == null) {
            throw new ModelFormatException("'" + value + "' is written by no node of the head");
        }
        switch (node.op()) {
            case Op.JoinRows join -> node.inputs().forEach(in -> collect(graph, in, after, found));
            case Op.Activate a -> collect(graph, node.inputs().get(0), before(node, after), found);
            case Op.Affine a -> collect(graph, node.inputs().get(0), before(node, after), found);
            case Op.HeadRows rows -> found.add(branch(graph, node, after));
            default -> throw new ModelFormatException("node '" + node.name() + "' (" + node.op().label()
                    + ") between head and outputs: such a head cannot be changed");
        }
    }

    private static List<Node> before(Node node, List<Node> after) {
        List<Node> all = new ArrayList<>(List.of(node));
        all.addAll(after);
        return all;
    }

    private static Branch branch(Graph graph, Node rows, List<Node> after) {
        List<Node> between = new ArrayList<>();
        Node node = sole(graph, rows);
        while (node != null && (node.op() instanceof Op.Activate || node.op() instanceof Op.Affine)) {
            between.add(0, node);
            node = sole(graph, node);
        }
        if (node == null || !(node.op() instanceof Op.Conv conv) || conv.groups() != 1 || node.inputs().size() != 1) {
            throw new ModelFormatException("node '" + rows.name() + "' is not fed by a plain convolution"
                    + (node == null ? "" : " but by '" + node.name() + "' (" + node.op().label() + ")"));
        }
        return new Branch(node, between, rows, after);
    }

    /** Returns the writer of a node's input, which must be read by that node only. */
    private static Node sole(Graph graph, Node reader) {
        String value = reader.inputs().get(0);
        Node writer = graph.writer(value);
        if (writer != null && (graph.readers(value).size() > 1 || graph.outputs().contains(value))) {
            throw new ModelFormatException("value '" + value + "' is read by more than the head");
        }
        return writer;
    }

    /**
     * Returns the head's arithmetic. A level's own multiply-accumulates are those of the nodes behind the last value that its box and its
     * score branch both read, as far as no other level needs them.
     */
    public HeadCost cost() {
        Graph graph = model.graph();
        List<Set<Node>> regions = regions();
        List<HeadCost.Level> costs = new ArrayList<>();
        for (int l = 0; l < levels.size(); l++) {
            FeatureMap map = model.spec().featureMaps().get(l);
            int sites = map.height() * map.width();
            if (levels.get(l) == null) {
                costs.add(new HeadCost.Level(sites, 0, 0, 0));
                continue;
            }
            long own = Cost.of(graph, levels.get(l).boxes().conv()).macs()
                    + Cost.of(graph, levels.get(l).scores().conv()).macs();
            long all = regions.get(l).stream().mapToLong(n -> Cost.of(graph, n).macs()).sum();
            costs.add(new HeadCost.Level(sites, map.anchors().size(), own / map.anchors().size(), all - own));
        }
        return new HeadCost(costs);
    }

    /** Returns all nodes of the head: those behind the feature maps, convolutions and what stands before them on each branch. */
    public Set<Node> headNodes() {
        Set<Node> all = new HashSet<>();
        regions().forEach(all::addAll);
        return all;
    }

    /** Returns the nodes of each level's head. */
    private List<Set<Node>> regions() {
        Graph graph = model.graph();
        List<Set<Node>> regions = new ArrayList<>();
        Map<Node, Integer> users = new HashMap<>();
        for (Level level : levels) {
            Set<Node> region = new HashSet<>();
            if (level != null) {
                Set<Node> ofBoxes = ancestors(graph, level.boxes().conv());
                Set<Node> ofScores = ancestors(graph, level.scores().conv());
                Set<Node> all = new HashSet<>(ofBoxes);
                all.addAll(ofScores);
                all.forEach(n -> users.merge(n, 1, Integer::sum));
                region.addAll(all);
                ofBoxes.retainAll(ofScores);
                region.removeAll(ofBoxes);
            }
            regions.add(region);
        }
        regions.forEach(region -> region.removeIf(n -> users.get(n) > 1));
        return regions;
    }

    /** Returns a node and all that it depends upon. */
    private static Set<Node> ancestors(Graph graph, Node from) {
        Set<Node> seen = new HashSet<>();
        Deque<Node> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (seen.add(node)) {
                for (String in : node.inputs()) {
                    Node writer = graph.writer(in);
                    if (writer != null) {
                        open.push(writer);
                    }
                }
            }
        }
        return seen;
    }
}
