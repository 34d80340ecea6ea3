package io.fovea.lab.prune;

import io.fovea.format.Calibration;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Cuts anchors or classes out of a detector's head, or adds anchors: weights, rows and spec are changed together, nodes that nothing needs
 * any more are dropped, and names of inputs and outputs stay. Stateless; models are not changed but made anew.
 */
public final class HeadRewriter {
    private HeadRewriter() {
    }

    /**
     * Keeps some anchor shapes. The remaining rows are, bit for bit, those that the given model computes for the same anchors. A feature
     * map that loses all of them stays in the spec without anchors; its branches leave the net.
     *
     * @param kept shapes, numbered through all maps of the spec
     * @throws IllegalArgumentException if it keeps none or was made for another number of shapes
     * @throws ModelFormatException if the head cannot be changed, see {@link HeadLayout#of}
     */
    public static Model keepAnchors(Model model, AnchorSet kept) {
        HeadLayout layout = HeadLayout.of(model);
        List<FeatureMap> maps = model.spec().featureMaps();
        int shapes = maps.stream().mapToInt(m -> m.anchors().size()).sum();
        if (kept.universe() != shapes || kept.size() == 0) {
            throw new IllegalArgumentException("a set of " + kept.size() + " of " + kept.universe()
                    + " anchors; the head has " + shapes + " and must keep one");
        }
        int[][] sources = new int[maps.size()][];
        List<FeatureMap> next = new ArrayList<>();
        int first = 0;
        for (int l = 0; l < sources.length; l++) {
            FeatureMap map = maps.get(l);
            int from = first;
            sources[l] = IntStream.range(0, map.anchors().size()).filter(a -> kept.contains(from + a)).toArray();
            next.add(withAnchors(map, Arrays.stream(sources[l]).mapToObj(map.anchors()::get).toList()));
            first += map.anchors().size();
        }
        return rewrite(layout, sources, next, null);
    }

    /**
     * Keeps some classes. Where scores are sigmoids or come out of the net as they are, each kept class keeps its scores bit for bit, and a
     * background column goes. Under a softmax the background stays, and the scores of the kept classes are exact relative to each other and to
     * the background; they rise by the share that the removed classes had, so none falls.
     *
     * @param labels labels to keep; the order stays the model's
     * @throws IllegalArgumentException if none is given or one is no class of the model
     * @throws ModelFormatException if the head cannot be changed
     */
    public static Model keepClasses(Model model, Set<String> labels) {
        DetectorSpec spec = model.spec();
        for (String label : labels) {
            int index = spec.classes().indexOf(label);
            if (index < 0 || index == spec.backgroundIndex()) {
                throw new IllegalArgumentException("class '" + label + "' is not one of the model's " + spec.classes());
            }
        }
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("no class to keep");
        }
        boolean background = spec.scoreActivation() == ScoreActivation.SOFTMAX;
        int[] columns = IntStream.range(0, spec.classes().size())
                .filter(c -> labels.contains(spec.classes().get(c)) || background && c == spec.backgroundIndex())
                .toArray();
        HeadLayout layout = HeadLayout.of(model);
        int[][] sources = spec.featureMaps().stream().map(m -> IntStream.range(0, m.anchors().size()).toArray())
                .toArray(int[][]::new);
        return rewrite(layout, sources, spec.featureMaps(), columns);
    }

    /**
     * Gives every feature map other anchors, each with the weights of the nearest one that the map has (by overlap of shapes with one
     * centre), its box values rescaled so that it decodes to the same box: the widened detector finds what the given one found, until it is
     * trained again.
     *
     * @param anchors for each feature map, the anchors it is to have
     * @throws ModelFormatException if the head cannot be changed
     */
    public static Model widen(Model model, List<List<Anchor>> anchors) {
        HeadLayout layout = HeadLayout.of(model);
        List<FeatureMap> maps = model.spec().featureMaps();
        int[][] sources = new int[maps.size()][];
        List<FeatureMap> next = new ArrayList<>();
        for (int l = 0; l < sources.length; l++) {
            List<Anchor> old = maps.get(l).anchors();
            List<Anchor> wanted = layout.levels().get(l) == null ? List.of() : anchors.get(l);
            sources[l] = wanted.stream().mapToInt(a -> nearest(old, a)).toArray();
            next.add(withAnchors(maps.get(l), wanted));
        }
        return rewrite(layout, sources, next, null);
    }

    /** Returns which anchor overlaps a shape most, the first of equal ones. */
    static int nearest(List<Anchor> anchors, Anchor shape) {
        int best = 0;
        double top = -1;
        for (int i = 0; i < anchors.size(); i++) {
            Anchor a = anchors.get(i);
            double both = (double) Math.min(a.width(), shape.width()) * Math.min(a.height(), shape.height());
            double iou = both / ((double) a.width() * a.height() + (double) shape.width() * shape.height() - both);
            if (iou > top) {
                top = iou;
                best = i;
            }
        }
        return best;
    }

    private static FeatureMap withAnchors(FeatureMap m, List<Anchor> anchors) {
        return new FeatureMap(m.height(), m.width(), m.strideX(), m.strideY(), m.offset(), anchors);
    }

    private static Model rewrite(HeadLayout layout, int[][] sources, List<FeatureMap> maps, int[] columns) {
        Graph graph = layout.model().graph();
        DetectorSpec spec = layout.model().spec();
        Map<Node, Node> replaced = new HashMap<>();
        Set<String> gone = new HashSet<>();
        int[] box = {0, 1, 2, 3};
        int[] classes = columns == null ? IntStream.range(0, spec.classes().size()).toArray() : columns;
        for (int l = 0; l < sources.length; l++) {
            HeadLayout.Level level = layout.levels().get(l);
            if (level != null && sources[l].length == 0) {
                gone.add(level.boxes().rows().output());
                gone.add(level.scores().rows().output());
            } else if (level != null) {
                float[][] fit = BoxRefit.factors(spec, spec.featureMaps().get(l), maps.get(l), sources[l]);
                branch(level.boxes(), sources[l], box, fit, replaced);
                branch(level.scores(), sources[l], classes, null, replaced);
            }
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Node now = replaced.getOrDefault(node, node);
            if (now.op() instanceof Op.JoinRows) {
                List<String> left = now.inputs().stream().filter(in -> !gone.contains(in)).toList();
                now = new Node(now.name(), now.op(), left, now.output());
                if (left.isEmpty()) {
                    gone.add(now.output());
                }
            } else if (now.inputs().stream().anyMatch(gone::contains)) {
                gone.add(now.output());
            }
            if (!gone.contains(now.output())) {
                nodes.add(now);
            }
        }
        Graph next = Passes.dropDead(graph.withNodes(nodes));
        return new Model(next, respec(spec, maps, columns), recalibrate(layout.model(), next),
                regate(layout.model().gate(), next));
    }

    /** Keeps the gate if what it reads of the net is still there. */
    private static GateModel gate(Model before, Model cut) {
        if (before.gate() != null) {
            try {
                before.gate().checkFits(cut);
            } catch (ModelFormatException e) {
                return null;
            }
        }
        return before.gate();
    }

    /** Keeps of the calibration what still has its place: values that are as wide as before, units whose level has a head. */
    private static Calibration recalibrate(Model before, Graph next) {
        Calibration c = before.calibration();
        Map<String, float[]> means = new HashMap<>();
        c.means().forEach((value, mean) -> {
            boolean there = value.equals(next.input()) || next.writer(value) != null;
            if (there && next.shape(value).channels() == mean.length) {
                means.put(value, mean);
            }
        });
        List<Calibration.HeadUnit> units = c.headGate().stream()
                .filter(u -> next.nodes().stream().anyMatch(n -> n.inputs().contains(u.input()))
                        && headReads(before, next,
                                u.input()))
                .toList();
        return new Calibration(means, units);
    }

    /** Keeps of the gate's peripheral values those that are as wide as before; the trunk that it reads is never changed. */
    private static GateModel regate(GateModel gate, Graph next) {
        if (gate == null) {
            return null;
        }
        Map<String, GateSpec.Stretch> peripheral = new LinkedHashMap<>(gate.spec().peripheral());
        peripheral.entrySet().removeIf(e -> next.writer(e.getKey()) == null
                || next.shape(e.getKey()).channels() != e.getValue().a().length);
        return gate.with(gate.spec().withPeripheral(peripheral));
    }

    /** Returns whether a head branch that read the value before is still there. */
    private static boolean headReads(Model before, Graph next, String value) {
        Set<Node> head = HeadLayout.of(before).headNodes();
        Set<String> left = new HashSet<>();
        next.nodes().forEach(n -> left.add(n.output()));
        return head.stream().anyMatch(n -> n.inputs().contains(value) && left.contains(n.output()));
    }

    private static DetectorSpec respec(DetectorSpec s, List<FeatureMap> maps, int[] columns) {
        List<String> classes = s.classes();
        int background = s.backgroundIndex();
        if (columns != null) {
            classes = Arrays.stream(columns).mapToObj(s.classes()::get).toList();
            background = IntStream.range(0, columns.length).filter(c -> columns[c] == s.backgroundIndex()).findFirst()
                    .orElse(-1);
        }
        return s.withHead(classes, background, maps);
    }

    private static void branch(HeadLayout.Branch b, int[] anchors, int[] values, float[][] fit,
            Map<Node, Node> replaced) {
        int width = b.width();
        int[] channels = new int[anchors.length * values.length];
        for (int a = 0; a < anchors.length; a++) {
            for (int v = 0; v < values.length; v++) {
                channels[a * values.length + v] = anchors[a] * width + values[v];
            }
        }
        Op.Conv conv = (Op.Conv) b.conv().op();
        boolean plain = conv.activation().isNone() && b.between().isEmpty() && b.after().isEmpty();
        put(replaced, b.conv(), pick(conv, channels, plain ? fit : null));
        for (Node node : b.between()) {
            put(replaced, node, node.op() instanceof Op.Affine affine ? pick(affine, channels) : node.op());
        }
        put(replaced, b.rows(), new Op.HeadRows(values.length));
        for (Node node : b.after()) {
            put(replaced, node, node.op() instanceof Op.Affine affine ? pick(affine, values) : node.op());
        }
    }

    private static void put(Map<Node, Node> replaced, Node node, Op op) {
        replaced.put(node, new Node(node.name(), op, node.inputs(), node.output()));
    }

    private static Op.Affine pick(Op.Affine affine, int[] channels) {
        float[] scale = new float[channels.length];
        float[] shift = new float[channels.length];
        for (int i = 0; i < channels.length; i++) {
            scale[i] = affine.scale()[channels[i]];
            shift[i] = affine.shift()[channels[i]];
        }
        return new Op.Affine(scale, shift);
    }

    /** Returns the convolution with other output channels; {@code fit} holds a factor and an offset for each, or is null. */
    private static Op.Conv pick(Op.Conv conv, int[] channels, float[][] fit) {
        int per = conv.weights().length / conv.outChannels();
        float[] weights = new float[channels.length * per];
        float[] bias = new float[channels.length];
        for (int i = 0; i < channels.length; i++) {
            System.arraycopy(conv.weights(), channels[i] * per, weights, i * per, per);
            bias[i] = conv.bias()[channels[i]];
            if (fit != null && fit[i] != null) {
                for (int w = 0; w < per; w++) {
                    weights[i * per + w] *= fit[i][0];
                }
                bias[i] = bias[i] * fit[i][0] + fit[i][1];
            }
        }
        return new Op.Conv(conv.window(), conv.groups(), channels.length, weights, bias, conv.activation());
    }
}
