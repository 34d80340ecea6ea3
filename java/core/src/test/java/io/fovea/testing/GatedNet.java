package io.fovea.testing;

import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.sites.Mask;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gated execution in its plainest form: every layer is computed over its whole map, then its inactive sites are overwritten by their
 * background. The input stays as it is, and so does what is computed from it position by position; what is pooled over a whole map is
 * always there.
 */
public final class GatedNet {
    private final Graph graph;
    private final Mask mask;
    private final double coarseShare;
    private final Map<Integer, boolean[]> flags = new HashMap<>();
    private final Set<String> whole = new HashSet<>();

    /** What an inactive site of a value reads as. */
    @FunctionalInterface
    public interface Fill {
        /** Returns channel {@code channel} of site {@code site} (row-major). */
        double at(String value, int site, int channel);
    }

    /** Makes the masked net of an optimised graph. */
    public GatedNet(Graph graph, Mask mask, double coarseShare) {
        this.graph = graph;
        this.mask = mask;
        this.coarseShare = coarseShare;
        Set<String> pooled = new HashSet<>();
        Set<String> unmasked = new HashSet<>(Set.of(graph.input()));
        whole.add(graph.input());
        for (Node node : graph.nodes()) {
            boolean pointwise = switch (node.op()) {
                case Op.Affine affine -> true;
                case Op.Activate act -> true;
                case Op.PRelu prelu -> true;
                case Op.Softmax softmax -> true;
                case Op.Binary binary -> true;
                case Op.Reduce reduce -> true;
                case Op.SelectChannels select -> true;
                case Op.Add add -> true;
                case Op.Concat concat -> true;
                default -> false;
            };
            boolean one = graph.shape(node.output()).sites() == 1;
            if (one && (isGlobal(graph, node) || pooled.containsAll(node.inputs()))) {
                pooled.add(node.output());
                whole.add(node.output());
            } else if (pointwise && unmasked.containsAll(node.inputs())) {
                unmasked.add(node.output());
                whole.add(node.output());
            }
        }
    }

    /** Whether a node's one site is pooled over the whole map. */
    private static boolean isGlobal(Graph graph, Node node) {
        Window w = switch (node.op()) {
            case Op.MaxPool pool -> pool.window();
            case Op.AveragePool pool -> pool.window();
            default -> null;
        };
        Shape in = graph.shape(node.inputs().getFirst());
        return node.op() instanceof Op.GlobalAverage
                || w != null && w.kernelH() == in.height() && w.kernelW() == in.width()
                        && w.padTop() + w.padLeft() + w.padBottom() + w.padRight() == 0;
    }

    private boolean[] flags(Shape shape) {
        return flags.computeIfAbsent(shape.height() << 16 | shape.width(),
                k -> PlainPool.flags(mask, shape.height(), shape.width(), coarseShare));
    }

    /**
     * Returns the outputs in ONNX order.
     *
     * @param nhwc the input
     * @param background what inactive sites read as inside the net
     * @param shown whether inactive sites of outputs show the background, or zeros
     */
    public Map<String, float[]> run(float[] nhwc, Fill background, boolean shown) {
        Map<String, double[]> values = DenseNet.run(graph, nhwc, (node, shape, map) -> {
            if (!whole.contains(node.output()) && !DenseNet.isRows(graph, node.output())) {
                fill(node.output(), map, background);
            }
        });
        Map<String, float[]> outputs = new HashMap<>();
        for (String output : graph.outputs()) {
            double[] visible = shown ? values.get(output) : visible(output, values);
            outputs.put(output, DenseNet.output(graph, output, Map.of(output, visible)));
        }
        return outputs;
    }

    private void fill(String value, double[] map, Fill background) {
        Shape shape = graph.shape(value);
        boolean[] active = flags(shape);
        for (int i = 0; i < map.length; i++) {
            int site = i / shape.channels();
            if (!active[site]) {
                map[i] = background.at(value, site, i % shape.channels());
            }
        }
    }

    /** The value with zeros at inactive sites; rows are traced back to their maps. */
    private double[] visible(String value, Map<String, double[]> values) {
        if (DenseNet.isRows(graph, value)) {
            List<String> inputs = graph.writer(value).inputs();
            return inputs.stream().flatMapToDouble(input -> Arrays.stream(visible(input, values))).toArray();
        }
        double[] map = values.get(value).clone();
        if (!whole.contains(value)) {
            fill(value, map, (v, site, channel) -> 0);
        }
        return map;
    }
}
