package io.fovea.lab.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

class PairedDifferenceTest {
    private static final int PHOTOS = 40;

    private final List<Photo> photos = new ArrayList<>();
    private final Dataset data;

    PairedDifferenceTest() {
        for (int p = 0; p < PHOTOS; p++) {
            photos.add(new Photo(p, "", 100, 100, List.of(new Truth(2 * p, p % 2, 10, 10, 40, 40, 1600, false, false),
                    new Truth(2 * p + 1, 1, 50, 50, 30, 40, 1200, false, false))));
        }
        data = new Dataset("made", List.of(new Category(0, "a"), new Category(1, "b")), photos, new Problems());
    }

    /** Finds each object by a chance, and something else by another. */
    private List<PhotoDetections> found(double chance, long seed) {
        Random random = new Random(seed);
        List<PhotoDetections> all = new ArrayList<>();
        for (Photo p : photos) {
            List<double[]> rows = new ArrayList<>();
            for (Truth t : p.truths()) {
                if (random.nextDouble() < chance) {
                    rows.add(
                            new double[]{t.category(), random.nextDouble(), t.x() + random.nextInt(4), t.y(), t.width(),
                                    t.height()});
                }
            }
            rows.add(new double[]{random.nextInt(2), random.nextDouble(), 0, 60, 20, 20});
            all.add(new PhotoDetections(p.id(), rows.stream().mapToInt(r -> (int) r[0]).toArray(),
                    rows.stream().mapToDouble(r -> r[1]).toArray(),
                    rows.stream().flatMapToDouble(r -> java.util.stream.DoubleStream.of(r[2], r[3], r[4], r[5]))
                            .toArray()));
        }
        return all;
    }

    @Test
    void differenceIsThatOfTheEvaluator() {
        List<PhotoDetections> one = found(.5, 1);
        List<PhotoDetections> two = found(.9, 2);
        PairedDifference d = PairedDifference.of(data, one, two, 200, 2);
        assertEquals(CocoEvaluator.evaluate(data, two, 1).figures().ap()
                - CocoEvaluator.evaluate(data, one, 1).figures().ap(), d.difference(), 1e-12);
        assertTrue(0 < d.low() && d.low() < d.difference() && d.difference() < d.high(), d.toString());
        assertEquals(d, PairedDifference.of(data, one, two, 200, 1), "threads do not matter");
    }

    @Test
    void ofOneWithItselfIsNothing() {
        List<PhotoDetections> one = found(.6, 3);
        assertEquals(new PairedDifference(0, 0, 0, 50), PairedDifference.of(data, one, one, 50, 2));
    }
}
