package io.fovea.run;

import io.fovea.format.GateSpec.Stretch;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.kernel.KernelTiers;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowBlend;
import io.fovea.kernel.RowKernel;
import io.fovea.plan.Plan;
import io.fovea.sites.Periphery;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The peripheral background: a net's first values, computed on a small copy of the picture, stand in for those of the whole one. Site (y, x)
 * of an H x W map reads the small h x w map bilinearly at {@code ((y + 1/2) * h / H - 1/2, (x + 1/2) * w / W - 1/2)}, clamped at the
 * border, then {@code a * v + b} per channel.
 *
 * <p>A value of a fine map that a pointwise convolution widens, as in an inverted residual, is not kept by the small run, so that the run may
 * fuse the block: the convolution is done over at the few small sites that are read. Of a coarse map most sites are read. Immutable, thread-safe; {@link #of} binds it to one run.
 */
public final class SmallRun {
    /** Whole maps of more sites are fine. On 38x38 and 19x19 maps more than a third and more than half of the small sites were read. */
    private static final int COARSE_SITES = 2000;
    private final RowBlend blend = RowBlend.fastest();
    private final Map<String, Value> values = new HashMap<>();
    private final Set<String> names;
    private final ArrayDeque<Buffers> spare = new ArrayDeque<>();

    /** One value: the map that is kept of it or of what it is widened from, and what it takes to read it. */
    private record Value(Plan.Part part, Shape small, Widening widening, MemorySegment a, MemorySegment b) {}

    /** The convolution that widens a kept map. */
    private record Widening(RowKernel kernel, int inChannels, long macsPerSite) {}

    /**
     * Returns the values that a small run has to keep, as outputs of its graph, for others to stand in.
     *
     * @param graph the detector's, optimised
     * @param values the values that stand in
     */
    public static List<String> kept(Graph graph, Collection<String> values) {
        Set<String> kept = new LinkedHashSet<>();
        for (String value : values) {
            Node writer = graph.writer(value);
            kept.add(isWidened(graph, writer) ? writer.inputs().getFirst() : value);
        }
        return List.copyOf(kept);
    }

    private static boolean isWidened(Graph graph, Node writer) {
        return writer.op() instanceof Op.Conv conv && conv.isPointwise() && conv.activation().isClip()
                && writer.inputs().size() == 1 && graph.shape(writer.output()).sites() > COARSE_SITES
                && !writer.inputs().getFirst().equals(graph.input())
                && conv.outChannels() > graph.shape(writer.inputs().getFirst()).channels();
    }

    /**
     * Prepares.
     *
     * @param small plan of the small run, whose outputs hold {@link #kept}
     * @param whole the detector's graph, optimised
     * @param lines the line of each value
     * @param kernels kernel tier, or {@code auto}
     */
    public SmallRun(Plan small, Graph whole, Map<String, Stretch> lines, String kernels) {
        Arena arena = Arena.ofAuto();
        lines.forEach((name, line) -> {
            Node writer = whole.writer(name);
            boolean widened = isWidened(whole, writer);
            String kept = widened ? writer.inputs().getFirst() : name;
            Plan.Part part = small.outputs().stream().filter(o -> o.name().equals(kept)).findFirst().orElseThrow()
                    .parts().getFirst();
            Shape from = small.values().get(part.value()).shape();
            values.put(name, new Value(part, new Shape(from.height(), from.width(), whole.shape(name).channels()),
                    widened ? widening(writer, from.channels(), kernels, arena) : null, copy(line.a(), arena),
                    copy(line.b(), arena)));
        });
        names = Set.copyOf(values.keySet());
    }

    private static Widening widening(Node writer, int channels, String kernels, Arena arena) {
        Op.Conv op = (Op.Conv) writer.op();
        Layer.Conv layer = new Layer.Conv(channels, op.outChannels(), op.window(), 1, op.weights(), op.bias(),
                op.activation(), false);
        RowKernel kernel = KernelTiers.find(kernels).stream().flatMap(t -> t.prepare(layer, arena).stream()).findFirst()
                .orElseThrow();
        return new Widening(kernel, channels, layer.macsPerSite());
    }

    private static MemorySegment copy(float[] row, Arena arena) {
        MemorySegment copy = arena.allocate(4L * row.length + 64, 64);
        MemorySegment.copy(row, 0, copy, ValueLayout.JAVA_FLOAT, 0, row.length);
        return copy;
    }

    /** Returns the values' names. */
    public Set<String> names() {
        return names;
    }

    /** Returns what a finished small run shows; valid until the workspace's next run or its close. */
    public Seen of(Workspace finished) {
        Buffers buffers;
        synchronized (spare) {
            buffers = spare.isEmpty() ? new Buffers() : spare.pop();
        }
        return new Seen(finished, buffers);
    }

    /** What one small run shows. Closing gives its buffers back. */
    public final class Seen implements Periphery, AutoCloseable {
        private final Workspace finished;
        private Buffers buffers;

        private Seen(Workspace finished, Buffers buffers) {
            this.finished = finished;
            this.buffers = buffers;
        }

        @Override
        public Set<String> values() {
            return names;
        }

        @Override
        public long prepare(String value, SiteSet sites) {
            Value v = values.get(value);
            long macs = (long) RowBlend.MACS * v.small().channels() * sites.ringCount();
            buffers.take(v, sites);
            return v.widening() == null ? macs : macs + buffers.widen(v, finished.rows(v.part()));
        }

        @Override
        public void fill(String value, SiteSet sites, int from, int to, MemorySegment rows) {
            Value v = values.get(value);
            boolean widened = v.widening() != null;
            int channels = v.small().channels();
            blend.blend(widened ? buffers.wide.rows : finished.rows(v.part()),
                    widened ? buffers.corners.ofFound() : buffers.corners.ofMap(), v.a(), v.b(),
                    rows.asSlice(4L * channels), from, to, channels);
        }

        @Override
        public void close() {
            if (buffers != null) {
                synchronized (spare) {
                    spare.push(buffers);
                }
                buffers = null;
            }
        }
    }

    /** Buffers of one run, reused from value to value. */
    private static final class Buffers {
        private final SmallRows narrow = new SmallRows();
        private final SmallRows wide = new SmallRows();
        private final List<RingCorners> known = new ArrayList<>();
        private RingCorners corners;

        /** Finds the corners that a value's ring reads. */
        void take(Value v, SiteSet ring) {
            if (corners == null || !corners.areBetween(v.small(), ring.grid())) {
                corners = known.stream().filter(c -> c.areBetween(v.small(), ring.grid())).findFirst().orElse(null);
                if (corners == null) {
                    corners = new RingCorners(v.small(), ring.grid());
                    known.add(corners);
                }
            }
            corners.take(ring);
        }

        /** Widens the rows of the sites that the ring reads and returns the multiply-accumulates. */
        long widen(Value v, MemorySegment map) {
            int n = corners.found();
            Widening w = v.widening();
            MemorySegment in = narrow.of((long) n * w.inChannels());
            corners.gather(map, w.inChannels(), in);
            narrow.operands.in = in;
            narrow.operands.inRows = n;
            narrow.operands.out = wide.of((long) n * v.small().channels());
            narrow.operands.outRows = n;
            w.kernel().run(narrow.operands, 0, w.kernel().units(narrow.operands), narrow.scratch);
            return n * w.macsPerSite();
        }
    }
}
