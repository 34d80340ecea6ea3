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
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
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
 * <p>A value that a pointwise convolution widens, as in an inverted residual, is not kept by the small run, so that the run may fuse the
 * block: the convolution is done over at the few small sites that are read. Immutable, thread-safe; {@link #of} binds it to one run.
 */
public final class SmallRun {
    private final RowBlend blend = RowBlend.fastest();
    private final Map<String, Value> values = new HashMap<>();
    private final Set<String> names;
    private final ArrayDeque<Corners> spare = new ArrayDeque<>();

    /** One value: the map that is kept of it or of what it is widened from, and what it takes to read it. */
    private record Value(Plan.Part part, Shape small, Widening widening, Stretched rows, Stretched columns,
            MemorySegment a, MemorySegment b) {}

    /** The convolution that widens a kept map. */
    private record Widening(RowKernel kernel, int inChannels, long macsPerSite) {}

    /** For each place along one side of the whole map: the places before and after it in the small one, and the latter's weight. */
    private record Stretched(int[] before, int[] after, float[] weight) {
        static Stretched of(int whole, int small) {
            int[] before = new int[whole];
            int[] after = new int[whole];
            float[] weight = new float[whole];
            for (int i = 0; i < whole; i++) {
                float at = Math.clamp((i + 0.5f) * small / whole - 0.5f, 0, small - 1);
                before[i] = (int) at;
                after[i] = Math.min(before[i] + 1, small - 1);
                weight[i] = at - before[i];
            }
            return new Stretched(before, after, weight);
        }
    }

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
                && writer.inputs().size() == 1 && !writer.inputs().getFirst().equals(graph.input())
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
            Shape to = whole.shape(name);
            values.put(name, new Value(part, new Shape(from.height(), from.width(), to.channels()),
                    widened ? widening(writer, from.channels(), kernels, arena) : null,
                    Stretched.of(to.height(), from.height()), Stretched.of(to.width(), from.width()),
                    copy(line.a(), arena), copy(line.b(), arena)));
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
        Corners corners;
        synchronized (spare) {
            corners = spare.isEmpty() ? new Corners() : spare.pop();
        }
        return new Seen(finished, corners);
    }

    /** What one small run shows. Closing gives its buffers back. */
    public final class Seen implements Periphery, AutoCloseable {
        private final Workspace finished;
        private Corners corners;

        private Seen(Workspace finished, Corners corners) {
            this.finished = finished;
            this.corners = corners;
        }

        @Override
        public Set<String> values() {
            return names;
        }

        @Override
        public long prepare(String value, SiteSet sites) {
            Value v = values.get(value);
            long macs = (long) RowBlend.MACS * v.small().channels() * sites.ringCount();
            return v.widening() == null ? macs : macs + corners.widen(v, sites, finished.rows(v.part()));
        }

        @Override
        public void fill(String value, SiteSet sites, int from, int to, MemorySegment rows) {
            Value v = values.get(value);
            SiteGrid grid = sites.grid();
            int channels = v.small().channels();
            int width = v.small().width();
            MemorySegment map = v.widening() == null ? finished.rows(v.part()) : corners.wide();
            int[] rowOf = v.widening() == null ? null : corners.rowOf;
            RowBlend.Corners at = new RowBlend.Corners();
            for (int k = from; k < to; k++) {
                int y = sites.ringPosition(k) / grid.width();
                int x = sites.ringPosition(k) % grid.width();
                int above = v.rows().before()[y] * width;
                int below = v.rows().after()[y] * width;
                int left = v.columns().before()[x];
                int right = v.columns().after()[x];
                at.i00 = row(rowOf, above + left);
                at.i01 = row(rowOf, above + right);
                at.i10 = row(rowOf, below + left);
                at.i11 = row(rowOf, below + right);
                at.below = v.rows().weight()[y];
                at.right = v.columns().weight()[x];
                blend.blend(map, at, v.a(), v.b(), rows, 1L + k, channels);
            }
        }

        private static int row(int[] rowOf, int site) {
            return rowOf == null ? site : rowOf[site];
        }

        @Override
        public void close() {
            if (corners != null) {
                synchronized (spare) {
                    spare.push(corners);
                }
                corners = null;
            }
        }
    }

    /** The small sites that the ring of one value reads, widened: buffers of one run, reused from value to value. */
    private static final class Corners {
        private final SmallRows narrow = new SmallRows();
        private final SmallRows wide = new SmallRows();
        private int[] rowOf = new int[0];
        private int[] sites = new int[0];
        private int found;
        private SiteSet foundFor;
        private long foundVersion;
        private Shape foundIn;

        MemorySegment wide() {
            return wide.rows;
        }

        /** Widens the rows of the sites that the ring reads and returns the multiply-accumulates. */
        long widen(Value v, SiteSet ring, MemorySegment map) {
            int n = find(v, ring);
            Widening w = v.widening();
            long row = 4L * w.inChannels();
            MemorySegment in = narrow.of((long) n * w.inChannels());
            for (int from = 0; from < n;) {
                int end = from + 1;
                while (end < n && sites[end] == sites[from] + end - from) {
                    end++;
                }
                MemorySegment.copy(map, row * sites[from], in, row * from, row * (end - from));
                from = end;
            }
            narrow.operands.in = in;
            narrow.operands.inRows = n;
            narrow.operands.out = wide.of((long) n * v.small().channels());
            narrow.operands.outRows = n;
            w.kernel().run(narrow.operands, 0, w.kernel().units(narrow.operands), narrow.scratch);
            return n * w.macsPerSite();
        }

        /** Numbers the sites that the ring reads, in row-major order, and returns how many there are; values of one resolution share them. */
        private int find(Value v, SiteSet ring) {
            Shape in = v.small();
            boolean known = foundFor == ring && foundVersion == ring.version() && foundIn.height() == in.height()
                    && foundIn.width() == in.width();
            if (!known) {
                found = number(v, ring);
                foundFor = ring;
                foundVersion = ring.version();
                foundIn = in;
            }
            return found;
        }

        private int number(Value v, SiteSet ring) {
            int all = v.small().sites();
            int width = v.small().width();
            if (rowOf.length < all) {
                rowOf = new int[all];
                sites = new int[all];
            }
            Arrays.fill(rowOf, 0, all, -1);
            for (int k = 0; k < ring.ringCount(); k++) {
                int y = ring.ringPosition(k) / ring.grid().width();
                int x = ring.ringPosition(k) % ring.grid().width();
                int above = v.rows().before()[y] * width;
                int below = v.rows().after()[y] * width;
                int left = v.columns().before()[x];
                int right = v.columns().after()[x];
                rowOf[above + left] = 0;
                rowOf[above + right] = 0;
                rowOf[below + left] = 0;
                rowOf[below + right] = 0;
            }
            int n = 0;
            for (int site = 0; site < all; site++) {
                if (rowOf[site] == 0) {
                    sites[n] = site;
                    rowOf[site] = n++;
                }
            }
            return n;
        }
    }
}
