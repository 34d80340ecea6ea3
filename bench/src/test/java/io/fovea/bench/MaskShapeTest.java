package io.fovea.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.Test;

class MaskShapeTest {
    private static int count(boolean[] flags) {
        return (int) IntStream.range(0, flags.length).filter(i -> flags[i]).count();
    }

    @ParameterizedTest
    @EnumSource(MaskShape.class)
    void everyMaskHasTheWantedShare(MaskShape shape) {
        for (double share : new double[]{0, 0.05, 0.25, 1}) {
            MaskShape.Flags flags = shape.flags(new Shape(300, 200, 3), share);
            int cells = 38 * 25;
            for (boolean[] mask : flags.flags()) {
                assertEquals(cells, mask.length);
                assertEquals(Math.round(share * cells), count(mask), shape + " " + share);
            }
            assertEquals(share, flags.share(), 0.51 / cells);
        }
    }

    @Test
    void squareIsInTheMiddle() {
        boolean[] mask = MaskShape.SQUARE.flags(new Shape(32, 32, 3), 0.25).flags().get(0);
        boolean[] expected = new boolean[16];
        for (int i : new int[]{5, 6, 9, 10}) {
            expected[i] = true;
        }
        assertTrue(Arrays.equals(expected, mask), Arrays.toString(mask));
    }

    @Test
    void blobsDifferAndRepeat() {
        MaskShape.Flags once = MaskShape.BLOBS.flags(new Shape(300, 300, 3), 0.3);
        MaskShape.Flags again = MaskShape.BLOBS.flags(new Shape(300, 300, 3), 0.3);
        for (int i = 0; i < once.flags().size(); i++) {
            assertTrue(Arrays.equals(once.flags().get(i), again.flags().get(i)), "mask " + i);
        }
        assertFalse(Arrays.equals(once.flags().get(0), once.flags().get(1)));
    }

    @Test
    void crossingIsInterpolated() {
        assertEquals(0.75, CurvePlot.crossing(new double[]{0, 0.5, 1}, new double[]{0, 0.5, 1.5}), 1e-12);
        assertEquals(Double.NaN, CurvePlot.crossing(new double[]{0, 1}, new double[]{0, 0.9}));
    }
}
