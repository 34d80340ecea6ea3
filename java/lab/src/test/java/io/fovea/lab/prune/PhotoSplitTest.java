package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Truth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PhotoSplitTest {

    private static List<Photo> photos(long seed, int count) {
        Random random = new Random(seed);
        List<Photo> photos = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            List<Truth> truths = new ArrayList<>();
            for (int c = 1; c <= 6; c++) {
                if (random.nextInt(1 << c) == 0) {
                    truths.add(new Truth(10L * p + c, c, 0, 0, 1, 1, 1, false, false));
                }
            }
            photos.add(new Photo(5000 - p, "p", 9, 9, truths));
        }
        return photos;
    }

    @Test
    void everyCategoryIsShared() {
        for (long seed = 0; seed < 10; seed++) {
            List<Photo> photos = photos(seed, 200);
            for (double share : new double[]{.5, .25, .8}) {
                int[] all = IntStream.range(0, 200).toArray();
                int[][] parts = PhotoSplit.of(all, photos, share);
                String where = "seed " + seed + ", share " + share;
                int[] both = IntStream.concat(Arrays.stream(parts[0]), Arrays.stream(parts[1])).sorted().toArray();
                assertArrayEquals(all, both, where);
                assertEquals(200 * share, parts[0].length, 3, where);
                for (int c = 1; c <= 6; c++) {
                    int category = c;
                    long first = Arrays.stream(parts[0]).filter(i -> has(photos.get(i), category)).count();
                    long whole = photos.stream().filter(p -> has(p, category)).count();
                    assertEquals(whole * share, first, 2.5, where + ", category " + c);
                }
                assertArrayEquals(parts[0], PhotoSplit.of(all, photos, share)[0], where);
            }
        }
    }

    private static boolean has(Photo p, int category) {
        return p.truths().stream().anyMatch(t -> t.category() == category);
    }

    @Test
    void noPartIsEmpty() {
        for (double share : new double[]{.001, .999}) {
            int[][] parts = PhotoSplit.of(new int[]{0, 1, 2}, photos(1, 3), share);
            assertTrue(parts[0].length > 0 && parts[1].length > 0);
        }
    }
}
