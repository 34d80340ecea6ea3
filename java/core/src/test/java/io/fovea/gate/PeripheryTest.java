package io.fovea.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.plan.Windows;
import io.fovea.run.Gating;
import io.fovea.run.MeanBackground;
import io.fovea.run.ReferenceBackground;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.SmallRun;
import io.fovea.run.Workspace;
import io.fovea.sites.Background;
import io.fovea.sites.Mask;
import io.fovea.testing.DenseNet;
import io.fovea.testing.GatedNet;
import io.fovea.testing.Masks;
import io.fovea.testing.RandomNet;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Masked runs over the peripheral background, against whole maps whose inactive sites are overwritten by plain bilinear reading. */
class PeripheryTest {
    private static final double BOUND = 1e-4;

    /** A random net, a small run of its first values, and two kinds of background below it. */
    private static final class Case implements AutoCloseable {
        final Session session;
        final Session small;
        final Graph graph;
        final Graph trunk;
        final float[] photo;
        final float[] smallPhoto;
        final Map<String, Stretch> lines = new LinkedHashMap<>();
        final Map<String, float[]> means = new HashMap<>();
        final float[] reference;
        final SmallRun maps;
        final String repro;

        Case(long start, String tier) {
            long seed = start;
            Graph net = Passes.optimise(RandomNet.of(seed));
            while (Windows.read(net).isEmpty()) {
                net = Passes.optimise(RandomNet.of(++seed));
            }
            Random random = new Random(seed);
            session = Session.open(net, new SessionOptions(1 + random.nextInt(2), tier));
            graph = session.plan().graph();
            Shape shape = graph.inputShape();
            List<String> values = new ArrayList<>(Windows.read(graph));
            String first = values.removeFirst();
            values.removeIf(v -> random.nextInt(3) == 0);
            values.add(first);
            trunk = trunk(random, shape, values);
            small = Session.open(keeping(SmallRun.kept(graph, values)), new SessionOptions(1, tier));
            for (String value : values) {
                int channels = graph.shape(value).channels();
                lines.put(value,
                        new Stretch(Values.gaussian(random, channels, 1), Values.gaussian(random, channels, 1)));
            }
            maps = new SmallRun(small.plan(), graph, lines, tier);
            photo = Values.gaussian(random, shape.values(), 1);
            reference = Values.gaussian(random, shape.values(), 1);
            smallPhoto = Values.gaussian(random, trunk.inputShape().values(), 1);
            graph.nodes().forEach(n -> means.put(n.output(),
                    Values.gaussian(random, graph.shape(n.output()).channels(), 1)));
            repro = tier + ", net " + seed + ", input " + shape + ", small " + trunk.inputShape() + ", " + values;
        }

        /** Not every net works at every size: windows may be larger than their maps. */
        private Graph trunk(Random random, Shape shape, List<String> values) {
            for (double share : new double[]{0.3 + 0.6 * random.nextDouble(), 0.8, 0.9}) {
                try {
                    return TrunkGraph.cut(graph, (int) (shape.height() * share), (int) (shape.width() * share), values);
                } catch (ModelFormatException e) {
                    assertTrue(e.getMessage().contains("do not work at an input of"), e.getMessage());
                }
            }
            return TrunkGraph.cut(graph, shape.height() + 3, shape.width() + 1, values);
        }

        /** The trunk with other outputs: those that a small run keeps. */
        private Graph keeping(List<String> kept) {
            return TrunkGraph.cut(graph, trunk.inputShape().height(), trunk.inputShape().width(), kept);
        }

        Background means() {
            return new MeanBackground("means", means);
        }

        Background reference() {
            return ReferenceBackground.of("reference", session, input -> copy(reference, input));
        }

        Map<String, float[]> masked(Mask mask, double share, Background background) {
            try (Workspace seen = small.lease(); Workspace workspace = session.lease()) {
                copy(smallPhoto, seen.input());
                seen.run();
                copy(photo, workspace.input());
                try (SmallRun.Seen shown = maps.of(seen)) {
                    workspace.run(mask, new Gating(Gating.Mode.GATED, share, background, shown));
                }
                return outputs(workspace);
            }
        }

        Map<String, float[]> dense() {
            try (Workspace workspace = session.lease()) {
                copy(photo, workspace.input());
                workspace.run();
                return outputs(workspace);
            }
        }

        private Map<String, float[]> outputs(Workspace workspace) {
            Map<String, float[]> outputs = new LinkedHashMap<>();
            graph.outputs().forEach(o -> outputs.put(o, workspace.output(o)));
            return outputs;
        }

        @Override
        public void close() {
            small.close();
            session.close();
        }
    }

    private static void copy(float[] from, MemorySegment to) {
        MemorySegment.copy(from, 0, to, ValueLayout.JAVA_FLOAT, 0, from.length);
    }

    @Property(seed = Seeds.BUILD, tries = 12, shrinking = ShrinkingMode.OFF)
    void equalsWholeMapsOverwrittenByPlainReading(@ForAll long seed) {
        for (String tier : Tiers.of(seed)) {
            try (Case c = new Case(seed, tier)) {
                Map<String, double[]> small = DenseNet.run(c.trunk, c.smallPhoto);
                Map<String, double[]> whole = DenseNet.run(c.graph, c.reference);
                boolean perSite = new Random(seed).nextBoolean();
                Background below = perSite ? c.reference() : c.means();
                Masks.all(c.graph.inputShape().height(), c.graph.inputShape().width(), 1 + (int) Math.abs(seed % 7),
                        seed)
                        .forEach((name, mask) -> {
                            double share = name.length() % 2 == 0 ? 0 : 0.4;
                            Map<String, float[]> want = new GatedNet(c.graph, mask, share).run(c.photo,
                                    (value, site, channel) -> c.lines.containsKey(value)
                                            ? plain(c, small.get(value), value, site, channel)
                                            : perSite
                                                    ? whole.get(value)[site * c.graph.shape(value).channels() + channel]
                                                    : c.means.get(value)[channel],
                                    false);
                            Map<String, float[]> got = c.masked(mask, share, below);
                            want.forEach((output, values) -> Values.assertClose(values, got.get(output), BOUND, true,
                                    "output " + output + ", mask " + name + ", " + c.repro + "\n" + Masks.text(mask)));
                        });
            }
        }
    }

    /** The small map at a site of the whole one, written down once more. */
    private static double plain(Case c, double[] map, String value, int site, int channel) {
        Shape to = c.graph.shape(value);
        Shape from = c.trunk.shape(value);
        double y = (site / to.width() + 0.5) * from.height() / to.height() - 0.5;
        double x = (site % to.width() + 0.5) * from.width() / to.width() - 0.5;
        double mixed = 0;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                int iy = (int) Math.floor(y) + dy;
                int ix = (int) Math.floor(x) + dx;
                double weight = (1 - Math.abs(y - iy)) * (1 - Math.abs(x - ix));
                int cy = Math.clamp(iy, 0, from.height() - 1);
                int cx = Math.clamp(ix, 0, from.width() - 1);
                mixed += weight * map[(cy * from.width() + cx) * from.channels() + channel];
            }
        }
        return c.lines.get(value).a()[channel] * mixed + c.lines.get(value).b()[channel];
    }

    @Property(seed = Seeds.BUILD, tries = 6, shrinking = ShrinkingMode.OFF)
    void aFullMaskIsTheDenseRun(@ForAll long seed) {
        for (String tier : Tiers.of(seed)) {
            try (Case c = new Case(seed, tier)) {
                Map<String, float[]> dense = c.dense();
                Shape in = c.graph.inputShape();
                Masks.all(in.height(), in.width(), 4, seed).values().forEach(mask -> c.masked(mask, 0, c.means()));
                c.masked(Mask.uniform(in.height(), in.width(), 4, true), 0, c.means()).forEach(
                        (output, values) -> Values.assertSameBits(dense.get(output), values, output + ", " + c.repro));
                c.dense().forEach((output, values) -> Values.assertSameBits(dense.get(output), values,
                        "dense afterwards: " + output + ", " + c.repro));
            }
        }
    }

    @Test
    void manyThreadsGetTheSameBits() throws Exception {
        long seed = 77;
        String tier = Tiers.here().getFirst();
        try (Case c = new Case(seed, tier); ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Background below = c.means();
            List<Mask> masks = List.copyOf(
                    Masks.all(c.graph.inputShape().height(), c.graph.inputShape().width(), 3, seed).values());
            List<Map<String, float[]>> alone = masks.stream().map(m -> c.masked(m, 0.25, below)).toList();
            for (int round = 0; round < 5; round++) {
                List<Future<Map<String, float[]>>> together = new ArrayList<>();
                masks.forEach(m -> together.add(threads.submit(() -> c.masked(m, 0.25, below))));
                for (int m = 0; m < masks.size(); m++) {
                    for (Map.Entry<String, float[]> e : together.get(m).get().entrySet()) {
                        Values.assertSameBits(alone.get(m).get(e.getKey()), e.getValue(), c.repro);
                    }
                }
            }
        }
    }

    @Test
    void onlyTheRingIsMade() {
        long seed = 11;
        try (Case c = new Case(seed, "scalar")) {
            Shape in = c.graph.inputShape();
            Mask one = Mask.uniform(in.height(), in.width(), 4, false).withRectangle(0, 0, 1, 1);
            try (Workspace seen = c.small.lease(); Workspace workspace = c.session.lease()) {
                copy(c.smallPhoto, seen.input());
                seen.run();
                copy(c.photo, workspace.input());
                workspace.run(one, new Gating(Gating.Mode.GATED, 0, c.means(), c.maps.of(seen)));
                long little = workspace.backgroundMacs();
                long all = Cost.of(c.trunk).macs()
                        + c.lines.keySet().stream().mapToLong(v -> 5L * c.graph.shape(v).values()).sum();
                assertTrue(little > 0 && little < all / 2, little + " of " + all);
                workspace.run();
                assertEquals(0, workspace.backgroundMacs(), "a dense run has no background");
            }
        }
    }
}
