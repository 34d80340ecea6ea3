package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fovea.Seeds;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StretchTest {
    @Property(seed = Seeds.BUILD)
    void thereAndBackIsTheSamePoint(@ForAll @IntRange(min = 1, max = 9000) int photoWidth,
            @ForAll @IntRange(min = 1, max = 9000) int photoHeight,
            @ForAll @IntRange(min = 1, max = 2000) int inputWidth,
            @ForAll @IntRange(min = 1, max = 2000) int inputHeight,
            @ForAll @FloatRange(min = -100, max = 9000) float x, @ForAll @FloatRange(min = -100, max = 9000) float y) {
        var stretch = new Stretch(photoWidth, photoHeight, inputWidth, inputHeight);
        assertEquals(x, stretch.toPhotoX(stretch.toInputX(x)), Math.abs(x) * 3e-7f);
        assertEquals(y, stretch.toPhotoY(stretch.toInputY(y)), Math.abs(y) * 3e-7f);
        assertEquals(x, stretch.toInputX(stretch.toPhotoX(x)), Math.abs(x) * 3e-7f);
        assertEquals(y, stretch.toInputY(stretch.toPhotoY(y)), Math.abs(y) * 3e-7f);
        assertEquals(photoWidth, stretch.toPhotoX(inputWidth));
        assertEquals(inputHeight, stretch.toInputY(photoHeight));
    }

    @Test
    void byHand() {
        var stretch = new Stretch(640, 480, 300, 300);
        assertEquals(320, stretch.toPhotoX(150));
        assertEquals(240, stretch.toPhotoY(150));
        assertEquals(150, stretch.toInputX(320));
        assertEquals(75, stretch.toInputY(120));
        assertThrows(IllegalArgumentException.class, () -> new Stretch(640, 0, 300, 300));
    }
}
