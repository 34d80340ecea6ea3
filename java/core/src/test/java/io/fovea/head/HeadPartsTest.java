package io.fovea.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import io.fovea.testing.PlainHead;
import io.fovea.testing.PlainHead.Found;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Score filter, box decoding and suppression, each against lists of objects. Raw values are coarse, so that scores tie. */
class HeadPartsTest {
    private static final Nms SHARED = new Nms();
    private static final Candidates REUSED = new Candidates();

    @Property(seed = Seeds.BUILD, tries = 300)
    void scoresAboveTheThresholdAreFound(@ForAll ScoreActivation activation,
            @ForAll @IntRange(min = 1, max = 70) int classes, @ForAll long seed) {
        Random random = new Random(seed);
        int least = activation == ScoreActivation.SIGMOID_OBJECTNESS ? 0 : -1;
        int background = Math.max(least, random.nextInt(classes + 1) - 1);
        DetectorSpec spec = spec(activation, classes, background, BoxOrder.XYWH, random);
        boolean[] wanted = new boolean[classes];
        for (int c = 0; c < classes; c++) {
            wanted[c] = random.nextInt(3) > 0;
        }
        int rows = 60;
        float[] raw = new float[rows * classes];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = activation == ScoreActivation.NONE ? random.nextInt(17) / 16f : (random.nextInt(65) - 32) / 8f;
            if (random.nextInt(200) == 0) {
                raw[i] = new float[]{Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f}[random
                        .nextInt(4)];
            }
        }
        float[] all = new float[raw.length];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(PlainHead.scores(spec, raw, row * classes), 0, all, row * classes, classes);
        }
        // A score that occurs, so that "above" and "at" differ, or any other.
        float threshold = random.nextBoolean() ? all[random.nextInt(all.length)] : random.nextFloat();
        if (!(threshold > 0 && threshold < 1)) {
            threshold = 0.5f;
        }
        ScoreFilter filter = new ScoreFilter(spec, wanted, threshold);
        Candidates found = new Candidates();
        List<String> want = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            int before = found.size();
            filter.row(raw, row * classes, 1000 + row, found);
            assertTrue(found.size() == before || filter.mayPass(raw, row * classes, (row + 1) * classes),
                    "row " + row + " was to have none, seed " + seed);
            for (int c = 0; c < classes; c++) {
                float score = all[row * classes + c];
                if (c != background && wanted[c] && score > threshold) {
                    want.add((1000 + row) + " " + c + " " + score);
                }
            }
        }
        List<String> got = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            got.add(found.row(i) + " " + found.classId(i) + " " + found.score(i));
        }
        assertEquals(want, got, activation + ", threshold " + threshold + ", background " + background + ", wanted "
                + Arrays.toString(wanted) + ", seed " + seed);
    }

    @Property(seed = Seeds.BUILD, tries = 300)
    void vectorsFindWhatTheOracleFinds(@ForAll @IntRange(min = 0, max = 100) int count, @ForAll long seed) {
        Random random = new Random(seed);
        float[] values = new float[count + 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(40) == 0 ? Float.NaN : random.nextInt(60) == 0 ? 1.5f : random.nextInt(3) / 2f;
        }
        int from = random.nextInt(count + 1);
        assertEquals(new ScalarAbove().next(values, from, count, 1), new VectorAbove().next(values, from, count, 1),
                "from " + from + ", seed " + seed);
    }

    @Property(seed = Seeds.BUILD, tries = 200)
    void boxesAreDecodedAgainstTheirAnchors(@ForAll BoxOrder order, @ForAll long seed) {
        Random random = new Random(seed);
        DetectorSpec spec = spec(ScoreActivation.SIGMOID, 2, -1, order, random);
        BoxCoder coder = new BoxCoder(new AnchorGrid(spec), spec.boxCoding());
        List<double[]> anchors = PlainHead.anchors(spec);
        assertEquals(spec.rows(), anchors.size(), "rows");
        for (int row = 0; row < anchors.size(); row++) {
            float[] raw = new float[7];
            for (int i = 0; i < 7; i++) {
                raw[i] = (float) random.nextGaussian() * 3;
            }
            float[] got = new float[6];
            coder.decode(row, raw, 2, got, 1);
            double[] want = PlainHead.box(spec, anchors.get(row), raw, 2);
            for (int i = 0; i < 4; i++) {
                assertEquals(want[i], got[1 + i], 1e-4 * (10 + Math.abs(want[i])),
                        "side " + i + " of row " + row + ", raw " + Arrays.toString(raw) + ", " + spec.boxCoding());
            }
            assertEquals(0, got[0], "written before the box");
            assertEquals(0, got[5], "written behind the box");
        }
    }

    @Property(seed = Seeds.BUILD, tries = 500)
    void suppressionKeepsTheBestAndItsOrder(@ForAll boolean agnostic, @ForAll @IntRange(min = 0, max = 400) int count,
            @ForAll @IntRange(min = 1, max = 5) int classes, @ForAll long seed) {
        Random random = new Random(seed);
        float iou = new float[]{0, 0.3f, 0.5f, 0.6f, 1}[random.nextInt(5)];
        int maxPerClass = random.nextBoolean() ? 0 : 1 + random.nextInt(30);
        int maxDetections = 1 + random.nextInt(100);
        int room = 4 + random.nextInt(30);
        // A fresh and a used instance must agree, so the used one goes through all tries.
        Nms nms = random.nextBoolean() ? SHARED : new Nms();
        Candidates candidates = REUSED;
        candidates.clear();
        List<Found> plain = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double x = random.nextInt(room);
            double y = random.nextInt(room);
            double[] box = {x, y, x + random.nextInt(8), y + random.nextInt(8)};
            float score = (1 + random.nextInt(20)) / 20f;
            int classId = random.nextInt(classes);
            int at = candidates.add(classId, i, score);
            for (int side = 0; side < 4; side++) {
                candidates.boxes()[4 * at + side] = (float) box[side];
            }
            plain.add(new Found(i, classId, score, box));
        }
        List<Integer> want = PlainHead.suppress(plain, agnostic, iou, maxPerClass, maxDetections).stream()
                .map(Found::row).toList();
        int survivors = nms.run(candidates, classes, agnostic, iou, maxPerClass, maxDetections);
        List<Integer> got = new ArrayList<>();
        for (int i = 0; i < survivors; i++) {
            got.add(candidates.row(nms.kept(i)));
        }
        assertEquals(want, got, count + " candidates, iou " + iou + ", per class " + maxPerClass + ", at most "
                + maxDetections + ", agnostic " + agnostic + ", seed " + seed);
    }

    private static DetectorSpec spec(ScoreActivation activation, int classes, int background, BoxOrder order,
            Random random) {
        List<FeatureMap> maps = new ArrayList<>();
        for (int m = 0; m < 3; m++) {
            List<Anchor> anchors = new ArrayList<>();
            for (int a = random.nextInt(4); a > 0; a--) {
                anchors.add(new Anchor(1 + random.nextInt(90), 1 + random.nextInt(90)));
            }
            maps.add(new FeatureMap(1 + random.nextInt(5), 1 + random.nextInt(5), 1 + random.nextInt(64),
                    1 + random.nextInt(64), random.nextInt(2) / 2f, anchors));
        }
        return new DetectorSpec("test", null,
                new InputSpec("image", 300, 200, ColorOrder.RGB, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f),
                        Resize.BILINEAR),
                "boxes", "scores", Collections.nCopies(classes, "thing"), background, activation,
                new BoxCoding(order, 0.1f, 0.15f, 0.2f, 0.25f), maps, new NmsSpec(0.5f, 0.5f, 0, 100));
    }
}
