package io.fovea.format;

import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One of our nodes may be several in ONNX (a convolution with residual and activation is Conv, Add and Clip). The writer gives the
 * values between them reserved names, and {@link #rejoin} makes one node of them again, so that a graph that is written and read
 * is the same graph.
 */
final class SplitNames {
    /** Suffix of the value that the activation of node output {@code o} reads. */
    static final String LINEAR = "/linear";
    /** Suffix of the convolution's value that a residual is added to. */
    static final String CONV = "/conv";
    /** Suffix of the value between an Affine's Mul and Add. */
    static final String SCALED = "/scaled";
    /** Suffix of the gate of a SiLU. */
    static final String SIGMOID = "/sigmoid";
    /** Suffix of the value between a softmax over groups of channels and the reshape behind it. */
    static final String SOFTMAX = "/softmax";
    /** Suffix of the transposed map that head rows are cut from. */
    static final String NHWC = "/nhwc";

    private SplitNames() {
    }

    static Graph rejoin(Graph graph) {
        Map<String, Integer> reads = new HashMap<>();
        graph.nodes().forEach(n -> n.inputs().forEach(v -> reads.merge(v, 1, Integer::sum)));
        graph.outputs().forEach(v -> reads.merge(v, 1, Integer::sum));
        List<Node> nodes = new ArrayList<>();
        Map<String, Integer> at = new HashMap<>();
        boolean changed = false;
        for (Node node : graph.nodes()) {
            String inner = node.inputs().isEmpty() ? "" : node.inputs().get(0);
            Integer index = at.get(inner);
            Node joined = index == null || reads.get(inner) != 1 ? null : join(nodes.get(index), node, inner);
            if (joined != null && node.op() instanceof Op.Add && at.getOrDefault(node.inputs().get(1), -1) > index) {
                joined = null;
            }
            if (joined != null) {
                nodes.set(index, joined);
                at.remove(inner);
                at.put(node.output(), index);
                changed = true;
            } else {
                at.put(node.output(), nodes.size());
                nodes.add(node);
            }
        }
        return changed ? graph.withNodes(nodes) : graph;
    }

    /** Returns the two nodes as one, or null when the names do not say that they belong together. */
    private static Node join(Node writer, Node reader, String inner) {
        Op op = null;
        List<String> inputs = writer.inputs();
        if (inner.equals(reader.output() + LINEAR) && reader.op() instanceof Op.Activate act) {
            if (writer.op() instanceof Op.Conv conv && conv.activation().isNone()) {
                op = conv.withActivation(act.activation());
            } else if (writer.op() instanceof Op.Add add && add.activation().isNone()) {
                op = new Op.Add(act.activation());
            }
        } else if (inner.equals(reader.output() + CONV) && reader.op() instanceof Op.Add
                && writer.op() instanceof Op.Conv conv && conv.activation().isNone() && inputs.size() == 1) {
            op = conv;
            inputs = List.of(inputs.get(0), reader.inputs().get(1));
        } else if (inner.equals(reader.output() + SCALED) && reader.op() instanceof Op.Affine shift
                && writer.op() instanceof Op.Affine scale && all(scale.shift(), 0f) && all(shift.scale(), 1f)) {
            op = new Op.Affine(scale.scale(), shift.shift());
        } else if (inner.equals(reader.output() + SOFTMAX) && writer.op() instanceof Op.Softmax softmax
                && reader.op() instanceof Op.Activate act && act.activation().isNone()) {
            op = softmax;
        }
        return op == null ? null : new Node(writer.name(), op, inputs, reader.output());
    }

    private static boolean all(float[] values, float expected) {
        for (float v : values) {
            if (v != expected) {
                return false;
            }
        }
        return true;
    }
}
