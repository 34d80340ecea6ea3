package io.fovea.lab.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import java.util.List;
import org.junit.jupiter.api.Test;

class VocEvaluatorTest {
    private static Truth truth(long id, double x, boolean difficult) {
        return new Truth(id, 1, x, 0, 10, 10, 100, false, difficult);
    }

    private final Dataset data = new Dataset("made", List.of(new Category(1, "cat"), new Category(2, "dog")),
            List.of(new Photo(1, "a", 200, 20, List.of(truth(1, 0, false), truth(2, 20, false), truth(3, 40, true))),
                    new Photo(2, "b", 200, 20, List.of(truth(4, 0, false), truth(5, 20, false)))),
            new Problems());

    // best first: right, right, difficult (ignored), duplicate (wrong), right; one object is never found
    private final List<PhotoDetections> found = List.of(
            new PhotoDetections(1, new int[]{1, 1, 1}, new double[]{.9, .7, .6},
                    new double[]{0, 0, 10, 10, 40, 0, 10, 10, 1, 0, 10, 10}),
            new PhotoDetections(2, new int[]{1, 1}, new double[]{.8, .5},
                    new double[]{0, 0, 10, 10, 21, 0, 10, 10}));

    @Test
    void allPointIsTheAreaUnderTheEnvelope() {
        // recalls 1/4, 2/4, 2/4, 3/4 with precisions 1, 1, 2/3, 3/4
        VocEvaluator.Figures f = VocEvaluator.evaluate(data, found, .5, VocEvaluator.Rule.ALL_POINT);
        assertEquals(.5 + .25 * .75, f.meanAp(), 1e-12);
        assertEquals(1, f.apPerCategory().size());
    }

    @Test
    void elevenPointIsTheMeanOfTheBestPrecisions() {
        // recall 0 .. .5: 1 (6 points); .6, .7: .75; .8, .9, 1: 0
        VocEvaluator.Figures f = VocEvaluator.evaluate(data, found, .5, VocEvaluator.Rule.ELEVEN_POINT);
        assertEquals((6 + 2 * .75) / 11, f.meanAp(), 1e-12);
    }

    @Test
    void nothingFoundIsZeroAndNothingToFindIsMinusOne() {
        assertEquals(0, VocEvaluator.evaluate(data, List.of(), .5, VocEvaluator.Rule.ALL_POINT).meanAp());
        Dataset empty = data.withPhotos(List.of(new Photo(1, "a", 9, 9, List.of())));
        assertEquals(-1, VocEvaluator.evaluate(empty, found, .5, VocEvaluator.Rule.ALL_POINT).meanAp());
    }
}
