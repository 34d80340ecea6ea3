package io.fovea.run;

import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.sites.Mask;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What the net computed last at every site, for one stream of pictures: each run's active rows replace the remembered ones, and inactive
 * sites read what is remembered. Kept for every value that a table reads; for exact mode also for the input and the outputs.
 *
 * <p>The plan must not fuse blocks, since a fused step never writes out the value that its table reads (see {@link Session#unfused()}). Belongs to
 * one stream; not thread-safe. Closing frees the memory; a run after that fails.
 */
public final class RememberedBackground implements WholeBackground, AutoCloseable {
    private final Plan plan;
    private final boolean whole;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment[] edges;
    private final int[] lastWriter;
    private final Map<String, MemorySegment> byName = new HashMap<>();
    private final Writer writer = new Writer();
    private boolean complete;
    private long writeNanos;

    /**
     * Makes room for a stream; nothing is remembered yet.
     *
     * @param session the session that will run it; none of its steps is fused
     * @param mode how masks will be applied; {@code EXACT} also keeps the input and the outputs
     * @throws IllegalArgumentException if the session fuses steps
     */
    public RememberedBackground(Session session, Gating.Mode mode) {
        this.plan = session.plan();
        this.whole = mode == Gating.Mode.EXACT;
        int count = plan.values().size();
        boolean[] kept = new boolean[count];
        lastWriter = new int[count];
        Arrays.fill(lastWriter, -1);
        for (int s = 0; s < plan.steps().size(); s++) {
            Step step = plan.steps().get(s);
            lastWriter[step.out()] = s;
            if (step.edge() >= 0) {
                if (step.edge() != step.in()) {
                    throw new IllegalArgumentException("step '" + step.name() + "' is fused: use an unfused session");
                }
                kept[step.edge()] |= step.inDomain() != 0;
            }
        }
        if (whole) {
            kept[0] = true;
            plan.outputs().forEach(o -> o.parts().forEach(p -> kept[p.value()] = true));
        }
        edges = new MemorySegment[count];
        for (int v = 0; v < count; v++) {
            if (kept[v]) {
                Plan.Value value = plan.values().get(v);
                edges[v] = arena.allocate(rowBytes(value) * (1 + value.shape().sites()) + 64, 64);
                byName.put(value.name(), edges[v]);
            }
        }
    }

    private static long rowBytes(Plan.Value value) {
        return 4L * value.shape().channels();
    }

    @Override
    public String name() {
        return "remembered";
    }

    @Override
    public boolean perSite() {
        return true;
    }

    @Override
    public boolean isWhole() {
        return whole;
    }

    @Override
    public MemorySegment edgeRows(String value) {
        MemorySegment edge = byName.get(value);
        if (edge == null) {
            throw new IllegalArgumentException("background 'remembered' has nothing for '" + value + "'");
        }
        return edge;
    }

    /** Returns the bytes that it holds. */
    public long byteSize() {
        return Arrays.stream(edges).filter(e -> e != null).mapToLong(MemorySegment::byteSize).sum();
    }

    /** Forgets everything: the next run has to compute all sites. */
    public void forget() {
        complete = false;
    }

    /** Returns whether every site has been computed since the stream began. */
    public boolean isComplete() {
        return complete;
    }

    /** Returns the time that writing back took in the last run, in nanoseconds. */
    public long writeNanos() {
        return writeNanos;
    }

    /**
     * Computes everything and remembers it: a key frame.
     *
     * @param workspace of the session, its input written
     */
    public void run(Workspace workspace) {
        run(workspace, null, null);
    }

    /**
     * Computes what a mask makes active, over what is remembered, and remembers the result. When the mask leaves too little to save, all
     * is computed; {@link Workspace#isMasked} tells.
     *
     * @param workspace of the session, its input written
     * @param mask foreground, or null for everything
     * @param gating how it is applied, with this background; not used without a mask
     * @throws IllegalStateException if a mask is given and nothing is remembered yet
     */
    public void run(Workspace workspace, Mask mask, Gating gating) {
        if (mask != null && !complete) {
            throw new IllegalStateException("nothing is remembered yet: the first frame has to be computed whole");
        }
        writeNanos = 0;
        writer.workspace = workspace;
        complete &= mask != null;
        try {
            if (mask == null) {
                workspace.run(writer);
            } else {
                workspace.run(mask, gating, true, writer);
            }
            complete = true;
        } catch (RuntimeException | Error e) {
            complete = false;
            throw e;
        } finally {
            writer.workspace = null;
        }
    }

    /** Writes rows back right after the step that completes them, while they are in cache. */
    private final class Writer implements StepObserver {
        private Workspace workspace;

        @Override
        public void before() {
            if (edges[0] != null) {
                write(0, workspace.input(), workspace.sites(0));
            }
        }

        @Override
        public void after(int index, Step step, MemorySegment out) {
            if (edges[step.out()] != null && lastWriter[step.out()] == index) {
                write(step.out(), out, workspace.sites(step.outDomain()));
            }
        }

        private void write(int value, MemorySegment rows, SiteSet sites) {
            long start = System.nanoTime();
            MemorySegment to = edges[value];
            long row = rowBytes(plan.values().get(value));
            int count = sites.count();
            for (int from = 0; from < count;) {
                int end = sites.runEnd(from);
                MemorySegment.copy(rows, row * from, to, row * (1 + sites.position(from)), row * (end - from));
                from = end;
            }
            writeNanos += System.nanoTime() - start;
        }
    }

    @Override
    public void close() {
        complete = false;
        arena.close();
    }
}
