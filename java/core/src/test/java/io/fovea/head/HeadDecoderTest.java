package io.fovea.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.plan.Plan;
import io.fovea.run.Gating;
import io.fovea.run.ReferenceBackground;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import io.fovea.sites.SiteSet;
import io.fovea.testing.Masks;
import io.fovea.testing.PlainHead;
import io.fovea.testing.PlainHead.Found;
import io.fovea.testing.SmallDetector;
import io.fovea.testing.Values;
import io.fovea.testing.ZooNets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raw rows of small nets to candidates and detections, against lists of objects. */
class HeadDecoderTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void candidatesOfActiveSitesWithTheirBoxes(long seed) {
        Model model = SmallDetector.of(seed);
        DetectorSpec spec = model.spec();
        Shape shape = model.graph().inputShape();
        float[] photo = Values.gaussian(seed, shape.values());
        boolean[] wanted = new boolean[spec.classes().size()];
        Arrays.fill(wanted, true);
        wanted[new Random(seed).nextInt(wanted.length)] = seed % 2 == 0;
        try (Session session = Session.open(model.graph(), SessionOptions.DEFAULT);
                Workspace workspace = session.lease()) {
            HeadDecoder decoder = new HeadDecoder(spec, session.plan(), wanted, 0.3f);
            HeadDecoder.Buffers buffers = new HeadDecoder.Buffers();
            Gating gating = Gating.gated(ReferenceBackground.of("zero", session, input -> input.fill((byte) 0)));
            Masks.all(shape.height(), shape.width(), 8, seed).forEach((name, mask) -> {
                fill(workspace, photo);
                workspace.run(mask, gating);
                boolean[] active = activeRows(session.plan(), workspace, spec);
                assertTrue(!name.equals("full") || allTrue(active), "every row of a full mask");
                assertTrue(!name.equals("empty") || noneTrue(active), "no row of an empty mask");
                List<Found> want = PlainHead.candidates(spec, workspace.output("boxes"), workspace.output("scores"),
                        row -> active[row], wanted, 0.3f);
                decoder.collect(workspace, buffers);
                Candidates got = buffers.candidates();
                String what = "net " + seed + ", mask " + name;
                assertEquals(want.size(), got.size(), "candidates, " + what);
                for (int i = 0; i < want.size(); i++) {
                    Found f = want.get(i);
                    assertEquals(f.row() + " " + f.classId() + " " + f.score(),
                            got.row(i) + " " + got.classId(i) + " " + got.score(i), "candidate " + i + ", " + what);
                    for (int side = 0; side < 4; side++) {
                        assertEquals(f.box()[side], got.boxes()[4 * i + side], 1e-3 * (1 + Math.abs(f.box()[side])),
                                "side " + side + " of candidate " + i + ", " + what);
                    }
                }
                assertTrue(!name.equals("full") || !want.isEmpty(), "a test without candidates shows nothing: " + what);
            });
        }
    }

    @Test
    void aSpecWhoseMapsAreTurnedIsRefused() {
        Model model = SmallDetector.of(3);
        DetectorSpec s = model.spec();
        List<FeatureMap> turned = s.featureMaps().stream()
                .map(m -> new FeatureMap(m.width(), m.height(), m.strideX(), m.strideY(), m.offset(), m.anchors()))
                .toList();
        DetectorSpec wrong = new DetectorSpec(s.name(), s.licence(), s.input(), s.boxesOutput(), s.scoresOutput(),
                s.classes(), s.backgroundIndex(), s.scoreActivation(), s.boxCoding(), turned, s.nms());
        ModelFormatException refusal = assertThrows(ModelFormatException.class,
                () -> Detector.open(new Model(model.graph(), wrong),
                        DetectorOptions.builder().kernels("vector").build()));
        assertTrue(refusal.getMessage().contains("sites"), refusal.getMessage());
    }

    private static void fill(Workspace workspace, float[] nhwc) {
        MemorySegment.copy(nhwc, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, nhwc.length);
    }

    private static boolean[] activeRows(Plan plan, Workspace workspace, DetectorSpec spec) {
        boolean[] active = new boolean[spec.rows()];
        Plan.Output scores = plan.outputs().stream().filter(o -> o.name().equals("scores")).findFirst().orElseThrow();
        for (Plan.Part part : scores.parts()) {
            SiteSet sites = workspace.sites(part);
            for (int r = 0; r < sites.count(); r++) {
                int first = part.firstRow() + sites.position(r) * part.rowsPerSite();
                Arrays.fill(active, first, first + part.rowsPerSite(), true);
            }
        }
        return active;
    }

    private static boolean allTrue(boolean[] flags) {
        return count(flags) == flags.length;
    }

    private static boolean noneTrue(boolean[] flags) {
        return count(flags) == 0;
    }

    private static int count(boolean[] flags) {
        int n = 0;
        for (boolean flag : flags) {
            n += flag ? 1 : 0;
        }
        return n;
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28, 29, 30})
    void detectionsOfADetector(long seed) {
        Model model = SmallDetector.of(seed);
        DetectorSpec spec = model.spec();
        Random random = new Random(seed);
        Image photo = SmallDetector.photo(10 + random.nextInt(90), 10 + random.nextInt(90), seed);
        float[] raw = new float[model.graph().inputShape().values()];
        ZooNets.encoder(model).encode(photo, MemorySegment.ofArray(raw));
        boolean agnostic = seed % 2 == 0;
        Set<String> labels = seed % 3 == 0 ? Set.of(spec.classes().getLast(), spec.classes().getFirst()) : Set.of();
        boolean[] wanted = new boolean[spec.classes().size()];
        for (int c = 0; c < wanted.length; c++) {
            wanted[c] = labels.isEmpty() || labels.contains(spec.classes().get(c));
        }
        int max = 5 + random.nextInt(60);
        DetectorOptions options = DetectorOptions.builder().kernels("vector").scoreThreshold(0.35f).iouThreshold(0.45f)
                .maxDetections(max).classes(labels).classAgnostic(agnostic).build();
        try (Detector detector = Detector.open(model, options)) {
            List<Found> candidates;
            try (Workspace workspace = detector.session().lease()) {
                fill(workspace, raw);
                workspace.run();
                candidates = PlainHead.candidates(spec, workspace.output("boxes"), workspace.output("scores"),
                        row -> true, wanted, 0.35f);
            }
            List<Found> want = PlainHead.suppress(candidates, agnostic, 0.45f, spec.nms().maxPerClass(), max);
            List<Detection> got = detector.detect(photo);
            double scaleX = (double) photo.width() / spec.input().width();
            double scaleY = (double) photo.height() / spec.input().height();
            assertEquals(want.stream().map(f -> line(spec, f, scaleX, scaleY, photo)).toList(),
                    got.stream().map(HeadDecoderTest::line).toList(), "net " + seed + ", agnostic " + agnostic
                            + ", classes " + labels + ", at most " + max);
        }
    }

    private static String line(DetectorSpec spec, Found f, double scaleX, double scaleY, Image photo) {
        double left = clip(f.box()[0] * scaleX, photo.width());
        double top = clip(f.box()[1] * scaleY, photo.height());
        double right = clip(f.box()[2] * scaleX, photo.width());
        double bottom = clip(f.box()[3] * scaleY, photo.height());
        return line(spec.classes().get(f.classId()), f.classId(), f.score(), left, top, right - left, bottom - top);
    }

    private static String line(Detection d) {
        return line(d.label(), d.classId(), d.score(), d.box().x(), d.box().y(), d.box().width(), d.box().height());
    }

    private static String line(String label, int id, float score, double x, double y, double width, double height) {
        return String.format(Locale.ROOT, "%s %d %.6f %.1f %.1f %.1f %.1f", label, id, score, x + 0.0, y + 0.0,
                width + 0.0, height + 0.0);
    }

    private static double clip(double value, double size) {
        return Math.min(Math.max(value, 0), size);
    }
}
