package io.fovea.plan;

import io.fovea.graph.Activation;
import io.fovea.graph.ConstantChannels;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Reach;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The layer that a node computes. */
final class Lowering {
    /** Share of the channels, as a divisor, from which on leaving them out is worth moving the others. */
    private static final int WORTH = 8;

    private Lowering() {
    }

    /** Returns the convolution layer of a node. */
    static Layer.Conv conv(Graph graph, Node node) {
        Op.Conv op = (Op.Conv) node.op();
        Shape in = graph.shape(node.inputs().getFirst());
        return new Layer.Conv(in.channels(), op.outChannels(), op.window(), op.groups(), op.weights(), op.bias(),
                op.activation(),
                node.inputs().size() == 2);
    }

    /**
     * Returns the layer of an inverted residual. Where many of its depthwise channels are constants, and no expansion needs the sites of the
     * others, the projection reads the others only.
     *
     * @param expand node, or null
     */
    static Layer.Block block(Graph graph, Node expand, Node depthwise, Node project) {
        Layer.Conv p = conv(graph, project);
        float[] constants = expand == null ? ConstantChannels.of(graph, depthwise) : null;
        int[] kept = constants == null ? null : ConstantChannels.kept(constants);
        if (kept != null && kept.length > 0 && constants.length - kept.length >= constants.length / WORTH) {
            Op.Conv less = ConstantChannels.without((Op.Conv) project.op(), constants);
            p = new Layer.Conv(kept.length, p.outChannels(), p.window(), 1, less.weights(), less.bias(), p.activation(),
                    p.residual());
        } else {
            kept = null;
        }
        return new Layer.Block(expand == null ? null : conv(graph, expand), conv(graph, depthwise), p, kept);
    }

    /** Returns the reach through which a node reads its first input, or null when it reads row by row. */
    static Reach reach(Graph graph, Node node) {
        return switch (node.op()) {
            case Op.Conv conv -> conv.isPointwise() ? null : conv.window();
            case Op.MaxPool pool -> pool.window();
            case Op.AveragePool pool -> pool.window();
            case Op.GlobalAverage average -> {
                Shape in = graph.shape(node.inputs().getFirst());
                yield new Window(in.height(), in.width(), 1, 1, 0, 0, 0, 0, 1, 1);
            }
            case Op.Sampled sampled -> {
                Shape in = graph.shape(node.inputs().getFirst());
                yield sampled.sampling(in.height(), in.width());
            }
            default -> null;
        };
    }

    /** Returns the activation that has to run by itself after a node, or null. */
    static Activation separateActivation(Node node) {
        return node.op() instanceof Op.Add add && !add.activation().isClip() ? add.activation() : null;
    }

    /** Returns the layer of two maps combined. */
    static Layer.Binary binary(Graph graph, Node node, Op.Binary op) {
        int channels = graph.shape(node.output()).channels();
        boolean oneChannel = channels > 1 && graph.shape(node.inputs().get(1)).channels() == 1;
        return new Layer.Binary(channels, op.kind(), isOneSite(graph, node), oneChannel);
    }

    /** Returns whether a binary node repeats its second operand over all sites. */
    static boolean isOneSite(Graph graph, Node node) {
        return graph.shape(node.output()).sites() > 1 && graph.shape(node.inputs().get(1)).sites() == 1;
    }

    /** Returns the values of one site that every site of a map has a share in, and those that are computed from such alone. */
    static Set<String> wholeValues(Graph graph) {
        Set<String> whole = new HashSet<>();
        for (Node node : graph.nodes()) {
            Shape in = graph.shape(node.inputs().getFirst());
            boolean pooled = switch (node.op()) {
                case Op.GlobalAverage average -> true;
                case Op.MaxPool pool -> covers(pool.window(), in);
                case Op.AveragePool pool -> covers(pool.window(), in);
                default -> false;
            };
            if (graph.shape(node.output()).sites() == 1 && (pooled || whole.containsAll(node.inputs()))) {
                whole.add(node.output());
            }
        }
        return whole;
    }

    private static boolean covers(Window w, Shape in) {
        return w.kernelH() == in.height() && w.kernelW() == in.width() && w.padTop() + w.padLeft() + w.padBottom()
                + w.padRight() == 0;
    }

    /** Returns whether expand, depthwise and project form an inverted residual that can run as one step. */
    static boolean isBlock(Graph graph, Node expand, Node depthwise, Node project) {
        return (expand == null || pointwise(expand) && onlyReader(graph, expand, depthwise)
                && expand.inputs().size() == 1)
                && depthwise.op() instanceof Op.Conv dw && dw.isDepthwise() && depthwise.inputs().size() == 1
                && pointwise(project) && onlyReader(graph, depthwise, project);
    }

    private static boolean pointwise(Node node) {
        return node.op() instanceof Op.Conv conv && conv.isPointwise();
    }

    private static boolean onlyReader(Graph graph, Node writer, Node reader) {
        List<Node> readers = graph.readers(writer.output());
        return readers.size() == 1 && readers.getFirst() == reader
                && reader.inputs().getFirst().equals(writer.output())
                && reader.inputs().stream().filter(writer.output()::equals).count() == 1
                && !graph.outputs().contains(writer.output());
    }
}
