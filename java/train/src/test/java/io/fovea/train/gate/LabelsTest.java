package io.fovea.train.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Labels of cells, coverage of marks, and how maps are read at cells; 5x5 cells of 4 pixels over 20x18. */
class LabelsTest {
    private static final CellGrid GRID = new CellGrid(18, 20, 4);

    private static Mark mark(float left, float top, float right, float bottom, float score, Mark.Kind kind) {
        return new Mark(left, top, right, bottom, score, kind);
    }

    @Test
    void marksOfAllSizesWeighAboutTheSame() {
        LabelRule rule = new LabelRule(.2f, 0, 8, 1, 4, .5f, 2);
        LabelRule.Labels labels = rule.labels(GRID,
                List.of(mark(0, 0, 4, 4, .3f, Mark.Kind.FOUND), mark(8, 0, 16, 8, .9f, Mark.Kind.FOUND),
                        mark(0, 8, 4, 12, .1f, Mark.Kind.FOUND), mark(4, 12, 9, 18, 1, Mark.Kind.TRUTH),
                        mark(15, 15, 20, 18, 1, Mark.Kind.CROWD)));
        // One cell of 8 weighs 8, at most 4; four cells weigh 2, twice that because the detector is sure; six of them 8/4, a truth.
        assertArrayEquals(new float[]{1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0},
                labels.target());
        assertArrayEquals(new float[]{4, 1, 4, 4, 1, 1, 1, 4, 4, 1, 1, 1, 1, 1, 1, 1, 2, 2, 0, 0, 1, 2, 2, 0, 0},
                labels.weight());
    }

    @Test
    void context() {
        LabelRule rule = new LabelRule(.2f, 3, 1, 1, 1, .5f, 1);
        float[] target = rule.labels(GRID, List.of(mark(8, 8, 12, 12, .9f, Mark.Kind.FOUND))).target();
        for (int i = 0; i < 25; i++) {
            boolean near = i / 5 >= 1 && i / 5 <= 3 && i % 5 >= 1 && i % 5 <= 3;
            assertEquals(near ? 1 : 0, target[i], "cell " + i);
        }
    }

    @Test
    void aMarkIsCoveredWhenAlmostAllOfItIs() {
        float[] logits = new float[25];
        logits[0] = 3;
        logits[1] = 1;
        assertEquals(Math.nextDown(1f), Coverage.threshold(GRID, mark(0, 0, 8, 4, 1, Mark.Kind.FOUND), logits));
        assertEquals(Math.nextDown(3f), Coverage.threshold(GRID, mark(0, 0, 4.1f, 4, 1, Mark.Kind.FOUND), logits));
        assertEquals(Float.NEGATIVE_INFINITY,
                Coverage.threshold(GRID, mark(30, 0, 34, 4, 1, Mark.Kind.FOUND), logits));
        List<Coverage.Covered> all = List.of(new Coverage.Covered(null, 3), new Coverage.Covered(null, 1),
                new Coverage.Covered(null, 2), new Coverage.Covered(null, -4));
        assertEquals(1, Coverage.thresholdFor(all, .75));
        assertEquals(.75, Coverage.recall(all, 1));
        assertEquals(.04, Coverage.share(List.of(logits), 2.5f), 1e-9);
    }

    @Test
    void grownLogitsAreThoseOfGrownMasks() {
        float[] logits = new float[25];
        logits[12] = 2;
        float[] grown = GRID.grown(logits, 3);
        for (int i = 0; i < 25; i++) {
            boolean near = i / 5 >= 1 && i / 5 <= 3 && i % 5 >= 1 && i % 5 <= 3;
            assertEquals(near ? 2 : 0, grown[i], "cell " + i);
        }
        assertArrayEquals(logits, GRID.grown(logits, 0));
    }

    @Test
    void mapsAreReadAtTheCentresOfCells() {
        // Two values over 20 pixels have their centres at 5 and 15; cells' are at 2, 6, 10, 14 and 18.
        assertArrayEquals(new float[]{1, 0, .9f, .1f, .5f, .5f, .1f, .9f, 0, 1}, GRID.columnSampling(2), 1e-6f);
    }
}
