package io.fovea.run;

import io.fovea.graph.Shape;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Macs;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.sites.Background;
import io.fovea.sites.EdgeLayout;
import io.fovea.sites.Mask;
import io.fovea.sites.Periphery;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The buffers of one run. Leased from a {@link Session}, used by one thread: fill {@link #input()}, call {@link #run()}, read
 * outputs, close. Contents are valid until the next run or the close; a closed workspace throws IllegalStateException, and closing it
 * again does nothing.
 */
public final class Workspace implements AutoCloseable {

    /** About what reading or writing a value takes, in multiply-accumulates. */
    private static final long MACS_PER_VALUE = 8;
    /** About what reading a weight takes where it serves a row or two. */
    private static final long MACS_PER_WEIGHT = 4;

    /** What the buffers are used for. */
    private enum Use {
        IDLE, RUNNING, CLOSED_WHILE_RUNNING, CLOSED
    }

    private final Session session;
    private final Plan plan;
    private final ValuePlaces values;
    private final Operands[] operands;
    private final SiteState dense;
    private final Plan.Selection[] selectionAfter;
    private final boolean[][] chosen;
    private final Scratch scratch;
    /** Of a kernel that runs over a step's output. */
    private final Operands finish = new Operands();
    private final MemorySegment zeroEdge;
    private final Arena arena;
    private final AtomicReference<Use> use = new AtomicReference<>(Use.IDLE);
    /** Sites of masked runs: with a background row per site, with shared ones, and with a ring; made when first needed. */
    private final MaskedSites[] masked;
    private final RingSteps ring;
    private EdgeLayout[] ringLayouts;
    private SiteState sites;
    private SiteState allowed;
    private Background bound;
    private boolean isPeripheral;

    Workspace(Session session, Plan plan, SiteState dense, MemorySegment zeroEdge, Arena arena) {
        this.session = session;
        this.plan = plan;
        this.dense = plan.selections().isEmpty() ? dense : new SiteState(plan, false, arena, session.teller(), dense);
        this.zeroEdge = zeroEdge;
        this.arena = arena;
        this.scratch = new Scratch();
        this.masked = new MaskedSites[3];
        this.ring = new RingSteps(plan, arena);
        MemorySegment buffer = arena.allocate(plan.bufferBytes(), 64);
        values = new ValuePlaces(plan, buffer, session.threads() > 1);
        List<Step> steps = plan.steps();
        operands = new Operands[steps.size()];
        for (int s = 0; s < operands.length; s++) {
            operands[s] = new Operands();
        }
        bind(this.dense, null);
        selectionAfter = new Plan.Selection[operands.length];
        chosen = new boolean[plan.domains().size()][];
        for (Plan.Selection selection : plan.selections()) {
            selectionAfter[selection.step()] = selection;
            chosen[selection.domain()] = new boolean[plan.domains().get(selection.domain()).grid().sites()];
        }
    }

    /** Takes over the buffers of a closed workspace for the next lease, so that its old user cannot reach them any more. */
    private Workspace(Workspace closed) {
        session = closed.session;
        plan = closed.plan;
        values = closed.values;
        operands = closed.operands;
        dense = closed.dense;
        scratch = closed.scratch;
        zeroEdge = closed.zeroEdge;
        arena = closed.arena;
        masked = closed.masked;
        ring = closed.ring;
        ringLayouts = closed.ringLayouts;
        selectionAfter = closed.selectionAfter;
        chosen = closed.chosen;
        sites = closed.sites;
        bound = closed.bound;
        allowed = closed.allowed;
        isPeripheral = closed.isPeripheral;
    }

    private void checkOpen() {
        Use now = use.get();
        if (now == Use.CLOSED || now == Use.CLOSED_WHILE_RUNNING) {
            throw new IllegalStateException("workspace is closed");
        }
    }

    /** Begins to change the buffers; what two threads do at once is refused, because native code works on them. */
    private void begin() {
        if (!use.compareAndSet(Use.IDLE, Use.RUNNING)) {
            checkOpen();
            throw new IllegalStateException("workspace is in use: one run at a time");
        }
    }

    /** Ends what {@link #begin} began; gives the buffers back if they were closed meanwhile. */
    private void end() {
        if (!use.compareAndSet(Use.RUNNING, Use.IDLE)) {
            use.set(Use.CLOSED);
            session.release(new Workspace(this));
        }
    }

    /** Returns the input rows: float32, height x width rows of channels, to be filled before a run. */
    public MemorySegment input() {
        checkOpen();
        return values.of(0);
    }

    /** Computes everything. */
    public void run() {
        run((StepObserver) null);
    }

    /** Computes everything and shows each step's output to an observer, if there is one. */
    public void run(StepObserver observer) {
        begin();
        try (Team team = session.team()) {
            bindDense();
            execute(team, observer);
        } finally {
            end();
        }
    }

    /**
     * Computes only what a mask makes active. In exact mode the input rows outside the mask are overwritten with the reference's. A full mask is
     * a dense run, unless exact mode is to remember what was computed.
     *
     * @param mask foreground, for this net's input size
     * @param gating how it is applied
     */
    public void run(Mask mask, Gating gating) {
        run(mask, gating, null);
    }

    /**
     * As {@link #run(Mask, Gating)}, but computes everything when the mask leaves too little to save.
     *
     * @param fallback whether to
     */
    public void run(Mask mask, Gating gating, boolean fallback) {
        run(mask, gating, fallback, null);
    }

    /** As {@link #run(Mask, Gating, boolean)}, and shows each step's output to an observer, if there is one. */
    public void run(Mask mask, Gating gating, boolean fallback, StepObserver observer) {
        begin();
        try (Team team = session.team()) {
            if (mask.isFull() && (gating.mode() == Gating.Mode.GATED
                    || !(gating.background() instanceof RememberedBackground))) {
                bindDense();
            } else {
                bindMasked(mask, gating, team);
                if (fallback && executedMacs() > session.breakEven() * session.issuedMacs()
                        && gating.mode() == Gating.Mode.GATED) {
                    SiteState wanted = sites;
                    bindDense();
                    allowed = wanted;
                }
            }
            execute(team, observer);
        } finally {
            end();
        }
    }

    /** Returns whether the last run was masked; false when everything was computed. */
    public boolean isMasked() {
        return sites != dense;
    }

    /** Returns the multiply-accumulates of the last run (before it, of the sites chosen so far). */
    public long executedMacs() {
        long sum = 0;
        for (int s = 0; s < operands.length; s++) {
            sum += executedMacs(s);
        }
        return sum;
    }

    /** Returns the multiply-accumulates of one step of the last run. */
    public long executedMacs(int step) {
        return Macs.of(plan.steps().get(step).layer(), operands[step].inRows, operands[step].outRows);
    }

    /** Returns about what a step takes, as so many multiply-accumulates: values read and written count, too. */
    private long work(int step) {
        Layer layer = plan.steps().get(step).layer();
        Operands o = operands[step];
        return executedMacs(step) + MACS_PER_WEIGHT * Macs.weights(layer)
                + MACS_PER_VALUE * ((long) o.inRows * layer.inChannels() + (long) o.outRows * layer.outChannels());
    }

    /** Returns the number of rows that a step of the last run wrote: active sites of its output. */
    public int outRows(int step) {
        return operands[step].outRows;
    }

    /** As {@link #run(Mask, Gating)}, with an observer. */
    public void run(Mask mask, Gating gating, StepObserver observer) {
        run(mask, gating, false, observer);
    }

    /** Chooses the sites for a mask and binds the background, without computing anything; a part of {@link #run(Mask, Gating)}. */
    public void choose(Mask mask, Gating gating) {
        begin();
        try {
            bindMasked(mask, gating, Team.ALONE);
        } finally {
            end();
        }
    }

    private void bindMasked(Mask mask, Gating gating, Team team) {
        Background background = gating.background();
        Periphery periphery = gating.mode() == Gating.Mode.GATED ? gating.periphery() : null;
        MaskedSites chosen = periphery == null ? sitesFor(background) : sitesFor(background, periphery);
        if (gating.mode() == Gating.Mode.EXACT) {
            chosen.exact(mask);
            composite(mask, background.edgeRows(plan.values().getFirst().name()));
        } else {
            chosen.gated(mask, gating.coarseShare(), team);
        }
        ring.bind(background, periphery);
        bind(chosen.state(), background);
        isPeripheral = periphery != null;
    }

    private MaskedSites sitesFor(Background background) {
        int kind = background.perSite() ? 0 : 1;
        if (masked[kind] == null) {
            masked[kind] = new MaskedSites(plan, background.perSite(), arena, session.teller());
        }
        return masked[kind];
    }

    /** Domains with a value of the periphery have a ring, the others what the background has. */
    private MaskedSites sitesFor(Background background, Periphery periphery) {
        EdgeLayout[] layouts = new EdgeLayout[plan.domains().size()];
        Arrays.fill(layouts, background.perSite() ? EdgeLayout.PER_SITE : EdgeLayout.SHARED);
        layouts[0] = EdgeLayout.SHARED;
        for (Plan.Value value : plan.values()) {
            if (value.tableRead() && value.domain() != 0 && plan.domains().get(value.domain()).base() < 0
                    && periphery.values().contains(value.name())) {
                layouts[value.domain()] = EdgeLayout.RING;
            }
        }
        if (masked[2] == null || !Arrays.equals(layouts, ringLayouts)) {
            masked[2] = new MaskedSites(plan, layouts, arena, session.teller());
            ringLayouts = layouts;
        }
        return masked[2];
    }

    /** Returns the multiply-accumulates that the last run's background rows took: those of the periphery. */
    public long backgroundMacs() {
        return isPeripheral ? ring.macs() : 0;
    }

    /**
     * Returns whether the last run's mask left a packed row's site active: true for every row of a masked run, and of a run without a mask;
     * of one that computed everything because the mask left too little to save, for the sites that it would have computed.
     *
     * @param part part of an output
     * @param row packed row of it
     */
    public boolean isAllowed(Plan.Part part, int row) {
        if (allowed == null) {
            return true;
        }
        int domain = plan.values().get(part.value()).domain();
        int base = plan.domains().get(domain).base();
        SiteSet set = allowed.set(base < 0 ? domain : base);
        int position = sites.set(domain).position(row);
        return set.row(position / set.grid().width(), position % set.grid().width()) >= 0;
    }

    /** Overwrites the input rows of background cells with the reference's. */
    private void composite(Mask mask, MemorySegment reference) {
        Shape shape = plan.graph().inputShape();
        long row = 4L * shape.channels();
        for (int y = 0; y < shape.height(); y++) {
            for (int x = 0; x < shape.width(); x++) {
                if (!mask.get(y / mask.cell(), x / mask.cell())) {
                    long site = (long) y * shape.width() + x;
                    MemorySegment.copy(reference, row * (1 + site), values.of(0), row * site, row);
                }
            }
        }
    }

    private void bindDense() {
        if (sites != dense || allowed != null) {
            bind(dense, null);
        }
    }

    private void bind(SiteState state, Background background) {
        sites = state;
        values.place(state);
        bound = background;
        isPeripheral = false;
        allowed = null;
        boolean rings = false;
        List<Step> steps = plan.steps();
        for (int s = 0; s < operands.length; s++) {
            Step step = steps.get(s);
            Operands o = operands[s];
            o.in = values.of(step.in());
            o.in2 = values.of(step.in2());
            o.out = values.of(step.out());
            o.inRows = state.rows(step.inDomain());
            o.outRows = state.rows(step.outDomain());
            o.table = state.table(step.table());
            o.edgeSums = null;
            if (step.edge() >= 0) {
                SiteSet set = state.set(step.inDomain());
                o.edgeRows = set.edgeRows();
                if (ring.reads(s, set)) {
                    rings = true;
                } else {
                    boolean constant = background == null || plan.domains().get(step.inDomain()).complete()
                            || set.layout() == EdgeLayout.SHARED && ring.picks(step);
                    Plan.Value edge = plan.values().get(step.edge());
                    o.edge = constant ? zeroEdge : background.edgeRows(edge.name());
                    if (!constant && set.layout() == EdgeLayout.PER_SITE && step.layer() instanceof Layer.Pool pool
                            && !pool.max()) {
                        o.edgeSums = background.edgeSums(edge.name(), edge.shape().sites(), edge.shape().channels());
                    }
                }
            }
        }
        if (rings) {
            ring.place(operands);
        }
    }

    /** Chooses a domain's sites from the values just computed, and binds the steps that work on them. */
    private void select(Plan.Selection selection) {
        SiteSet base = sites.set(plan.domains().get(selection.domain()).base());
        boolean[] active = chosen[selection.domain()];
        Arrays.fill(active, false);
        MemorySegment value = values.of(selection.value());
        for (int row = 0; row < base.count(); row++) {
            active[base.position(row)] = value.getAtIndex(ValueLayout.JAVA_FLOAT, row) > selection.threshold();
        }
        SiteSet set = sites.set(selection.domain());
        set.set(active);
        sites.buildTables(selection.domain());
        List<Step> steps = plan.steps();
        for (int s = selection.step() + 1; s < operands.length; s++) {
            Step step = steps.get(s);
            if (step.inDomain() == selection.domain()) {
                operands[s].inRows = set.count();
            }
            if (step.outDomain() == selection.domain()) {
                operands[s].outRows = set.count();
            }
        }
    }

    private void execute(Team team, StepObserver observer) {
        List<Step> steps = plan.steps();
        if (observer != null) {
            observer.before();
        }
        for (int s = 0; s < operands.length; s++) {
            Step step = steps.get(s);
            ring.make(s, sites, operands[s], team, scratch);
            team.run(step.kernel(), operands[s], scratch, work(s));
            if (step.kernel().then() != null) {
                finish.in = operands[s].out;
                finish.inRows = operands[s].outRows;
                finish.out = operands[s].out;
                finish.outRows = operands[s].outRows;
                team.run(step.kernel().then(), finish, scratch, work(s));
            }
            if (selectionAfter[s] != null) {
                select(selectionAfter[s]);
            }
            if (observer != null) {
                observer.after(s, step, operands[s].out);
            }
        }
    }

    /** Returns the packed rows of a part of an output: {@code sites.count() * rowsPerSite} rows. */
    public MemorySegment rows(Plan.Part part) {
        checkOpen();
        return values.of(part.value());
    }

    /** Returns the sites for which a part of an output holds rows. */
    public SiteSet sites(Plan.Part part) {
        checkOpen();
        return sites.set(plan.values().get(part.value()).domain());
    }

    /** Returns the sites that the mask made active for a part of an output, before a head gate chose among them. */
    public SiteSet maskSites(Plan.Part part) {
        checkOpen();
        int domain = plan.values().get(part.value()).domain();
        int base = plan.domains().get(domain).base();
        return sites.set(base < 0 ? domain : base);
    }

    /** Returns the present sites of a domain. */
    SiteSet sites(int domain) {
        return sites.set(domain);
    }

    /**
     * Returns a copy of a whole output in ONNX order: rows {@code [N, width]} for joined head rows, NCHW for a feature map. Inactive
     * sites of a masked run read as the reference's where that is the whole background, and as zeros otherwise.
     *
     * @param name name of the output
     */
    public float[] output(String name) {
        checkOpen();
        for (Plan.Output output : plan.outputs()) {
            if (output.name().equals(name)) {
                return OutputCopy.of(plan, output, sites, values.all(), isPeripheral ? null : bound);
            }
        }
        throw new IllegalArgumentException("no output '" + name + "'");
    }

    /** Gives the buffers back; those of a run under way in another thread, when it ends. */
    @Override
    public void close() {
        while (!use.compareAndSet(Use.RUNNING, Use.CLOSED_WHILE_RUNNING)) {
            if (use.compareAndSet(Use.IDLE, Use.CLOSED)) {
                session.release(new Workspace(this));
                return;
            }
            if (use.get() != Use.RUNNING && use.get() != Use.IDLE) {
                return;
            }
        }
    }
}
