package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.format.Model;
import io.fovea.graph.Graph;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.plan.HeadLevel;
import io.fovea.plan.Plan;
import io.fovea.run.SessionOptions.HeadGate;
import io.fovea.sites.Mask;
import io.fovea.sites.SiteSet;
import io.fovea.testing.DenseNet;
import io.fovea.testing.Masks;
import io.fovea.testing.SmallDetector;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import io.fovea.testing.ZooNets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A head gate with random units: the sites it keeps are those its units say, and their rows are the ungated rows, bit for bit in our own tiers. */
class HeadGateTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void unitsPickTheSitesOfSmallNets(long seed) {
        Model model = SmallDetector.of(seed);
        float[] photo = Values.gaussian(seed, model.graph().inputShape().values());
        check(model, photo, seed, Tiers.here(), true);
    }

    static List<String> nets() {
        return ZooNets.NAMES;
    }

    @ParameterizedTest
    @MethodSource("nets")
    void keptRowsOfTheZoosNetsAreTheDenseRows(String name) {
        Model model = ZooNets.model(name);
        check(model, ZooNets.photoInput(model), 1, Tiers.fast().subList(0, 1), false);
    }

    private static void check(Model model, float[] photo, long seed, List<String> tiers, boolean plain) {
        Graph graph = Passes.optimise(model.graph());
        String boxes = model.spec().boxesOutput();
        String scores = model.spec().scoresOutput();
        List<HeadUnit> units = units(graph, HeadLevel.of(graph, boxes, scores), seed);
        Shape shape = graph.inputShape();
        Mask mask = Masks.blobs(shape.height(), shape.width(), 8, new Random(seed));
        Map<String, double[]> values = plain ? DenseNet.run(graph, photo) : null;
        for (String tier : tiers) {
            String what = model.spec().name() + " " + seed + ", " + tier;
            try (Session whole = Session.open(model.graph(), new SessionOptions(2, tier));
                    Session gated = Session.open(model.graph(),
                            new SessionOptions(2, tier, new HeadGate(boxes, scores, units)));
                    Workspace all = whole.lease();
                    Workspace some = gated.lease()) {
                Gating gating = Gating.gated(zeroImage(whole));
                Gating gatingOfGated = Gating.gated(zeroImage(gated));
                // Twice each, so that a choice of the last run cannot linger.
                for (int round = 0; round < 2; round++) {
                    fill(all, photo);
                    all.run();
                    fill(some, photo);
                    some.run();
                    compare(tier, whole.plan(), all, gated.plan(), some, units, values, what + ", dense body");
                    fill(all, photo);
                    all.run(mask, gating);
                    fill(some, photo);
                    some.run(mask, gatingOfGated);
                    compare(tier, whole.plan(), all, gated.plan(), some, units, null, what + ", gated body");
                }
            }
        }
    }

    private static ReferenceBackground zeroImage(Session session) {
        return ReferenceBackground.of("zero", session, input -> input.fill((byte) 0));
    }

    private static List<HeadUnit> units(Graph graph, List<HeadLevel> levels, long seed) {
        Random random = new Random(seed);
        List<HeadUnit> units = new ArrayList<>();
        for (HeadLevel level : levels) {
            int channels = graph.shape(level.input()).channels();
            units.add(new HeadUnit(level.input(), Values.gaussian(random, channels, 1 / Math.sqrt(channels)),
                    (float) random.nextGaussian() / 4, (float) random.nextGaussian() / 4));
        }
        assertTrue(!units.isEmpty(), "a head without levels shows nothing");
        return units;
    }

    private static void fill(Workspace workspace, float[] nhwc) {
        MemorySegment.copy(nhwc, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, nhwc.length);
    }

    private static void compare(String tier, Plan wholePlan, Workspace all, Plan gatedPlan, Workspace some,
            List<HeadUnit> units,
            Map<String, double[]> values, String what) {
        int kept = 0;
        int open = 0;
        for (int o = 0; o < wholePlan.outputs().size(); o++) {
            Plan.Output output = wholePlan.outputs().get(o);
            for (int p = 0; p < output.parts().size(); p++) {
                Plan.Part part = output.parts().get(p);
                Plan.Part gatedPart = gatedPlan.outputs().get(o).parts().get(p);
                SiteSet base = all.sites(part);
                SiteSet chosen = some.sites(gatedPart);
                int length = part.rowsPerSite() * output.width();
                kept += chosen.count();
                open += base.count();
                for (int r = 0; r < chosen.count(); r++) {
                    int y = chosen.position(r) / chosen.grid().width();
                    int x = chosen.position(r) % chosen.grid().width();
                    assertTrue(base.row(y, x) >= 0, "site " + y + "," + x + " outside the body's, " + what);
                    String where = output.name() + " at " + y + "," + x + " of level " + p + ", " + what;
                    float[] want = row(all.rows(part), base.row(y, x), length);
                    float[] got = row(some.rows(gatedPart), r, length);
                    if (tier.equals("onednn")) {
                        // oneDNN blocks its sums by the number of rows.
                        Values.assertClose(want, got, 1e-5, true, where);
                    } else {
                        Values.assertSameBits(want, got, where);
                    }
                }
                if (values != null) {
                    sitesAreThoseOfTheUnit(units.get(p), values, base, chosen, what);
                }
            }
        }
        assertTrue(kept > 0 && kept < open || open == 0, kept + " of " + open + " sites kept shows nothing, " + what);
    }

    private static void sitesAreThoseOfTheUnit(HeadUnit unit, Map<String, double[]> values, SiteSet base,
            SiteSet chosen,
            String what) {
        double[] map = values.get(unit.input());
        int channels = unit.weights().length;
        for (int r = 0; r < base.count(); r++) {
            int position = base.position(r);
            double sum = unit.bias();
            for (int c = 0; c < channels; c++) {
                sum += unit.weights()[c] * map[position * channels + c];
            }
            if (Math.abs(sum - unit.threshold()) > 1e-4) {
                int width = base.grid().width();
                assertEquals(sum > unit.threshold(), chosen.row(position / width, position % width) >= 0,
                        "site " + position + " with " + sum + ", threshold " + unit.threshold() + ", " + what);
            }
        }
    }

    private static float[] row(MemorySegment rows, int row, int length) {
        float[] values = new float[length];
        MemorySegment.copy(rows, ValueLayout.JAVA_FLOAT, 4L * row * length, values, 0, length);
        return Arrays.copyOf(values, length);
    }
}
