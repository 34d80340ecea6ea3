package io.fovea.run;

import io.fovea.Seeds;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.sites.Mask;
import io.fovea.testing.DenseNet;
import io.fovea.testing.GatedNet;
import io.fovea.testing.Masks;
import io.fovea.testing.RandomNet;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Masked runs of random nets in every tier, against whole maps with their inactive sites overwritten. */
class MaskedRunTest {
    private static final double BOUND = 1e-4;
    private static final int TRIES = 10;

    /** One net with its photo, its reference image and one workspace per test, which is used for everything in turn. */
    private static final class Case implements AutoCloseable {
        final Session session;
        final Graph graph;
        final Shape shape;
        final float[] photo;
        final float[] reference;
        final Map<String, Mask> masks;
        final Workspace workspace;
        final String repro;

        Case(long seed, String tier) {
            this(RandomNet.of(seed), seed, tier);
        }

        Case(Graph net, long seed, String tier) {
            Random random = new Random(seed);
            session = Session.open(net, new SessionOptions(1 + random.nextInt(2), tier));
            graph = session.plan().graph();
            shape = graph.inputShape();
            photo = Values.gaussian(random, shape.values(), 1);
            reference = Values.gaussian(random, shape.values(), 1);
            int cell = new int[]{1, 2, 3, 5, 8}[random.nextInt(5)];
            masks = Masks.all(shape.height(), shape.width(), cell, seed);
            workspace = session.lease();
            repro = tier + ", net " + seed + ", input " + shape + ", cell " + cell;
        }

        ReferenceBackground referenceBackground() {
            return ReferenceBackground.of("reference", session, input -> copy(reference, input));
        }

        Map<String, float[]> outputs() {
            Map<String, float[]> outputs = new LinkedHashMap<>();
            graph.outputs().forEach(o -> outputs.put(o, workspace.output(o)));
            return outputs;
        }

        Map<String, float[]> masked(Mask mask, Gating gating) {
            copy(photo, workspace.input());
            workspace.run(mask, gating);
            return outputs();
        }

        Map<String, float[]> dense(float[] image) {
            copy(image, workspace.input());
            workspace.run();
            return outputs();
        }

        @Override
        public void close() {
            workspace.close();
            session.close();
        }
    }

    private static void copy(float[] from, MemorySegment to) {
        MemorySegment.copy(from, 0, to, ValueLayout.JAVA_FLOAT, 0, from.length);
    }

    @Property(seed = Seeds.BUILD, tries = TRIES, shrinking = ShrinkingMode.OFF)
    void gatedOverAReferenceImage(@ForAll long seed) {
        for (String tier : Tiers.of(seed)) {
            try (Case c = new Case(seed, tier)) {
                gatedOverAReferenceImage(c, seed);
            }
        }
    }

    private static void gatedOverAReferenceImage(Case c, long seed) {
        ReferenceBackground background = c.referenceBackground();
        Map<String, double[]> rows = DenseNet.run(c.graph, c.reference);
        c.masks.forEach((name, mask) -> {
            double share = share(name, seed);
            Map<String, float[]> want = new GatedNet(c.graph, mask, share).run(c.photo,
                    (value, site, channel) -> rows.get(value)[site * c.graph.shape(value).channels() + channel],
                    true);
            Map<String, float[]> got = c.masked(mask, new Gating(Gating.Mode.GATED, share, background));
            check(want, got, "coarse share " + share + ", mask " + name + ", " + c.repro, mask);
        });
    }

    @Property(seed = Seeds.BUILD, tries = TRIES, shrinking = ShrinkingMode.OFF)
    void gatedOverSharedRows(@ForAll long seed) {
        for (String tier : Tiers.of(seed)) {
            try (Case c = new Case(seed, tier)) {
                Map<String, float[]> means = new HashMap<>();
                Random random = new Random(seed);
                c.graph.nodes().forEach(n -> means.put(n.output(),
                        Values.gaussian(random, c.graph.shape(n.output()).channels(), 1)));
                MeanBackground background = new MeanBackground("means", means);
                c.masks.forEach((name, mask) -> {
                    double share = share(name, seed);
                    Map<String, float[]> want = new GatedNet(c.graph, mask, share).run(c.photo,
                            (value, site, channel) -> means.get(value)[channel], false);
                    Map<String, float[]> got = c.masked(mask, new Gating(Gating.Mode.GATED, share, background));
                    check(want, got, "coarse share " + share + ", mask " + name + ", " + c.repro, mask);
                });
            }
        }
    }

    /** Covers no rule, the usual rule and a strict one. */
    private static double share(String mask, long seed) {
        return new double[]{0, Gating.DEFAULT_COARSE_SHARE, 0.6}[Math.floorMod(mask.hashCode() + seed, 3)];
    }

    @Property(seed = Seeds.BUILD, tries = TRIES, shrinking = ShrinkingMode.OFF)
    void exactEqualsTheDenseNetOnTheComposite(@ForAll long seed) {
        for (String tier : Tiers.of(seed)) {
            try (Case c = new Case(seed, tier)) {
                exactEqualsTheDenseNetOnTheComposite(c);
            }
        }
    }

    private static void exactEqualsTheDenseNetOnTheComposite(Case c) {
        Gating exact = Gating.exact(c.referenceBackground());
        c.masks.forEach((name, mask) -> {
            float[] composite = composite(mask, c.shape, c.photo, c.reference);
            Map<String, double[]> want = DenseNet.run(c.graph, composite);
            Map<String, float[]> outputs = new LinkedHashMap<>();
            c.graph.outputs().forEach(o -> outputs.put(o, DenseNet.output(c.graph, o, want)));
            check(outputs, c.masked(mask, exact), "exact, mask " + name + ", " + c.repro, mask);
        });
    }

    static float[] composite(Mask mask, Shape shape, float[] photo, float[] reference) {
        float[] composite = new float[photo.length];
        for (int i = 0; i < composite.length; i++) {
            int y = i / shape.channels() / shape.width();
            int x = i / shape.channels() % shape.width();
            composite[i] = mask.get(y / mask.cell(), x / mask.cell()) ? photo[i] : reference[i];
        }
        return composite;
    }

    @Test
    void summandsOfAnotherReachAndOfTheInputItself() {
        Shape shape = new Shape(24, 20, 6);
        Window wide = Window.same(5, 1, 24, 20);
        Random random = new Random(12);
        GraphBuilder reach = new GraphBuilder("reach", "x", shape);
        reach.add("near", new Op.MaxPool(Window.same(2, 1, 24, 20)), "near", "x");
        reach.add("far", new Op.AveragePool(wide, false), "far", "x");
        reach.add("sum", new Op.Add(Activation.NONE), "sum", List.of("near", "far"));
        reach.add("conv", conv(6, 5, random), "y", "sum");
        GraphBuilder back = new GraphBuilder("back", "x", shape);
        back.add("far", new Op.AveragePool(wide, false), "far", "x");
        back.add("sum", new Op.Add(Activation.RELU), "sum", List.of("far", "x"));
        back.add("turned", new Op.Add(Activation.RELU), "turned", List.of("x", "far"));
        back.add("join", new Op.Concat(), "join", List.of("x", "sum", "turned"));
        back.add("pointwise", new Op.Conv(Window.POINTWISE, 1, 6, Values.gaussian(random, 36, 0.4), new float[6],
                Activation.NONE), "p", List.of("far", "x"));
        for (Graph net : List.of(reach.build(List.of("y")), back.build(List.of("join", "p")))) {
            for (String tier : Tiers.here()) {
                for (long seed = 1; seed <= 3; seed++) {
                    try (Case c = new Case(net, seed, tier)) {
                        gatedOverAReferenceImage(c, seed);
                        exactEqualsTheDenseNetOnTheComposite(c);
                    }
                }
            }
        }
    }

    private static Op.Conv conv(int in, int out, Random random) {
        Window w = new Window(3, 3, 2, 2, 1, 1, 1, 1, 1, 1);
        return new Op.Conv(w, 1, out, Values.gaussian(random, in * out * 9, 0.15), Values.gaussian(random, out, 1),
                Activation.NONE);
    }

    @Property(seed = Seeds.BUILD, tries = TRIES, shrinking = ShrinkingMode.OFF)
    void fullMaskIsTheDenseRunAndMasksLeaveNoTrace(@ForAll long seed) {
        for (String tier : Tiers.of(seed)) {
            try (Case c = new Case(seed, tier)) {
                Map<String, float[]> dense = c.dense(c.photo);
                ReferenceBackground reference = c.referenceBackground();
                Map<String, float[]> means = new HashMap<>();
                c.graph.nodes().forEach(n -> means.put(n.output(), new float[c.graph.shape(n.output()).channels()]));
                MeanBackground zeros = new MeanBackground("zeros", means);
                Mask full = c.masks.get("full");
                c.masks.forEach((name, mask) -> {
                    c.masked(mask, Gating.gated(reference));
                    same(dense, c.masked(full, Gating.gated(zeros)), "full, zeros, after " + name + ", " + c.repro);
                    c.masked(mask, Gating.gated(zeros));
                    same(dense, c.masked(full, Gating.gated(reference)), "full, per site, after " + name + ", "
                            + c.repro);
                    c.masked(mask, Gating.exact(reference));
                    same(dense, c.masked(full, Gating.exact(reference)), "full, exact, after " + name + ", " + c.repro);
                    same(dense, c.dense(c.photo), "dense after " + name + ", " + c.repro);
                });
            }
        }
    }

    /** A net with a mean over a map, some of whose sites no pixel reaches: they stay inactive under a full mask. */
    @Example
    void fullMaskIsTheDenseRunWhereSomeSitesReadPaddingAlone() {
        fullMaskIsTheDenseRunAndMasksLeaveNoTrace(-5181152670803254735L);
    }

    private static void check(Map<String, float[]> want, Map<String, float[]> got, String what, Mask mask) {
        want.forEach((output, values) -> Values.assertClose(values, got.get(output), BOUND, true,
                "output " + output + ", " + what + "\n" + Masks.text(mask) + "\n"));
    }

    private static void same(Map<String, float[]> want, Map<String, float[]> got, String what) {
        want.forEach(
                (output, values) -> Values.assertSameBits(values, got.get(output), "output " + output + ", " + what));
    }
}
