package io.fovea.run;

import io.fovea.format.GateSpec.Stretch;
import io.fovea.graph.Shape;
import io.fovea.kernel.RowBlend;
import io.fovea.plan.Plan;
import io.fovea.sites.Periphery;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The peripheral background: a net's first values, computed on a small copy of the picture, stand in for those of the whole one. Site (y, x)
 * of an H x W map reads the small h x w map bilinearly at {@code ((y + 1/2) * h / H - 1/2, (x + 1/2) * w / W - 1/2)}, clamped at the
 * border, then {@code a * v + b} per channel. Immutable, thread-safe; {@link #of} binds it to one run's maps.
 */
public final class SmallRun {
    private final RowBlend blend = RowBlend.fastest();
    private final Map<String, Value> values = new HashMap<>();
    private final int count;
    private final Set<String> names;

    /** One value: where its small map is among the maps of a run, and what it takes to read it. */
    private record Value(int index, Plan.Part part, Shape small, Stretched rows, Stretched columns, MemorySegment a,
            MemorySegment b) {}

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
     * Prepares.
     *
     * @param small plan of the small run; each value is an output of it
     * @param lines the line of each value
     * @param whole shapes of the values in the whole run
     */
    public SmallRun(Plan small, Map<String, Stretch> lines, Map<String, Shape> whole) {
        Arena arena = Arena.ofAuto();
        for (String name : lines.keySet()) {
            Plan.Part part = small.outputs().stream().filter(o -> o.name().equals(name)).findFirst().orElseThrow()
                    .parts().getFirst();
            Shape from = small.values().get(part.value()).shape();
            Shape to = whole.get(name);
            Stretch line = lines.get(name);
            values.put(name, new Value(values.size(), part, from, Stretched.of(to.height(), from.height()),
                    Stretched.of(to.width(), from.width()), copy(line.a(), arena), copy(line.b(), arena)));
        }
        count = values.size();
        names = Set.copyOf(values.keySet());
    }

    private static MemorySegment copy(float[] row, Arena arena) {
        MemorySegment copy = arena.allocate(4L * row.length + 64, 64);
        MemorySegment.copy(row, 0, copy, ValueLayout.JAVA_FLOAT, 0, row.length);
        return copy;
    }

    /** Returns what a finished small run shows; valid until the workspace's next run or its close. */
    public Periphery of(Workspace finished) {
        MemorySegment[] maps = new MemorySegment[count];
        values.values().forEach(v -> maps[v.index()] = finished.rows(v.part()));
        return new Maps(maps);
    }

    /** The maps of one run. */
    private final class Maps implements Periphery {
        private final MemorySegment[] maps;

        private Maps(MemorySegment[] maps) {
            this.maps = maps;
        }

        @Override
        public Set<String> values() {
            return names;
        }

        @Override
        public void fill(String value, SiteSet sites, int from, int to, MemorySegment rows) {
            Value v = values.get(value);
            SiteGrid grid = sites.grid();
            int channels = v.small().channels();
            int width = v.small().width();
            RowBlend.Corners at = new RowBlend.Corners();
            for (int k = from; k < to; k++) {
                int y = sites.ringPosition(k) / grid.width();
                int x = sites.ringPosition(k) % grid.width();
                long above = (long) v.rows().before()[y] * width;
                long below = (long) v.rows().after()[y] * width;
                int left = v.columns().before()[x];
                int right = v.columns().after()[x];
                at.i00 = above + left;
                at.i01 = above + right;
                at.i10 = below + left;
                at.i11 = below + right;
                at.below = v.rows().weight()[y];
                at.right = v.columns().weight()[x];
                blend.blend(maps[v.index()], at, v.a(), v.b(), rows, 1L + k, channels);
            }
        }
    }

    /** Returns the values' names. */
    public List<String> names() {
        return names.stream().sorted().toList();
    }
}
