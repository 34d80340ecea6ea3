package io.fovea.sites;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.testing.Masks;
import io.fovea.testing.PlainPool;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Masks, their growth, and their way to the sites of a resolution, against loops over cells and pixels. */
class MaskTest {

    @Property(seed = Seeds.BUILD, tries = 200)
    void dilationTakesEveryCellWithinTheMargin(@ForAll @IntRange(min = 1, max = 60) int height,
            @ForAll @IntRange(min = 1, max = 60) int width, @ForAll @IntRange(min = 1, max = 9) int cell,
            @ForAll @IntRange(min = 0, max = 40) int margin, @ForAll long seed) {
        Mask mask = random(height, width, cell, 0.1, seed);
        Mask grown = mask.dilate(margin);
        int reach = (margin + cell - 1) / cell;
        for (int r = 0; r < mask.rows(); r++) {
            for (int c = 0; c < mask.columns(); c++) {
                boolean near = false;
                for (int y = Math.max(0, r - reach); y <= Math.min(mask.rows() - 1, r + reach); y++) {
                    for (int x = Math.max(0, c - reach); x <= Math.min(mask.columns() - 1, c + reach); x++) {
                        near |= mask.get(y, x);
                    }
                }
                assertEquals(near, grown.get(r, c),
                        "cell " + r + "," + c + ", margin " + margin + " of " + Masks.text(mask));
            }
        }
        assertTrue(covers(grown, mask), "a grown mask keeps its cells");
        assertTrue(covers(mask.dilate(margin + 3), grown), "more margin, no fewer cells");
        assertEquals(grown, mask.union(grown), "union with what it covers");
    }

    @Test
    void dilationByAHugeMarginFillsTheMask() {
        Mask mask = Mask.uniform(40, 30, 8, false).withRectangle(10, 10, 11, 11);
        for (int margin : new int[]{1000, Integer.MAX_VALUE - 3, Integer.MAX_VALUE}) {
            assertTrue(mask.dilate(margin).isFull(), "margin " + margin);
            assertTrue(Mask.uniform(40, 30, 8, false).dilate(margin).isEmpty(), "empty, margin " + margin);
        }
        assertEquals(mask, mask.dilate(0), "margin 0");
    }

    @Property(seed = Seeds.BUILD, tries = 200)
    void rectangleTakesEveryCellThatItOverlaps(@ForAll @IntRange(min = 1, max = 60) int height,
            @ForAll @IntRange(min = 1, max = 60) int width, @ForAll @IntRange(min = 1, max = 9) int cell,
            @ForAll long seed) {
        Random random = new Random(seed);
        float left = (random.nextFloat() * 1.6f - 0.3f) * width;
        float top = (random.nextFloat() * 1.6f - 0.3f) * height;
        float right = left + random.nextFloat() * width + 0.01f;
        float bottom = top + random.nextFloat() * height + 0.01f;
        Mask mask = Mask.uniform(height, width, cell, false).withRectangle(left, top, right, bottom);
        for (int r = 0; r < mask.rows(); r++) {
            for (int c = 0; c < mask.columns(); c++) {
                boolean touched = left < (c + 1) * cell && right > c * cell && top < (r + 1) * cell
                        && bottom > r * cell;
                assertEquals(touched, mask.get(r, c), "cell " + r + "," + c + ", rectangle " + left + "," + top + " to "
                        + right + "," + bottom + " in " + mask);
            }
        }
    }

    @Test
    void rectanglesFarOutsideAndWithoutEndsAreLegal() {
        Mask empty = Mask.uniform(20, 20, 8, false);
        assertTrue(empty.withRectangle(-50, -50, -1, -1).isEmpty());
        assertTrue(empty.withRectangle(30, 0, 90, 20).isEmpty());
        assertTrue(empty.withRectangle(-1e30f, -1e30f, 1e30f, 1e30f).isFull());
        assertTrue(empty.withRectangle(Float.NEGATIVE_INFINITY, 0, Float.POSITIVE_INFINITY, 20).isFull());
        assertTrue(empty.withRectangle(Float.NaN, Float.NaN, Float.NaN, Float.NaN).isEmpty());
    }

    @Test
    void flagsGoInAndComeOut() {
        boolean[] flags = {true, false, false, true, true, false};
        Mask mask = Mask.of(15, 24, 8, flags);
        assertArrayEquals(flags, mask.toArray());
        flags[1] = true;
        assertEquals(3.0 / 6, mask.share(), "the mask keeps its own flags");
        assertEquals(mask, Mask.of(15, 24, 8, mask.toArray()));
        assertEquals(mask.hashCode(), Mask.of(15, 24, 8, mask.toArray()).hashCode());
        assertThrows(IllegalArgumentException.class, () -> Mask.of(15, 24, 8, new boolean[5]));
        assertThrows(IllegalArgumentException.class, () -> Mask.of(0, 24, 8, new boolean[0]));
        assertThrows(IllegalArgumentException.class, () -> Mask.of(15, 24, 0, flags));
        assertThrows(IllegalArgumentException.class, () -> mask.union(Mask.uniform(16, 24, 8, true)));
        assertThrows(IllegalArgumentException.class,
                () -> new MaskPool(300, 300, 10, 10).pool(mask, 0, new boolean[100]));
    }

    @Property(seed = Seeds.BUILD, tries = 400)
    void poolCountsPixels(@ForAll @IntRange(min = 1, max = 70) int height,
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 20) int cell, @ForAll @IntRange(min = 1, max = 80) int siteRows,
            @ForAll @IntRange(min = 1, max = 80) int siteColumns,
            @ForAll @DoubleRange(min = 0, max = 0.9) double coarseShare, @ForAll long seed) {
        MaskPool pool = new MaskPool(height, width, siteRows, siteColumns);
        boolean[] flags = new boolean[siteRows * siteColumns];
        Random random = new Random(seed);
        for (int round = 0; round < 3; round++) {
            Mask mask = random(height, width, cell, random.nextDouble(), seed + round);
            pool.pool(mask, coarseShare, flags);
            boolean[] want = PlainPool.flags(mask, siteRows, siteColumns, coarseShare);
            int at = Arrays.mismatch(want, flags);
            assertEquals(-1, at, () -> "site " + at / siteColumns + "," + at % siteColumns + " of " + siteRows + "x"
                    + siteColumns + ", share " + coarseShare + ", input " + height + "x" + width + ", "
                    + Masks.text(mask));
            try (Arena arena = Arena.ofConfined()) {
                SiteSet set = new SiteSet(SiteGrid.of(siteRows, siteColumns, List.of()), false, arena);
                pool.pool(mask, coarseShare, set);
                SiteSet same = new SiteSet(set.grid(), false, arena);
                same.set(want);
                assertArrayEquals(runs(same), runs(set), () -> "runs of sites " + siteRows + "x" + siteColumns
                        + ", share " + coarseShare + ", input " + height + "x" + width + ", " + Masks.text(mask));
            }
            boolean[] any = new boolean[flags.length];
            pool.pool(mask, 0, any);
            boolean[] more = new boolean[flags.length];
            pool.pool(mask.union(random(height, width, cell, 0.2, seed + 9)), coarseShare, more);
            for (int i = 0; i < flags.length; i++) {
                assertTrue(any[i] || !flags[i], "a stricter rule keeps no site that a laxer one drops");
                assertTrue(more[i] || !flags[i], "a larger mask keeps every site of a smaller one");
            }
        }
        pool.pool(Mask.uniform(height, width, cell, true), coarseShare, flags);
        assertTrue(all(flags, true), "full mask");
        pool.pool(Mask.uniform(height, width, cell, false), coarseShare, flags);
        assertTrue(all(flags, false), "empty mask");
    }

    private static int[] runs(SiteSet set) {
        return Arrays.copyOf(set.runs().data(), set.runs().length());
    }

    @Test
    void poolOfTheUsualMaps() {
        for (int size : new int[]{300, 512, 320}) {
            for (int sites : new int[]{size / 2, size / 4, (size + 7) / 8, (size + 15) / 16, (size + 31) / 32, 5, 3, 2,
                    1}) {
                Masks.all(size, size, 8, size + sites).forEach((name, mask) -> {
                    boolean[] flags = new boolean[sites * sites];
                    new MaskPool(size, size, sites, sites).pool(mask, 0.25, flags);
                    assertEquals(-1, Arrays.mismatch(PlainPool.flags(mask, sites, sites, 0.25), flags),
                            name + " of " + size + " px to " + sites + " sites");
                });
            }
        }
    }

    private static Mask random(int height, int width, int cell, double share, long seed) {
        boolean[] flags = new boolean[((height + cell - 1) / cell) * ((width + cell - 1) / cell)];
        Random random = new Random(seed);
        for (int i = 0; i < flags.length; i++) {
            flags[i] = random.nextDouble() < share;
        }
        return Mask.of(height, width, cell, flags);
    }

    private static boolean covers(Mask large, Mask small) {
        return large.union(small).equals(large);
    }

    private static boolean all(boolean[] flags, boolean value) {
        for (boolean flag : flags) {
            if (flag != value) {
                return false;
            }
        }
        return true;
    }
}
