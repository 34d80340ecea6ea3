package io.fovea.train.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.Calibration;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Problems;
import io.fovea.lab.prune.AnchorSet;
import io.fovea.lab.prune.HeadRewriter;
import io.fovea.train.OnTorch;
import io.fovea.train.tune.TuneReport.Point;
import io.fovea.train.tune.TuneSettings.Layers;
import io.fovea.train.tune.TuneSettings.Learn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A detector that lost the anchor of blue cells learns to find them with the one of red cells. */
@OnTorch
class TunerTest {
    private static final TuneSettings QUICK = quick(Layers.HEAD, .05, true, 0, 5);

    private static TuneSettings quick(Layers layers, double rate, boolean mirrors, double focus, int evaluations) {
        return new TuneSettings(layers, Learn.ALL, 0, .05, rate, 4, 10, mirrors, false, 1, focus, 0,
                TuneSettings.Masks.DEFAULT, .9, evaluations, 3, 1, "scalar");
    }

    private static final boolean[] ALL = new boolean[128];

    static {
        Arrays.fill(ALL, true);
    }

    @TempDir
    Path folder;

    private final Problems problems = new Problems();
    private final Model whole = ColourModel.make();
    private final Model pruned = HeadRewriter.keepAnchors(whole, AnchorSet.of(2, 0));

    private TuneReport tune(Model student, List<TunePhoto> photos, TuneSettings settings, boolean resume,
            int stopAfter) throws IOException {
        return tune(student, null, photos, settings, resume, stopAfter);
    }

    private TuneReport tune(Model student, GateModel gate, List<TunePhoto> photos, TuneSettings settings,
            boolean resume, int stopAfter) throws IOException {
        int[] judged = {0};
        return Tuner.run(student, whole, gate, photos, settings, "made", folder.resolve("views"),
                folder.resolve("state"),
                resume, problems, new Tuner.Progress() {
                    @Override
                    public void photo() {
                    }

                    @Override
                    public void judged(Point point) {
                        if (++judged[0] == stopAfter) {
                            throw new IllegalStateException("interrupted");
                        }
                    }

                    @Override
                    public void step(double share, double loss) {
                        assertTrue(share >= 0 && share <= 1);
                    }
                });
    }

    @Test
    void aPrunedHeadRecoversWhatItLost() throws IOException {
        TuneReport report = tune(pruned, ColourModel.photos(folder, 60, 1), QUICK, false, 0);
        Point first = report.points().getFirst();
        assertNull(report.stopped());
        assertEquals(10, report.heldOut());
        assertEquals(100, report.views());
        assertEquals(0, report.lost());
        assertTrue(report.handed() > 100, report.handed() + " handed over");
        assertEquals(1, report.averagedAp(), 1e-9);
        assertTrue(first.ap() < .6, "before: " + first);
        assertTrue(report.best().ap() > .62, report.points().toString());
        assertTrue(report.best().heldOutLoss() < .5 * first.heldOutLoss(), report.points().toString());
        for (Node node : pruned.graph().nodes()) {
            Node now = report.model().graph().writer(node.output());
            if (node.name().equals("stem")) {
                assertArrayEquals(((Op.Conv) node.op()).weights(), ((Op.Conv) now.op()).weights(), "the body stays");
            }
        }
        assertEquals(pruned.spec(), report.model().spec());
    }

    @Test
    void underAGateOnlyWhatItLetsThroughTeaches() throws IOException {
        Model student = pruned.with(new Calibration(Map.of("x", new float[3]), List.of()));
        List<TunePhoto> photos = ColourModel.photos(folder, 60, 7);
        TuneReport open = tune(student, ColourModel.gate(-1), photos, QUICK, false, 0);
        assertTrue(open.handed() > 100, open.handed() + " handed over");
        assertTrue(open.best().ap() > .62 && open.points().getFirst().ap() < .6, open.points().toString());
        TuneReport shut = tune(student, ColourModel.gate(1000), photos, QUICK, false, 0);
        assertEquals(0, shut.handed(), "no row is computed that could take a detection");
        assertEquals(0, shut.points().getFirst().ap(), 1e-9, "a gate that lets nothing through leaves nothing to find");
        assertEquals(0, shut.points().getLast().heldOutLoss(), 1e-9);
    }

    @Test
    void everythingTrainsToo() throws IOException {
        TuneSettings all = quick(Layers.ALL, .02, false, 1, 3);
        TuneReport report = tune(pruned, ColourModel.photos(folder, 40, 2), all, false, 0);
        assertEquals(30, report.views());
        assertTrue(report.best().ap() > report.points().getFirst().ap() + .1, report.points().toString());
    }

    private static TuneSettings under(Learn learn, int fixed, double features, Float threshold) {
        return new TuneSettings(Layers.ALL, learn, fixed, .05, .02, 4, 10, true, false, 1, 1, features,
                new TuneSettings.Masks(threshold, .5, .25), .9, 3, 3, 1, "scalar");
    }

    @Test
    void everythingLearnsUnderMasks() throws IOException {
        Model student = pruned.with(new Calibration(Map.of("x", new float[3]), List.of()));
        List<TunePhoto> photos = ColourModel.photos(folder, 40, 8);
        TuneReport open = tune(student, ColourModel.gate(-1), photos, under(Learn.ALL, 0, 0, null), false, 0);
        assertTrue(open.best().ap() > open.points().getFirst().ap() + .1, open.points().toString());
        TuneReport shut = tune(student, ColourModel.gate(-1), photos, under(Learn.ALL, 0, 0, 1000f), false, 0);
        assertEquals(0, shut.points().getFirst().ap(), 1e-9, "judged under the masks of the threshold");
        assertEquals(0, shut.points().getFirst().heldOutLoss(), 1e-9);
    }

    @Test
    void featuresComeBackToTheTeachers() throws IOException {
        Model student = pruned.with(new Calibration(Map.of("x", new float[3]), List.of()));
        Node stem = student.graph().nodes().getFirst();
        float[] off = ((Op.Conv) stem.op()).weights().clone();
        for (int i = 0; i < off.length; i++) {
            off[i] *= 1.3f;
        }
        Op.Conv changed = (Op.Conv) stem.op();
        Model apart = new Model(student.graph().withNodes(student.graph().nodes().stream().map(n -> n == stem
                ? new Node(n.name(), new Op.Conv(changed.window(), 1, 3, off, changed.bias(), changed.activation()),
                        n.inputs(), n.output())
                : n).toList()), student.spec(), student.calibration(), null);
        List<TunePhoto> photos = ColourModel.photos(folder, 40, 9);
        TuneReport report = tune(apart, ColourModel.gate(-1), photos, under(Learn.ALL, 0, 1000, null), false, 0);
        double first = report.points().get(1).loss();
        double last = report.points().getLast().loss();
        assertTrue(last < .5 * first, report.points().toString());
    }

    @Test
    void whatStaysStays() throws IOException {
        Model student = pruned.with(new Calibration(Map.of("x", new float[3]), List.of()));
        List<TunePhoto> photos = ColourModel.photos(folder, 40, 10);
        Model few = tune(student, ColourModel.gate(-1), photos, under(Learn.DEPTHWISE, 0, 0, null), false, 0).model();
        Model fixed = tune(student, ColourModel.gate(-1), photos, under(Learn.ALL, 1, 0, null), false, 0).model();
        for (Node node : student.graph().nodes()) {
            if (node.op() instanceof Op.Conv before) {
                Op.Conv biases = (Op.Conv) few.graph().writer(node.output()).op();
                assertArrayEquals(before.weights(), biases.weights(), "no weight of " + node.name());
                if (node.name().equals("stem")) {
                    Op.Conv same = (Op.Conv) fixed.graph().writer(node.output()).op();
                    assertArrayEquals(before.weights(), same.weights());
                    assertArrayEquals(before.bias(), same.bias());
                }
            }
        }
    }

    @Test
    void aStoppedRunGoesOn() throws IOException {
        List<TunePhoto> photos = ColourModel.photos(folder, 30, 4);
        assertThrows(IllegalStateException.class, () -> tune(pruned, photos, QUICK, false, 3));
        TuneState state = TuneState.read(folder.resolve("state"));
        assertEquals(3, state.points().size());
        TuneReport report = tune(pruned, photos, QUICK, true, 0);
        assertEquals(state.points(), report.points().subList(0, 3));
        assertTrue(report.points().size() > 3 && report.points().get(3).steps() > state.steps());
        TuneSettings other = quick(Layers.HEAD, .04, true, 0, 5);
        assertTrue(assertThrows(IOException.class, () -> tune(pruned, photos, other, true, 0)).getMessage()
                .contains("another tuning"));
        Files.write(folder.resolve("state"), java.util.Arrays.copyOf(Files.readAllBytes(folder.resolve("state")), 200));
        assertTrue(assertThrows(IOException.class, () -> tune(pruned, photos, QUICK, true, 0)).getMessage()
                .contains("cut off"));
    }

    @Test
    void aLossThatIsNoNumberStopsAndKeepsTheBest() throws IOException {
        float[] poisoned = new float[12];
        poisoned[0] = Float.NaN;
        Model student = new Model(pruned.graph().withNodes(pruned.graph().nodes().stream()
                .map(n -> n.name().equals("box")
                        ? new Node(n.name(), new Op.Conv(io.fovea.graph.Window.POINTWISE, 1, 4, poisoned, new float[4],
                                io.fovea.graph.Activation.NONE), n.inputs(), n.output())
                        : n)
                .toList()), pruned.spec());
        TuneReport report = tune(student, ColourModel.photos(folder, 20, 5), QUICK, false, 0);
        assertTrue(report.stopped().contains("NaN in step 1"), report.stopped());
        assertEquals(1, report.points().size());
    }

    @Test
    void photosThatCannotBeReadAreCountedAndNoneIsAnError() throws IOException {
        List<TunePhoto> photos = ColourModel.photos(folder, 8, 6);
        Files.write(photos.get(0).file(), new byte[30]);
        Files.delete(photos.get(1).file());
        TuneReport report = tune(pruned, photos, QUICK, false, 0);
        assertEquals(1, problems.count(Problems.Kind.PHOTO_MISSING));
        assertEquals(1, problems.count(Problems.Kind.PHOTO_UNREADABLE));
        assertEquals(6, report.heldOut() + report.views() / 2);
        assertThrows(DataException.class, () -> tune(pruned, List.of(), QUICK, false, 0));
        List<TunePhoto> broken = List.of(photos.get(0), photos.get(1));
        assertThrows(DataException.class, () -> tune(pruned, broken, QUICK, false, 0));
    }

    @Test
    void aTeacherThatLacksWhatTheStudentHasIsRefused() {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> RowMap.of(whole.spec(), pruned.spec()));
        assertTrue(e.getMessage().contains("10.0x10.0"), e.getMessage());
    }

    @Test
    void mirroredRowsAreThoseOfTheMirroredSite() {
        RowMap map = RowMap.of(pruned.spec(), whole.spec());
        assertEquals(64, map.rows().length);
        assertEquals(2 * 9, map.rows()[9]);
        assertEquals(2 * (8 + 6) + 1, map.mirror()[2 * 9 + 1]);
        assertEquals(-1, map.inverse()[19]);
    }

    @Test
    void targetsDecodeToTheTeachersBoxes() {
        Answer answer = Answer.of(whole.spec(), randomRows(128 * 4, 7), randomRows(128 * 3, 8));
        RowMap map = RowMap.of(whole.spec(), whole.spec());
        Targets same = new TargetMaker(whole.spec(), whole.spec(), map).of(answer, null, ALL);
        assertArrayEquals(answer.scores(), same.scores());
        float[] raw = new float[128 * 4];
        for (int r = 0; r < 128; r++) {
            System.arraycopy(same.boxes(), 5 * r, raw, 4 * r, 4);
        }
        assertArrayEquals(answer.boxes(), Answer.of(whole.spec(), raw, new float[128 * 3]).boxes(), 1e-3f);
        Known red = new Known(1, new float[]{0, 0, 8, 8}, false);
        Targets known = new TargetMaker(whole.spec(), whole.spec(), map).of(answer, List.of(red), ALL);
        float before = 0;
        float after = 0;
        for (int r = 64; r < 128; r++) {
            before += answer.scores()[3 * r + 1];
            after += known.scores()[3 * r + 1];
        }
        assertEquals(.5 * before, after, 1e-2, "rows far from all objects are taught half their score");
    }

    private static float[] randomRows(int count, long seed) {
        java.util.Random random = new java.util.Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
