package io.fovea.plan;

import io.fovea.graph.Graph;
import io.fovea.graph.Reach;
import io.fovea.graph.Shape;
import io.fovea.sites.SiteGrid;
import java.util.List;

/**
 * How a graph is run: immutable and shared by all workspaces.
 *
 * @param graph the (optimised) graph
 * @param values all values that steps read or write; value 0 is the input
 * @param domains sets of sites that values live on; domain 0 is the input's own
 * @param tables neighbour tables
 * @param steps in order
 * @param selections sites chosen in the middle of the plan
 * @param outputs the graph's outputs, in its order
 * @param bufferBytes size of the activation buffer of one workspace
 */
public record Plan(Graph graph, List<Value> values, List<Domain> domains, List<Table> tables, List<Step> steps,
        List<Selection> selections, List<Output> outputs, long bufferBytes) {

    public Plan {
        values = List.copyOf(values);
        domains = List.copyOf(domains);
        tables = List.copyOf(tables);
        steps = List.copyOf(steps);
        selections = List.copyOf(selections);
        outputs = List.copyOf(outputs);
    }

    /**
     * A value with its place.
     *
     * @param name name in the graph
     * @param shape its shape
     * @param domain sites that it lives on
     * @param offset byte offset in the activation buffer, -1 when it is never stored (inside a fused step)
     * @param tableRead whether a table reads it, so that it needs edge rows
     */
    public record Value(String name, Shape shape, int domain, long offset, boolean tableRead) {}

    /**
     * A set of sites to be chosen at run time: one per resolution, and one per head level whose sites a unit picks.
     *
     * @param grid positions
     * @param base domain whose active sites this one chooses from, or -1 when the mask decides
     * @param complete whether every site is active whatever the mask: the input's own, and what is pooled over whole maps
     */
    public record Domain(SiteGrid grid, int base, boolean complete) {}

    /**
     * The choice of a domain's sites from a value: of the base domain's active sites those whose value exceeds a threshold.
     *
     * @param step step after which it happens
     * @param value map of one channel on the base domain
     * @param threshold a site is active when its value is above
     * @param domain domain chosen
     */
    public record Selection(int step, int value, float threshold, int domain) {}

    /**
     * A neighbour table, shared by all steps of one reach between two domains.
     *
     * @param reach geometry
     * @param in domain read
     * @param out domain written
     */
    public record Table(Reach reach, int in, int out) {}

    /**
     * An output of the graph: rows of {@code width} values, part after part.
     *
     * @param name name in the graph
     * @param shape its shape
     * @param width values per row
     * @param parts its pieces in order
     */
    public record Output(String name, Shape shape, int width, List<Part> parts) {
        public Output {
            parts = List.copyOf(parts);
        }
    }

    /**
     * One feature map's share of an output.
     *
     * @param value the value that holds it
     * @param rowsPerSite output rows per site
     * @param firstRow first output row
     */
    public record Part(int value, int rowsPerSite, int firstRow) {}

    /** Returns the number of a value by name, or -1. */
    public int value(String name) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
