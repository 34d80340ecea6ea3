package io.fovea.testing;

import io.fovea.sites.Mask;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** The masks that every masked run is tried with. */
public final class Masks {
    private Masks() {
    }

    /** Returns empty, full, one cell, border, checkerboard, blobs and single pixels' worth of noise, by name. */
    public static Map<String, Mask> all(int height, int width, int cell, long seed) {
        int rows = (height + cell - 1) / cell;
        int columns = (width + cell - 1) / cell;
        Random random = new Random(seed);
        Map<String, Mask> masks = new LinkedHashMap<>();
        masks.put("empty", Mask.uniform(height, width, cell, false));
        masks.put("full", Mask.uniform(height, width, cell, true));
        int one = random.nextInt(rows * columns);
        masks.put("one cell", of(height, width, cell, i -> i == one));
        masks.put("border", of(height, width, cell, i -> i / columns == 0 || i % columns == 0 || i / columns == rows - 1
                || i % columns == columns - 1));
        masks.put("checkerboard", of(height, width, cell, i -> (i / columns + i % columns) % 2 == 0));
        masks.put("blobs", blobs(height, width, cell, random));
        boolean[] noise = new boolean[rows * columns];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextInt(5) == 0;
        }
        masks.put("noise", Mask.of(height, width, cell, noise));
        return masks;
    }

    /** Returns one to four random rectangles. */
    public static Mask blobs(int height, int width, int cell, Random random) {
        Mask mask = Mask.uniform(height, width, cell, false);
        int blobs = 1 + random.nextInt(4);
        for (int b = 0; b < blobs; b++) {
            float x = random.nextFloat() * width;
            float y = random.nextFloat() * height;
            mask = mask.withRectangle(x, y, x + random.nextFloat() * width / 3 + 1,
                    y + random.nextFloat() * height / 3 + 1);
        }
        return mask;
    }

    private static Mask of(int height, int width, int cell, java.util.function.IntPredicate active) {
        boolean[] flags = new boolean[((height + cell - 1) / cell) * ((width + cell - 1) / cell)];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = active.test(i);
        }
        return Mask.of(height, width, cell, flags);
    }

    /** Returns a mask as text, a line per row of cells. */
    public static String text(Mask mask) {
        StringBuilder text = new StringBuilder(mask.toString());
        boolean[] flags = mask.toArray();
        for (int r = 0; r < mask.rows(); r++) {
            boolean[] row = Arrays.copyOfRange(flags, r * mask.columns(), (r + 1) * mask.columns());
            text.append('\n');
            for (boolean flag : row) {
                text.append(flag ? '#' : '.');
            }
        }
        return text.toString();
    }
}
