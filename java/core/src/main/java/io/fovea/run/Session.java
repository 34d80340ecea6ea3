package io.fovea.run;

import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.kernel.KernelTiers;
import io.fovea.kernel.Macs;
import io.fovea.plan.Choice;
import io.fovea.plan.HeadLevel;
import io.fovea.plan.Plan;
import io.fovea.plan.Planner;
import io.fovea.sites.RunTeller;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A planned graph, ready to run. Thread-safe: every caller leases its own {@link Workspace}; as many stand as were ever in use at once.
 * Closing waits for runs under way; later calls throw IllegalStateException.
 */
public final class Session implements AutoCloseable {
    private final Plan plan;
    private final SessionOptions options;
    private final Choice choice;
    private final int threads;
    private final Arena arena;
    private final long denseMacs;
    private final long issuedMacs;
    private final RunTeller teller;
    private final SiteState dense;
    private final MemorySegment zeroEdge;
    private final InFlight inFlight = new InFlight("session");
    private final ArrayDeque<Workspace> free = new ArrayDeque<>();

    private Session(Plan plan, SessionOptions options, Choice choice, Arena arena) {
        this.choice = choice;
        this.plan = plan;
        this.options = options;
        int threads = options.threads() == 0 ? WorkerPool.shared().size() : options.threads();
        this.threads = threads;
        this.arena = arena;
        this.denseMacs = Cost.of(plan.graph()).macs();
        this.issuedMacs = plan.steps().stream().filter(step -> !step.nodes().isEmpty())
                .mapToLong(step -> Macs.of(step.layer(), plan.values().get(step.in()).shape().sites(),
                        plan.values().get(step.out()).shape().sites()))
                .sum();
        this.teller = KernelTiers.find(options.kernels(), options.winograd()).stream()
                .flatMap(tier -> tier.runTeller().stream()).findFirst().orElse(null);
        this.dense = SiteState.dense(plan, arena, teller);
        int widest = plan.values().stream().mapToInt(v -> v.shape().channels()).max().orElse(1);
        this.zeroEdge = arena.allocate(8L * widest + 64, 64);
    }

    /**
     * Optimises and plans a graph and packs its weights.
     *
     * @throws IllegalStateException if the kernels asked for cannot run here
     */
    public static Session open(Graph graph, SessionOptions options) {
        Graph optimised = Passes.optimise(graph);
        return open(optimised, options, true, Tuner.choice(optimised, options));
    }

    /** Opens a session of an optimised graph with a given choice of kernels. */
    static Session open(Graph graph, SessionOptions options, boolean fuse, Choice choice) {
        Arena arena = Arena.ofShared();
        try {
            TierChooser chooser = new TierChooser(KernelTiers.find(options.kernels(), options.winograd()), arena, fuse,
                    choice, heads(graph));
            SessionOptions.HeadGate gate = options.headGate();
            Plan plan = Planner.plan(graph, chooser,
                    gate == null ? List.of() : HeadLevel.of(graph, gate.boxes(), gate.scores()),
                    gate == null ? List.of() : gate.units(),
                    (options.threads() == 0 ? WorkerPool.shared().size() : options.threads()) > 1);
            return new Session(plan, options, choice, arena);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static Set<String> heads(Graph graph) {
        Set<String> values = HeadLevel.allValues(graph);
        return graph.nodes().stream().filter(n -> values.contains(n.output())).map(Node::name)
                .collect(Collectors.toSet());
    }

    /**
     * Returns another session of the same graph in which no step is fused and no head gate chooses, so that a {@link StepObserver} sees
     * every value at all sites. The caller closes it; it does not depend on this one.
     */
    public Session unfused() {
        return unfused(false);
    }

    /**
     * As {@link #unfused()}.
     *
     * @param headGate whether the head gate, if there is one, picks sites there too
     */
    public Session unfused(boolean headGate) {
        SessionOptions same = headGate
                ? options
                : new SessionOptions(options.threads(), options.kernels(), null, options.tuning(),
                        options.winograd());
        return open(plan.graph(), same, false, choice);
    }

    /** Returns the plan. */
    public Plan plan() {
        return plan;
    }

    /** Returns the multiply-accumulates of the net when every site is computed, without a head gate's units. */
    public long denseMacs() {
        return denseMacs;
    }

    /**
     * Returns the multiply-accumulates that a run over all sites issues, without a head gate's units: the dense ones, less what channels
     * that are constants save.
     */
    public long issuedMacs() {
        return issuedMacs;
    }

    /** Returns the share of {@link #issuedMacs()} above which a masked run is not worth it. */
    public double breakEven() {
        return choice.breakEven();
    }

    /** Returns the threads of one run, the caller included. */
    public int threads() {
        return threads;
    }

    /** Leases a workspace; close it to give it back. */
    public Workspace lease() {
        inFlight.enter();
        synchronized (free) {
            Workspace workspace = free.pollFirst();
            if (workspace != null) {
                return workspace;
            }
        }
        try {
            return new Workspace(this, plan, dense, zeroEdge, arena);
        } catch (RuntimeException | Error e) {
            inFlight.exit();
            throw e;
        }
    }

    void release(Workspace workspace) {
        synchronized (free) {
            free.addFirst(workspace);
        }
        inFlight.exit();
    }

    /** Returns what finds the runs of tables, or null. */
    RunTeller teller() {
        return teller;
    }

    Team team() {
        return WorkerPool.shared().lease(threads);
    }

    /**
     * Runs the graph once, in ONNX's own layout; for tests and comparisons.
     *
     * @param nchw the input, {@code [channels][height][width]}
     * @return outputs by name: rows {@code [N][width]} for head rows, {@code [channels][height][width]} for maps
     */
    public Map<String, float[]> run(float[] nchw) {
        Shape shape = plan.graph().inputShape();
        if (nchw.length != shape.values()) {
            throw new IllegalArgumentException(
                    "input has " + nchw.length + " values, " + shape + " needs " + shape.values());
        }
        try (Workspace workspace = lease()) {
            MemorySegment input = workspace.input();
            int channels = shape.channels();
            for (int c = 0; c < channels; c++) {
                for (int site = 0; site < shape.sites(); site++) {
                    input.setAtIndex(ValueLayout.JAVA_FLOAT, (long) site * channels + c,
                            nchw[c * shape.sites() + site]);
                }
            }
            workspace.run();
            Map<String, float[]> outputs = new LinkedHashMap<>();
            for (Plan.Output output : plan.outputs()) {
                outputs.put(output.name(), workspace.output(output.name()));
            }
            return outputs;
        }
    }

    @Override
    public void close() {
        if (inFlight.close()) {
            arena.close();
        }
    }
}
