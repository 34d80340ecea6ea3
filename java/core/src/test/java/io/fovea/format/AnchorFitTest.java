package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec.FeatureMap;
import org.junit.jupiter.api.Test;

class AnchorFitTest {
    private static final float[][] SIZES = {{0.2f, 0.1f}, {0.5f, 0.9f}};

    /** Corners of a grid of 3 x 2 cells with two shapes of (height, width). */
    private static float[] corners() {
        float[] corners = new float[3 * 2 * 2 * 4];
        int i = 0;
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 2; x++) {
                for (float[] size : SIZES) {
                    float cy = (y + 0.5f) / 3;
                    float cx = (x + 0.5f) / 2;
                    corners[i++] = cy - size[0] / 2;
                    corners[i++] = cx - size[1] / 2;
                    corners[i++] = cy + size[0] / 2;
                    corners[i++] = cx + size[1] / 2;
                }
            }
        }
        return corners;
    }

    @Test
    void aGridIsFound() {
        FeatureMap map = AnchorFit.fit(corners(), 0, 3, 2, 2, 300, 200);
        assertEquals(100f, map.strideY());
        assertEquals(100f, map.strideX());
        assertEquals(60f, map.anchors().get(0).height(), 1e-4f);
        assertEquals(20f, map.anchors().get(0).width(), 1e-4f);
        assertEquals(180f, map.anchors().get(1).width(), 1e-4f);
    }

    @Test
    void aCornerThatIsOffIsNamed() {
        for (int i : new int[]{0, 17, 47}) {
            float[] corners = corners();
            corners[i] += 4e-5f;
            String message = assertThrows(ModelFormatException.class,
                    () -> AnchorFit.fit(corners, 0, 3, 2, 2, 300, 200)).getMessage();
            assertTrue(message.contains("is no member of a regular 3x2 grid"), message);
        }
        float[] nothing = corners();
        nothing[5] = Float.NaN;
        assertThrows(ModelFormatException.class, () -> AnchorFit.fit(nothing, 0, 3, 2, 2, 300, 200));
    }
}
