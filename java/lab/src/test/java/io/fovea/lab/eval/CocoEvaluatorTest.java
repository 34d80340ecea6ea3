package io.fovea.lab.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CocoEvaluatorTest {

    private static Truth truth(long id, int category, double x, double y, double w, double h, boolean crowd) {
        return new Truth(id, category, x, y, w, h, w * h, crowd, false);
    }

    private static Dataset data(List<Photo> photos, int categories) {
        List<Category> list = new ArrayList<>();
        for (int c = 1; c <= categories; c++) {
            list.add(new Category(c, "c" + c));
        }
        return new Dataset("made", list, photos, new Problems());
    }

    private static PhotoDetections found(long photo, double... rows) {
        int n = rows.length / 6;
        int[] categories = new int[n];
        double[] scores = new double[n];
        double[] boxes = new double[4 * n];
        for (int i = 0; i < n; i++) {
            categories[i] = (int) rows[6 * i];
            scores[i] = rows[6 * i + 1];
            System.arraycopy(rows, 6 * i + 2, boxes, 4 * i, 4);
        }
        return new PhotoDetections(photo, categories, scores, boxes);
    }

    @Test
    void perfectDetectionsScoreOne() {
        Dataset d = data(List.of(new Photo(1, "a", 200, 200, List.of(truth(1, 1, 10, 10, 50, 50, false)))), 1);
        CocoFigures f = CocoEvaluator.evaluate(d, List.of(found(1, 1, .9, 10, 10, 50, 50)), 1).figures();
        assertEquals(1, f.ap(), 1e-12);
        assertEquals(1, f.ar1(), 1e-12);
        assertEquals(1, f.apMedium(), 1e-12);
        assertEquals(-1, f.apSmall());
        assertEquals(-1, f.apLarge());
    }

    @Test
    void aSecondDetectionOfOneObjectIsWrong() {
        Dataset d = data(List.of(new Photo(1, "a", 200, 200,
                List.of(truth(1, 1, 0, 0, 50, 50, false), truth(2, 1, 100, 100, 50, 50, false)))), 1);
        CocoFigures f = CocoEvaluator.evaluate(d,
                List.of(found(1, 1, .9, 0, 0, 50, 50, 1, .8, 0, 0, 50, 50, 1, .7, 100, 100, 50, 50)), 1).figures();
        // precision 1 up to recall .5 (51 points), then 2/3
        assertEquals((51 + 50 * 2 / 3.0) / 101, f.ap50(), 1e-12);
    }

    @Test
    void detectionsInACrowdCountNeitherWay() {
        Dataset d = data(List.of(new Photo(1, "a", 400, 400,
                List.of(truth(1, 1, 0, 0, 200, 200, true), truth(2, 1, 300, 300, 50, 50, false)))), 1);
        CocoFigures f = CocoEvaluator.evaluate(d, List.of(
                found(1, 1, .9, 10, 10, 40, 40, 1, .8, 100, 100, 40, 40, 1, .7, 300, 300, 50, 50)), 1).figures();
        assertEquals(1, f.ap(), 1e-12);
        assertEquals(0, f.ar1(), 1e-12);
        assertEquals(1, f.ar10(), 1e-12);
    }

    @Test
    void nothingToFindOrNothingFound() {
        Dataset none = data(List.of(new Photo(1, "a", 9, 9, List.of())), 2);
        CocoFigures f = CocoEvaluator.evaluate(none, List.of(found(1, 1, .9, 0, 0, 5, 5)), 2).figures();
        f.byName().forEach((name, v) -> assertEquals(-1, v, name));
        assertEquals(0, f.apPerCategory().size());
        Dataset some = data(List.of(new Photo(1, "a", 200, 200, List.of(truth(1, 1, 0, 0, 50, 50, false)))), 2);
        assertEquals(0, CocoEvaluator.evaluate(some, List.of(), 2).figures().ap());
        assertEquals(0, CocoEvaluator.evaluate(some, List.of(), 2).figures().ar100());
    }

    @Test
    void badArgumentsAreNamed() {
        Dataset d = data(List.of(new Photo(1, "a", 9, 9, List.of())), 1);
        assertThrows(IllegalArgumentException.class,
                () -> CocoEvaluator.evaluate(d, List.of(found(1), found(1)), 1));
        assertThrows(IllegalArgumentException.class,
                () -> CocoEvaluator.evaluate(d, List.of(found(1, 1, Double.NaN, 0, 0, 1, 1)), 1));
    }

    @Test
    void equalsTheDefinitionOnRandomData() {
        double[] all = {.5, .55, .6, .65, .7, .75, .8, .85, .9, .95};
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            List<Photo> photos = new ArrayList<>();
            List<PhotoDetections> found = new ArrayList<>();
            long id = 1;
            for (int p = 0; p < 1 + random.nextInt(6); p++) {
                List<Truth> truths = new ArrayList<>();
                List<Double> rows = new ArrayList<>();
                for (int g = 0; g < random.nextInt(7); g++) {
                    double size = 10 + random.nextInt(150);
                    truths.add(truth(id++, 1 + random.nextInt(3), random.nextInt(100), random.nextInt(100), size,
                            size * (.5 + random.nextDouble()), random.nextInt(6) == 0));
                }
                for (int k = 0; k < random.nextInt(25); k++) {
                    boolean near = !truths.isEmpty() && random.nextInt(4) > 0;
                    Truth t = near ? truths.get(random.nextInt(truths.size())) : null;
                    double by = 1 + .3 * random.nextGaussian() * random.nextDouble();
                    rows.addAll(List.of(near ? t.category() : 1.0 + random.nextInt(3), random.nextInt(12) / 12.0,
                            near ? t.x() + random.nextInt(9) : random.nextInt(100),
                            near ? t.y() + random.nextInt(9) : random.nextInt(100),
                            near ? t.width() * Math.abs(by) : 5.0 + random.nextInt(90),
                            near ? t.height() : 5.0 + random.nextInt(90)));
                }
                photos.add(new Photo(100 - p, "p" + p, 300, 300, truths));
                found.add(found(100 - p, rows.stream().mapToDouble(v -> v).toArray()));
            }
            Dataset d = data(photos, 3);
            CocoFigures f = CocoEvaluator.evaluate(d, found, 1 + seed % 3).figures();
            String where = "seed " + seed;
            assertEquals(PlainCoco.judge(d, found, 0, 1e10, 100, all)[0], f.ap(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 0, 1e10, 100, .5)[0], f.ap50(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 0, 1e10, 100, .75)[0], f.ap75(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 0, 1024, 100, all)[0], f.apSmall(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 1024, 9216, 100, all)[0], f.apMedium(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 9216, 1e10, 100, all)[0], f.apLarge(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 0, 1e10, 1, all)[1], f.ar1(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 0, 1e10, 10, all)[1], f.ar10(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 0, 1e10, 100, all)[1], f.ar100(), 1e-9, where);
            assertEquals(PlainCoco.judge(d, found, 9216, 1e10, 100, all)[1], f.arLarge(), 1e-9, where);
        }
    }
}
