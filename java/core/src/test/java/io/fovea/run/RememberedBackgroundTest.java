package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import io.fovea.plan.Plan;
import io.fovea.sites.Mask;
import io.fovea.sites.SiteSet;
import io.fovea.testing.DenseNet;
import io.fovea.testing.Masks;
import io.fovea.testing.RandomNet;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Streams of pictures through random nets: what is written back, and that exact streams equal the dense net. */
class RememberedBackgroundTest {
    private static final int FRAMES = 5;

    private static void copy(float[] from, MemorySegment to) {
        MemorySegment.copy(from, 0, to, ValueLayout.JAVA_FLOAT, 0, from.length);
    }

    @Property(seed = Seeds.BUILD, tries = 10, shrinking = ShrinkingMode.OFF)
    void exactStreamsEqualTheDenseNetInEveryFrame(@ForAll long seed) {
        Graph net = RandomNet.of(seed);
        for (String tier : Tiers.of(seed)) {
            Random random = new Random(seed);
            try (Session session = Session.open(net, new SessionOptions(1 + random.nextInt(2), tier)).unfused();
                    RememberedBackground remembered = new RememberedBackground(session, Gating.Mode.EXACT)) {
                Graph graph = session.plan().graph();
                Shape shape = graph.inputShape();
                Gating exact = Gating.exact(remembered);
                float[] composed = Values.gaussian(random, shape.values(), 1);
                for (int frame = 0; frame < FRAMES; frame++) {
                    String repro = "frame " + frame + ", net " + seed + ", " + tier;
                    try (Workspace workspace = session.lease()) {
                        if (frame == 0) {
                            copy(composed, workspace.input());
                            remembered.run(workspace);
                        } else {
                            Mask mask = Masks.blobs(shape.height(), shape.width(), 1 + random.nextInt(4), random);
                            float[] next = Values.gaussian(random, shape.values(), 1);
                            composed = MaskedRunTest.composite(mask, shape, next, composed);
                            copy(next, workspace.input());
                            remembered.run(workspace, mask, exact);
                        }
                        Map<String, double[]> want = DenseNet.run(graph, composed);
                        for (String output : graph.outputs()) {
                            Values.assertClose(DenseNet.output(graph, output, want), workspace.output(output), 1e-3,
                                    true, output + ", " + repro);
                        }
                    }
                }
            }
        }
    }

    @Property(seed = Seeds.BUILD, tries = 10, shrinking = ShrinkingMode.OFF)
    void writingBackReplacesActiveRowsAndLeavesTheOthersBitForBit(@ForAll long seed) {
        Graph net = RandomNet.of(seed);
        Random random = new Random(seed);
        try (Session session = Session.open(net, new SessionOptions(1, "vector")).unfused();
                RememberedBackground remembered = new RememberedBackground(session, Gating.Mode.GATED)) {
            Shape shape = session.plan().graph().inputShape();
            Gating gating = Gating.gated(remembered);
            List<Map<String, float[]>> twice = new ArrayList<>();
            for (int run = 0; run < 2; run++) {
                try (Workspace workspace = session.lease()) {
                    copy(Values.gaussian(random, shape.values(), 1), workspace.input());
                    remembered.run(workspace);
                }
                twice.add(rows(session.plan(), remembered));
            }
            // A softmax over one channel says 1 to everything.
            boolean constant = twice.get(0).keySet().stream()
                    .allMatch(value -> Arrays.equals(twice.get(0).get(value), twice.get(1).get(value)));
            for (Mask mask : Masks.all(shape.height(), shape.width(), 2, seed).values()) {
                Map<String, float[]> before = rows(session.plan(), remembered);
                try (Workspace workspace = session.lease()) {
                    copy(Values.gaussian(random, shape.values(), 1), workspace.input());
                    remembered.run(workspace, mask, gating);
                    Map<String, float[]> after = rows(session.plan(), remembered);
                    assertEquals(before.keySet(), after.keySet());
                    String repro = "net " + seed + ", " + mask + (workspace.isMasked() ? "" : ", dense");
                    boolean changed = false;
                    boolean few = true;
                    for (Plan.Value value : session.plan().values()) {
                        if (before.containsKey(value.name())) {
                            SiteSet sites = workspace.sites(value.domain());
                            changed |= check(value, sites, before.get(value.name()), after.get(value.name()), repro);
                            few &= sites.count() < 8;
                        }
                    }
                    assertTrue(changed || few || constant, "nothing changed anywhere, " + repro);
                }
            }
        }
    }

    /** Returns whether a row changed; one layer alone may be shut by its rectifier. */
    private static boolean check(Plan.Value value, SiteSet sites, float[] before, float[] after, String repro) {
        int channels = value.shape().channels();
        int width = value.shape().width();
        boolean changed = false;
        for (int site = 0; site < value.shape().sites(); site++) {
            boolean active = sites.row(site / width, site % width) >= 0;
            for (int c = 0; c < channels; c++) {
                int i = site * channels + c;
                boolean same = Float.floatToRawIntBits(before[i]) == Float.floatToRawIntBits(after[i]);
                changed |= !same;
                assertTrue(same || active, () -> value.name() + ": inactive row changed at " + i + ", " + repro);
            }
        }
        return changed;
    }

    private static Map<String, float[]> rows(Plan plan, RememberedBackground remembered) {
        Map<String, float[]> rows = new HashMap<>();
        for (Plan.Value value : plan.values()) {
            try {
                float[] edge = remembered.edgeRows(value.name()).toArray(ValueLayout.JAVA_FLOAT);
                int channels = value.shape().channels();
                for (int c = 0; c < channels; c++) {
                    assertEquals(0f, edge[c], "padding of " + value.name());
                }
                rows.put(value.name(), Arrays.copyOfRange(edge, channels, channels * (1 + value.shape().sites())));
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().contains(value.name()), e.getMessage());
            }
        }
        return rows;
    }

    @Test
    void aStreamBeginsWithAWholeFrame() {
        try (Session session = Session.open(RandomNet.of(3), new SessionOptions(1, "vector")).unfused();
                RememberedBackground remembered = new RememberedBackground(session, Gating.Mode.GATED);
                Workspace workspace = session.lease()) {
            Shape shape = session.plan().graph().inputShape();
            Mask mask = Mask.uniform(shape.height(), shape.width(), 2, false).withRectangle(0, 0, 2, 2);
            Gating gating = Gating.gated(remembered);
            assertFalse(remembered.isComplete());
            assertThrows(IllegalStateException.class, () -> remembered.run(workspace, mask, gating));
            remembered.run(workspace);
            assertTrue(remembered.isComplete() && remembered.writeNanos() > 0);
            remembered.run(workspace, mask, gating);
            remembered.forget();
            assertThrows(IllegalStateException.class, () -> remembered.run(workspace, mask, gating));
        }
    }

    @Test
    void fusedPlansAndGatedMemoryInExactModeAreRefused() {
        for (String tier : List.of("cpp")) {
            if (!Tiers.here().contains(tier)) {
                continue;
            }
            long seed = LongStream.range(0, 200).filter(s -> {
                try (Session session = Session.open(RandomNet.of(s), new SessionOptions(1, tier))) {
                    return session.plan().steps().stream().anyMatch(x -> x.edge() >= 0 && x.edge() != x.in());
                }
            }).findFirst().orElseThrow();
            try (Session session = Session.open(RandomNet.of(seed), new SessionOptions(1, tier))) {
                assertThrows(IllegalArgumentException.class,
                        () -> new RememberedBackground(session, Gating.Mode.GATED));
            }
        }
        try (Session session = Session.open(RandomNet.of(3), new SessionOptions(1, "vector")).unfused();
                RememberedBackground remembered = new RememberedBackground(session, Gating.Mode.GATED)) {
            assertThrows(IllegalArgumentException.class, () -> Gating.exact(remembered));
        }
    }
}
