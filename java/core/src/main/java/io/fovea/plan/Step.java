package io.fovea.plan;

import io.fovea.graph.Node;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import java.util.List;

/**
 * One call of a kernel. Numbers name values, domains and tables of the {@link Plan}; -1 means none.
 *
 * @param name name of the node whose output this step completes
 * @param nodes the graph's nodes that it computes; none for a head gate's unit
 * @param layer what it computes
 * @param kernel what computes it
 * @param in value read
 * @param in2 second value read row by row (residual, other summand)
 * @param out value written
 * @param table neighbour table read
 * @param edge value whose edge rows the table's entries name
 * @param inDomain sites of {@code in}
 * @param outDomain sites of {@code out}
 */
public record Step(String name, List<Node> nodes, Layer layer, RowKernel kernel, int in, int in2, int out, int table,
        int edge, int inDomain, int outDomain) {

    /** Returns the step with another kernel. */
    public Step with(RowKernel other) {
        return new Step(name, nodes, layer, other, in, in2, out, table, edge, inDomain, outDomain);
    }

    /** Returns what the step computes, for people. */
    public String label() {
        return nodes.isEmpty()
                ? "HeadGate"
                : layer instanceof Layer.Block ? "InvertedResidual" : nodes.getLast().op().label();
    }
}
