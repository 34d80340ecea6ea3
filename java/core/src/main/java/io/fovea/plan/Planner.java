package io.fovea.plan;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphException;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Reach;
import io.fovea.graph.Sampling;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import io.fovea.sites.SiteGrid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Turns a graph into a {@link Plan}. Which kernel runs a layer, and whether a block is fused, is asked of a {@link KernelChooser}. */
public final class Planner {
    private final Graph graph;
    private final KernelChooser chooser;
    private final List<HeadLevel> levels;
    private final List<HeadUnit> units;
    private final boolean shared;
    private final Map<Integer, Integer> levelDomains = new HashMap<>();
    private final Map<String, Shape> added = new HashMap<>();
    private final List<Plan.Selection> selections = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, String> aliases = new HashMap<>();
    private final Map<Integer, Integer> domains = new HashMap<>();
    private final List<int[]> sizes = new ArrayList<>();
    private final List<Integer> bases = new ArrayList<>();
    private final List<List<Reach>> readers = new ArrayList<>();
    private final Set<String> wholeValues;
    private int whole = -1;
    private final Map<Plan.Table, Integer> tables = new LinkedHashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<Node, Supplier<Step>> blocks = new IdentityHashMap<>();
    private final Set<Node> fused = Collections.newSetFromMap(new IdentityHashMap<>());

    private Planner(Graph graph, KernelChooser chooser, List<HeadLevel> levels, List<HeadUnit> units, boolean shared) {
        this.graph = graph;
        this.shared = shared;
        this.chooser = chooser;
        this.levels = levels;
        this.units = units;
        this.wholeValues = Lowering.wholeValues(graph);
    }

    /**
     * Plans a graph.
     *
     * @param graph the graph, already optimised
     * @param chooser picks kernels
     * @param levels the head's levels; of no account without units
     * @param units of a head gate, one per level, or none at all
     * @param shared whether several threads share a run: then values lie so that each thread writes where it wrote before
     * @throws GraphException if an operator stands where no step can serve it, or the units do not fit the levels
     */
    public static Plan plan(Graph graph, KernelChooser chooser, List<HeadLevel> levels, List<HeadUnit> units,
            boolean shared) {
        if (!units.isEmpty() && units.size() != levels.size()) {
            throw new GraphException("head gate has " + units.size() + " units for " + levels.size() + " levels");
        }
        return new Planner(graph, chooser, units.isEmpty() ? List.of() : levels, units, shared).plan();
    }

    private Plan plan() {
        if (graph.inputs().size() != 1) {
            throw new GraphException("graph '" + graph.name() + "' has the inputs " + graph.inputs()
                    + "; only a graph with one can be planned");
        }
        domain(id(graph.input()));
        for (Node node : graph.nodes()) {
            select(level(node.output()));
            if (!blocks.containsKey(node) && !fused.contains(node)) {
                findBlock(node);
            }
            if (blocks.containsKey(node)) {
                steps.add(blocks.get(node).get());
            } else if (!fused.contains(node)) {
                single(node);
            }
        }
        return finish();
    }

    private int level(String value) {
        for (int l = 0; l < levels.size(); l++) {
            if (levels.get(l).values().contains(value)) {
                return l;
            }
        }
        return -1;
    }

    /** Adds the step that picks a level's sites, before the first of its nodes. */
    private void select(int level) {
        if (level < 0 || levelDomains.containsKey(level)) {
            return;
        }
        HeadUnit unit = units.get(level);
        String input = levels.get(level).input();
        Shape shape = graph.shape(input);
        if (!unit.input().equals(input) || unit.weights().length != shape.channels()) {
            throw new GraphException("head gate of level " + level + " reads '" + unit.input() + "' with "
                    + unit.weights().length + " channels, the head starts from '" + input + "' with "
                    + shape.channels());
        }
        String name = "head-gate/" + level;
        added.put(name, new Shape(shape.height(), shape.width(), 1));
        int in = id(input);
        int out = id(name);
        domains.put(out, domain(in));
        Layer layer = new Layer.Conv(shape.channels(), 1, Window.POINTWISE, 1, unit.weights(), new float[]{unit.bias()},
                Activation.NONE, false);
        steps.add(new Step(name, List.of(), layer, chooser.choose(name, layer), in, -1, out, -1, -1, domain(in),
                domain(out)));
        levelDomains.put(level, newDomain(shape, domain(in)));
        selections.add(new Plan.Selection(steps.size() - 1, out, unit.threshold(), levelDomains.get(level)));
    }

    private Shape shape(int value) {
        String name = names.get(value);
        return added.containsKey(name) ? added.get(name) : graph.shape(name);
    }

    /** Looks for a block that starts at a node and, if it is to be fused, takes its nodes out; its last node will add the step. */
    private void findBlock(Node first) {
        if (!(first.op() instanceof Op.Conv conv)) {
            return;
        }
        Node expand = conv.isPointwise() ? first : null;
        Node depthwise = expand == null ? first : next(first);
        Node project = depthwise == null ? null : next(depthwise);
        if (project == null || !Lowering.isBlock(graph, expand, depthwise, project)
                || expand != null && domain(id(first.inputs().getFirst())) == 0) {
            return;
        }
        Layer.Block layer = Lowering.block(graph, expand, depthwise, project);
        RowKernel kernel = chooser.fuse(project.name(), layer);
        if (kernel == null) {
            return;
        }
        List<Node> nodes = expand == null ? List.of(depthwise, project) : List.of(expand, depthwise, project);
        fused.addAll(nodes);
        blocks.put(project, () -> {
            int edge = id(depthwise.inputs().getFirst());
            int in = id(first.inputs().getFirst());
            int out = id(project.output());
            int in2 = second(project, out);
            return new Step(project.name(), nodes, layer, kernel, in, in2, out,
                    table(layer.depthwise().window(), in, out), edge, domain(in), domain(out));
        });
    }

    private Node next(Node node) {
        List<Node> readers = graph.readers(node.output());
        return readers.size() == 1 ? readers.getFirst() : null;
    }

    private void single(Node node) {
        switch (node.op()) {
            case Op.Conv op -> add(node, Lowering.conv(graph, node));
            case Op.Affine op -> add(node,
                    new Layer.Affine(graph.shape(node.output()).channels(), op.scale(), op.shift()));
            case Op.Activate op ->
                add(node, new Layer.Activate(graph.shape(node.output()).channels(), op.activation()));
            case Op.Add op -> add(node, new Layer.Add(graph.shape(node.output()).channels(),
                    op.activation().isClip() ? op.activation() : Activation.NONE));
            case Op.MaxPool op -> add(node,
                    new Layer.Pool(graph.shape(node.output()).channels(), op.window(), true, false));
            case Op.AveragePool op -> add(node, new Layer.Pool(graph.shape(node.output()).channels(), op.window(),
                    false, op.countPadding()));
            case Op.GlobalAverage op -> add(node, new Layer.Pool(graph.shape(node.output()).channels(),
                    (Window) Lowering.reach(graph, node), false, false));
            case Op.PRelu op -> add(node, new Layer.PRelu(graph.shape(node.output()).channels(), op.slope()));
            case Op.Softmax op -> add(node, new Layer.Softmax(graph.shape(node.output()).channels(), op.width()));
            case Op.Reduce op ->
                add(node, new Layer.Reduce(graph.shape(node.inputs().getFirst()).channels(), op.kind()));
            case Op.SelectChannels op -> add(node,
                    new Layer.SelectColumns(graph.shape(node.inputs().getFirst()).channels(), op.channels()));
            case Op.Binary op -> add(node, Lowering.binary(graph, node, op));
            case Op.Sampled op -> add(node, new Layer.Sample(graph.shape(node.output()).channels(),
                    (Sampling) Lowering.reach(graph, node)));
            case Op.Concat op -> concat(node);
            case Op.HeadRows op -> {
                String map = node.inputs().getFirst();
                aliases.put(node.output(), aliases.getOrDefault(map, map));
            }
            case Op.JoinRows op -> {
                if (!graph.outputs().contains(node.output()) || !graph.readers(node.output()).isEmpty()) {
                    throw new GraphException("node '" + node.name() + "': joined rows can only be an output");
                }
            }
        }
        Activation after = Lowering.separateActivation(node);
        if (after != null) {
            int value = id(node.output());
            Layer layer = new Layer.Activate(graph.shape(node.output()).channels(), after);
            steps.add(new Step(node.name(), List.of(node), layer, chooser.choose(node.name(), layer), value, -1, value,
                    -1, -1, domain(value), domain(value)));
        }
    }

    private void add(Node node, Layer layer) {
        int in = id(node.inputs().getFirst());
        int out = id(node.output());
        int in2 = second(node, out);
        Reach reach = Lowering.reach(graph, node);
        if (reach == null && domain(in) != domain(out)) {
            if (layer instanceof Layer.Conv) {
                reach = Window.POINTWISE;
            } else {
                in = onto(node, in, domain(out));
            }
        }
        int table = reach == null ? -1 : table(reach, in, out);
        steps.add(new Step(node.name(), List.of(node), layer, chooser.choose(node.name(), layer), in, in2, out, table,
                reach == null ? -1 : in, domain(in), domain(out)));
    }

    private void concat(Node node) {
        int out = id(node.output());
        int total = graph.shape(node.output()).channels();
        int offset = 0;
        for (String input : node.inputs()) {
            int channels = graph.shape(input).channels();
            Layer layer = new Layer.CopyColumns(channels, total, offset);
            int in = onto(node, id(input), domain(out));
            steps.add(new Step(node.name(), List.of(node), layer, chooser.choose(node.name(), layer), in, -1, out, -1,
                    -1, domain(in), domain(out)));
            offset += channels;
        }
    }

    /** Returns a node's second input on the sites of its output, or -1. */
    private int second(Node node, int out) {
        if (node.inputs().size() < 2) {
            return -1;
        }
        boolean oneRow = node.op() instanceof Op.Binary && Lowering.isOneSite(graph, node);
        return onto(node, id(node.inputs().get(1)), oneRow ? whole() : domain(out));
    }

    /** Returns the domain of what is pooled over whole maps: one site that is always there. */
    private int whole() {
        if (whole < 0) {
            whole = newDomain(new Shape(1, 1, 1), -1);
        }
        return whole;
    }

    /**
     * Returns a value on the sites of another domain of its size, for steps that read row by row: itself, or a copy that a table of one
     * tap gathers.
     */
    private int onto(Node reader, int value, int domain) {
        if (domain(value) == domain) {
            return value;
        }
        String name = names.get(value) + "@" + domain;
        if (ids.containsKey(name)) {
            return id(name);
        }
        Shape shape = shape(value);
        added.put(name, shape);
        int copy = id(name);
        domains.put(copy, domain);
        Layer layer = new Layer.Pool(shape.channels(), Window.POINTWISE, true, false);
        steps.add(new Step(name, List.of(reader), layer, chooser.choose(name, layer), value, -1, copy,
                table(Window.POINTWISE, value, copy), value, domain(value), domain));
        return copy;
    }

    private int id(String name) {
        String value = aliases.getOrDefault(name, name);
        return ids.computeIfAbsent(value, v -> {
            names.add(v);
            return names.size() - 1;
        });
    }

    /**
     * Returns the domain of a value: the input has its own, which is always complete; what is computed from it row by row stays there;
     * all other values of one resolution share one.
     */
    private int domain(int value) {
        Integer known = domains.get(value);
        if (known == null) {
            Shape shape = shape(value);
            int level = level(names.get(value));
            if (level >= 0) {
                domains.put(value, levelDomains.get(level));
                return levelDomains.get(level);
            }
            Node writer = graph.writer(names.get(value));
            if (wholeValues.contains(names.get(value))) {
                known = whole();
            } else if (writer != null && isRowWise(writer.op())
                    && writer.inputs().stream().allMatch(in -> domain(id(in)) == 0)) {
                known = 0;
            } else {
                known = value == 0 ? newDomain(shape, -1) : sized(shape);
            }
            domains.put(value, known);
        }
        return known;
    }

    private static boolean isRowWise(Op op) {
        return switch (op) {
            case Op.Affine a -> true;
            case Op.Activate a -> true;
            case Op.PRelu p -> true;
            case Op.Softmax s -> true;
            case Op.Add a -> true;
            case Op.Binary b -> true;
            case Op.Reduce r -> true;
            case Op.SelectChannels s -> true;
            case Op.Concat c -> true;
            default -> false;
        };
    }

    private int sized(Shape shape) {
        for (int d = 1; d < sizes.size(); d++) {
            if (d != whole && bases.get(d) < 0 && sizes.get(d)[0] == shape.height()
                    && sizes.get(d)[1] == shape.width()) {
                return d;
            }
        }
        return newDomain(shape, -1);
    }

    private int newDomain(Shape shape, int base) {
        sizes.add(new int[]{shape.height(), shape.width()});
        bases.add(base);
        readers.add(new ArrayList<>());
        return sizes.size() - 1;
    }

    private int table(Reach reach, int in, int out) {
        readers.get(domain(in)).add(reach);
        return tables.computeIfAbsent(new Plan.Table(reach, domain(in), domain(out)), t -> tables.size());
    }

    private Plan finish() {
        List<Plan.Output> outputs = new ArrayList<>();
        for (String name : graph.outputs()) {
            outputs.add(output(name));
        }
        int count = names.size();
        int[] first = new int[count];
        int[] last = new int[count];
        boolean[] tableRead = new boolean[count];
        Arrays.fill(first, Integer.MAX_VALUE);
        Arrays.fill(last, -1);
        touch(first, last, 0, -1);
        for (int s = 0; s < steps.size(); s++) {
            Step step = steps.get(s);
            touch(first, last, step.in(), s);
            touch(first, last, step.in2(), s);
            touch(first, last, step.out(), s);
            if (step.edge() >= 0) {
                tableRead[step.edge()] = true;
            }
        }
        for (Plan.Output output : outputs) {
            for (Plan.Part part : output.parts()) {
                touch(first, last, part.value(), steps.size());
            }
        }
        BufferPlan buffers = new BufferPlan();
        long[] offsets = new long[count];
        Arrays.fill(offsets, -1);
        for (int v = 0; v < count; v++) {
            if (last[v] >= 0) {
                buffers.lease(v, 4L * shape(v).values(), first[v], last[v]);
            }
        }
        long bytes = buffers.place(offsets, shared);
        List<Plan.Value> values = new ArrayList<>();
        for (int v = 0; v < count; v++) {
            values.add(new Plan.Value(names.get(v), shape(v), domain(v), offsets[v], tableRead[v]));
        }
        List<Plan.Domain> domains = new ArrayList<>();
        for (int d = 0; d < sizes.size(); d++) {
            domains.add(new Plan.Domain(SiteGrid.of(sizes.get(d)[0], sizes.get(d)[1], readers.get(d)), bases.get(d),
                    d == 0 || d == whole));
        }
        return new Plan(graph, values, domains, List.copyOf(tables.keySet()), steps, selections, outputs, bytes);
    }

    private static void touch(int[] first, int[] last, int value, int step) {
        if (value >= 0) {
            first[value] = Math.min(first[value], step);
            last[value] = Math.max(last[value], step);
        }
    }

    private Plan.Output output(String name) {
        Shape shape = graph.shape(name);
        Node writer = graph.writer(name);
        List<String> pieces = writer != null && writer.op() instanceof Op.JoinRows ? writer.inputs() : List.of(name);
        boolean rows = writer != null && (writer.op() instanceof Op.JoinRows || writer.op() instanceof Op.HeadRows);
        List<Plan.Part> parts = new ArrayList<>();
        int row = 0;
        for (String piece : pieces) {
            if (!ids.containsKey(aliases.getOrDefault(piece, piece))) {
                throw new GraphException("output '" + name + "' joins '" + piece + "', which is no feature map");
            }
            int value = id(piece);
            int channels = graph.shape(names.get(value)).channels();
            int perSite = rows ? channels / shape.channels() : 1;
            parts.add(new Plan.Part(value, perSite, row));
            row += graph.shape(names.get(value)).sites() * perSite;
        }
        return new Plan.Output(name, shape, shape.channels(), parts);
    }
}
