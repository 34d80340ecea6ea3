package io.fovea.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Folds chosen channels into the convolution that writes them: where a convolution feeds nothing but selections, and these together
 * take no more channels than it has, each becomes a convolution of its own with the filters of its channels.
 */
final class ChannelSelection {
    private ChannelSelection() {
    }

    static Graph fold(Graph graph) {
        List<Node> nodes = new ArrayList<>();
        boolean changed = false;
        for (Node node : graph.nodes()) {
            Node writer = node.inputs().size() == 1 ? graph.writer(node.inputs().getFirst()) : null;
            if (node.op() instanceof Op.SelectChannels select && writer != null && folds(graph, writer)) {
                nodes.add(new Node(node.name(), part((Op.Conv) writer.op(), select.channels()), writer.inputs(),
                        node.output()));
                changed = true;
            } else {
                nodes.add(node);
            }
        }
        return changed ? Passes.dropDead(graph.withNodes(nodes)) : graph;
    }

    private static boolean folds(Graph graph, Node writer) {
        if (!(writer.op() instanceof Op.Conv conv) || conv.groups() != 1 || writer.inputs().size() != 1
                || graph.outputs().contains(writer.output())) {
            return false;
        }
        long taken = 0;
        for (Node reader : graph.readers(writer.output())) {
            if (!(reader.op() instanceof Op.SelectChannels select)) {
                return false;
            }
            taken += select.channels().length;
        }
        return taken <= conv.outChannels();
    }

    private static Op.Conv part(Op.Conv conv, int[] channels) {
        int each = conv.weights().length / conv.outChannels();
        float[] weights = new float[channels.length * each];
        float[] bias = new float[channels.length];
        for (int c = 0; c < channels.length; c++) {
            System.arraycopy(conv.weights(), channels[c] * each, weights, c * each, each);
            bias[c] = conv.bias()[channels[c]];
        }
        return new Op.Conv(conv.window(), 1, channels.length, weights, bias, conv.activation());
    }
}
