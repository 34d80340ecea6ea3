package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.head.Candidates;
import io.fovea.head.Nms;
import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import io.fovea.lab.eval.CocoEvaluator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores from cached rows equal the detector's own suppression followed by the evaluator. */
class CachedScorerTest {
    private static final int SHAPES = 7;
    private static final int INPUT = 64;
    private static final List<String> CLASSES = List.of("background", "a", "b", "c", "other");

    @TempDir
    Path folder;

    private final List<Photo> photos = new ArrayList<>();
    private final List<PhotoRows> rows = new ArrayList<>();

    private Dataset make(long seed, int count) {
        Random random = new Random(seed);
        long id = 1;
        for (int p = 0; p < count; p++) {
            int width = 60 + random.nextInt(80);
            int height = 60 + random.nextInt(80);
            List<Truth> truths = new ArrayList<>();
            for (int t = 0; t < random.nextInt(5); t++) {
                double w = 10 + random.nextInt(40);
                double h = 10 + random.nextInt(40);
                truths.add(
                        new Truth(id++, 1 + random.nextInt(3), random.nextInt(width - 10), random.nextInt(height - 10),
                                w, h, w * h, random.nextInt(5) == 0, false));
            }
            photos.add(new Photo(1000 - 7L * p, "p" + p, width, height, truths));
            rows.add(rows(random, truths, width, height));
        }
        return new Dataset("made", List.of(new Category(1, "a"), new Category(2, "b"), new Category(3, "c")), photos,
                new Problems());
    }

    private static PhotoRows rows(Random random, List<Truth> truths, int width, int height) {
        int n = random.nextInt(60);
        float[] corners = new float[4 * n];
        int[] shapes = new int[n];
        int[] row = IntStream.range(0, n).map(i -> 3 * i).toArray();
        List<int[]> entries = new ArrayList<>();
        List<Float> scores = new ArrayList<>();
        for (int b = 0; b < n; b++) {
            shapes[b] = random.nextInt(SHAPES);
            Truth near = truths.isEmpty() || random.nextInt(3) == 0 ? null : truths.get(random.nextInt(truths.size()));
            double sx = (double) INPUT / width;
            double sy = (double) INPUT / height;
            double x = near == null ? random.nextInt(60) : near.x() * sx + random.nextInt(4);
            double y = near == null ? random.nextInt(60) : near.y() * sy + random.nextInt(4);
            corners[4 * b] = (float) x - 3;
            corners[4 * b + 1] = (float) y - 2;
            corners[4 * b + 2] = (float) (x + (near == null ? 5 + random.nextInt(30) : near.width() * sx));
            corners[4 * b + 3] = (float) (y + (near == null ? 5 + random.nextInt(30) : near.height() * sy));
            for (int c = 1; c < CLASSES.size(); c++) {
                if (random.nextInt(3) == 0 || near != null && near.category() == c) {
                    entries.add(new int[]{c, b});
                    scores.add((1 + random.nextInt(20)) / 25f);
                }
            }
        }
        float[] s = new float[scores.size()];
        for (int i = 0; i < s.length; i++) {
            s[i] = scores.get(i);
        }
        return new PhotoRows(width, height, corners, shapes, row, entries.stream().mapToInt(e -> e[0]).toArray(),
                entries.stream().mapToInt(e -> e[1]).toArray(), s);
    }

    private RowCache write(String identity) throws IOException {
        Path file = folder.resolve("rows.cache");
        try (RowCache.Writer writer = new RowCache.Writer(file, rows.size(), SHAPES, identity)) {
            for (int p = rows.size() - 1; p >= 0; p--) {
                writer.add(p, rows.get(p));
            }
            writer.finish();
        }
        return RowCache.open(file, identity);
    }

    private double expected(Dataset data, int[] which, AnchorSet kept, NmsSpec nms) {
        List<PhotoDetections> found = new ArrayList<>();
        List<Photo> some = new ArrayList<>();
        for (int p : which) {
            PhotoRows r = rows.get(p);
            Candidates c = new Candidates();
            for (int i = 0; i < r.scores().length; i++) {
                int box = r.boxes()[i];
                if (kept.contains(r.shapes()[box])) {
                    int at = c.add(r.classes()[i], r.rows()[box], r.scores()[i]);
                    System.arraycopy(r.corners(), 4 * box, c.boxes(), 4 * at, 4);
                }
            }
            Nms suppression = new Nms();
            int n = suppression.run(c, CLASSES.size(), false, nms.iouThreshold(), nms.maxPerClass(),
                    nms.maxDetections());
            int[] categories = new int[n];
            double[] scores = new double[n];
            double[] boxes = new double[4 * n];
            for (int i = 0; i < n; i++) {
                int k = suppression.kept(i);
                categories[i] = c.classId(k);
                scores[i] = c.score(k);
                float left = clip(c.boxes()[4 * k] * ((float) r.width() / INPUT), r.width());
                float top = clip(c.boxes()[4 * k + 1] * ((float) r.height() / INPUT), r.height());
                boxes[4 * i] = left;
                boxes[4 * i + 1] = top;
                boxes[4 * i + 2] = clip(c.boxes()[4 * k + 2] * ((float) r.width() / INPUT), r.width()) - left;
                boxes[4 * i + 3] = clip(c.boxes()[4 * k + 3] * ((float) r.height() / INPUT), r.height()) - top;
            }
            found.add(new PhotoDetections(photos.get(p).id(), categories, scores, boxes));
            some.add(photos.get(p));
        }
        return CocoEvaluator.evaluate(data.withPhotos(some), found, 1).figures().ap();
    }

    private static float clip(float v, int size) {
        return Math.min(Math.max(v, 0), size);
    }

    @Test
    void equalsSuppressionAndEvaluatorForAnySet() throws IOException {
        for (long seed = 0; seed < 12; seed++) {
            photos.clear();
            rows.clear();
            Dataset data = make(seed, 25);
            NmsSpec nms = new NmsSpec(.01f, seed % 2 == 0 ? .5f : .3f, seed % 3 == 0 ? 4 : 0, seed % 4 == 0 ? 6 : 30);
            Random random = new Random(seed);
            int[] which = IntStream.range(0, 25).filter(i -> random.nextInt(4) > 0).toArray();
            try (RowCache cache = write("seed " + seed)) {
                CachedScorer scorer = new CachedScorer(new ScoringData(cache, which, photos,
                        LabelMap.of(CLASSES, 0, data), INPUT, INPUT, nms.iouThreshold(), 2), nms, 1 + (int) (seed % 3));
                AnchorSet parent = AnchorSet.all(SHAPES);
                while (parent.size() > 1) {
                    String where = "seed " + seed + ", kept " + parent;
                    assertEquals(expected(data, which, parent, nms), scorer.score(parent), 1e-12, where);
                    List<AnchorSet> children = new ArrayList<>();
                    for (int m : parent.members()) {
                        children.add(parent.minus(AnchorSet.of(SHAPES, m)));
                    }
                    children.add(AnchorSet.of(SHAPES, parent.members()[0]));
                    double[] ap = scorer.scoreChildren(parent, children);
                    for (int i = 0; i < ap.length; i++) {
                        assertEquals(expected(data, which, children.get(i), nms), ap[i], 1e-12,
                                where + ", child " + children.get(i));
                    }
                    parent = children.get(random.nextInt(children.size() - 1));
                }
            }
        }
    }

    @Test
    void theResultDoesNotDependOnThreads() throws IOException {
        Dataset data = make(77, 60);
        int[] which = IntStream.range(0, 60).toArray();
        NmsSpec nms = new NmsSpec(.01f, .5f, 0, 20);
        AnchorSet all = AnchorSet.all(SHAPES);
        List<AnchorSet> children = IntStream.range(0, SHAPES).mapToObj(i -> all.minus(AnchorSet.of(SHAPES, i)))
                .toList();
        double[] first = null;
        double[] draws = null;
        for (int threads : new int[]{1, 2, 5}) {
            try (RowCache cache = write("x")) {
                CachedScorer scorer = new CachedScorer(new ScoringData(cache, which, photos,
                        LabelMap.of(CLASSES, 0, data), INPUT, INPUT, nms.iouThreshold(), 2), nms, threads);
                double[] ap = scorer.scoreChildren(all, children);
                double[] gains = scorer.resampledGains(all, children.get(0), 20);
                assertArrayEquals(first == null ? ap : first, ap);
                assertArrayEquals(draws == null ? gains : draws, gains);
                first = ap;
                draws = gains;
                assertTrue(scorer.noise(all, children.get(0)) > 0);
                assertEquals(0, scorer.noise(all, all));
            }
        }
    }

    @Test
    void aCacheIsUsedOnlyForWhatItWasWrittenFor() throws IOException {
        make(3, 4);
        try (RowCache cache = write("one")) {
            assertEquals(4, cache.photos());
            assertEquals(SHAPES, cache.shapes());
            for (int p = 0; p < 4; p++) {
                PhotoRows sorted = rows.get(p).sorted();
                assertArrayEquals(sorted.scores(), cache.read(p).scores());
                assertArrayEquals(sorted.classes(), cache.read(p).classes());
                assertArrayEquals(sorted.corners(), cache.read(p).corners());
                assertArrayEquals(sorted.rows(), cache.read(p).rows());
            }
        }
        Path file = folder.resolve("rows.cache");
        assertNull(RowCache.open(file, "two"));
        assertNotNull(RowCache.open(file, "one"));
        Files.write(file, new byte[10]);
        assertNull(RowCache.open(file, "one"));
        RowCache.Writer stopped = new RowCache.Writer(folder.resolve("half.cache"), 2, SHAPES, "one");
        stopped.add(0, rows.get(0));
        stopped.close();
        assertNull(RowCache.open(folder.resolve("half.cache"), "one"));
    }
}
