package io.fovea.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fovea.Seeds;
import io.fovea.gate.RegionGate.Region;
import io.fovea.image.Image;
import io.fovea.sites.Mask;
import io.fovea.testing.Masks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Gates without a net, against overlaps worked out cell by cell. */
class GateTest {

    @Property(seed = Seeds.BUILD, tries = 150)
    void maskPictureMarksEveryCellThatABrightPixelTouches(@ForAll @IntRange(min = 1, max = 60) int height,
            @ForAll @IntRange(min = 1, max = 60) int width, @ForAll @IntRange(min = 1, max = 40) int pictureHeight,
            @ForAll @IntRange(min = 1, max = 40) int pictureWidth, @ForAll @IntRange(min = 1, max = 9) int cell,
            @ForAll long seed) {
        Random random = new Random(seed);
        byte[] rgb = new byte[3 * pictureWidth * pictureHeight];
        boolean[] bright = new boolean[pictureWidth * pictureHeight];
        for (int i = 0; i < bright.length; i++) {
            bright[i] = random.nextInt(12) == 0;
            byte grey = (byte) (bright[i] ? 128 + random.nextInt(128) : random.nextInt(128));
            rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = grey;
        }
        Image picture = Image.ofRgb(rgb, pictureWidth, pictureHeight, 3 * pictureWidth);
        Mask mask = new MaskGate(picture, cell).mask(picture, height, width);
        for (int r = 0; r < mask.rows(); r++) {
            for (int c = 0; c < mask.columns(); c++) {
                boolean touched = false;
                for (int i = 0; i < bright.length; i++) {
                    touched |= bright[i] && overlap(i / pictureWidth, pictureHeight, r, cell, height)
                            && overlap(i % pictureWidth, pictureWidth, c, cell, width);
                }
                assertEquals(touched, mask.get(r, c), "cell " + r + "," + c + " of input " + height + "x" + width
                        + ", picture " + pictureHeight + "x" + pictureWidth + ", seed " + seed + ", "
                        + Masks.text(mask));
            }
        }
    }

    /** Whether a pixel of a picture stretched over an input overlaps a cell of it, in exact arithmetic. */
    private static boolean overlap(long pixel, long pixels, long index, long cell, long input) {
        long end = Math.min(input, (index + 1) * cell);
        return pixel * input < end * pixels && (pixel + 1) * input > index * cell * pixels;
    }

    @Property(seed = Seeds.BUILD, tries = 150)
    void regionsMarkEveryCellThatTheyOverlap(@ForAll @IntRange(min = 1, max = 300) int photoHeight,
            @ForAll @IntRange(min = 1, max = 300) int photoWidth, @ForAll @IntRange(min = 1, max = 16) int cell,
            @ForAll long seed) {
        Random random = new Random(seed);
        int height = 64;
        int width = 48;
        List<Region> regions = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            regions.add(new Region((random.nextFloat() * 1.4f - 0.2f) * photoWidth,
                    (random.nextFloat() * 1.4f - 0.2f) * photoHeight, 0.1f + random.nextFloat() * photoWidth / 3,
                    0.1f + random.nextFloat() * photoHeight / 3));
        }
        Image photo = Image.ofRgb(new byte[3 * photoWidth * photoHeight], photoWidth, photoHeight, 3 * photoWidth);
        Mask mask = new RegionGate(regions, cell).mask(photo, height, width);
        for (int r = 0; r < mask.rows(); r++) {
            for (int c = 0; c < mask.columns(); c++) {
                boolean surely = false;
                boolean perhaps = false;
                for (Region region : regions) {
                    surely |= overlaps(region, photo, r, c, cell, -1e-3);
                    perhaps |= overlaps(region, photo, r, c, cell, 1e-3);
                }
                if (surely == perhaps) {
                    assertEquals(surely, mask.get(r, c), "cell " + r + "," + c + ", " + regions + " of "
                            + photoWidth + "x" + photoHeight + ", " + mask);
                }
            }
        }
    }

    /** Whether a region, grown by a slack in input pixels, overlaps a cell of an input of 64 x 48. */
    private static boolean overlaps(Region r, Image photo, int row, int column, int cell, double slack) {
        double x = 48.0 / photo.width();
        double y = 64.0 / photo.height();
        return r.x() * x - slack < (column + 1) * cell && (r.x() + r.width()) * x + slack > column * cell
                && r.y() * y - slack < (row + 1) * cell && (r.y() + r.height()) * y + slack > row * cell;
    }

    @Test
    void emptyRegionsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RegionGate(List.of(), 8));
        assertThrows(IllegalArgumentException.class, () -> new Region(1, 1, 0, 5));
        assertThrows(IllegalArgumentException.class, () -> new Region(1, 1, 5, Float.NaN));
    }
}
