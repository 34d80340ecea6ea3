package io.fovea.bench;

import io.fovea.graph.Shape;
import io.fovea.sites.Mask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Shapes of the masks that are measured. Each has exactly the wanted number of active cells. */
enum MaskShape {
    /** A square in the middle. */
    SQUARE(1) {
        @Override
        boolean[] draw(int rows, int columns, int wanted, Random random) {
            double middleRow = (rows - 1) / 2.0;
            double middleColumn = (columns - 1) / 2.0;
            boolean[] active = new boolean[rows * columns];
            IntStream.range(0, active.length).boxed()
                    .sorted(Comparator.comparingDouble(i -> Math.max(Math.abs(i / columns - middleRow),
                            Math.abs(i % columns - middleColumn))))
                    .limit(wanted).forEach(i -> active[i] = true);
            return active;
        }
    },
    /** Discs of 2 to 6 cells radius anywhere; four such masks take turns. */
    BLOBS(4) {
        @Override
        boolean[] draw(int rows, int columns, int wanted, Random random) {
            boolean[] active = new boolean[rows * columns];
            int count = 0;
            while (count < wanted) {
                int y = random.nextInt(rows);
                int x = random.nextInt(columns);
                int radius = 2 + random.nextInt(5);
                for (int i = 0; i < active.length && count < wanted; i++) {
                    int dy = i / columns - y;
                    int dx = i % columns - x;
                    if (!active[i] && dy * dy + dx * dx <= radius * radius) {
                        active[i] = true;
                        count++;
                    }
                }
            }
            return active;
        }
    };

    private final int variants;

    MaskShape(int variants) {
        this.variants = variants;
    }

    abstract boolean[] draw(int rows, int columns, int wanted, Random random);

    /**
     * Flags of masks of one shape and share.
     *
     * @param name the shape's name
     * @param inputHeight height of the net's input
     * @param inputWidth width of the net's input
     * @param cell input pixels per cell
     * @param share share of active cells
     * @param flags one array per mask, row-major
     */
    record Flags(String name, int inputHeight, int inputWidth, int cell, double share, List<boolean[]> flags) {}

    /**
     * Returns masks for an input.
     *
     * @param input the net's input
     * @param share share of cells that is active, 0..1; rounded to whole cells
     */
    Flags flags(Shape input, double share) {
        int cell = Mask.DEFAULT_CELL;
        int rows = (input.height() + cell - 1) / cell;
        int columns = (input.width() + cell - 1) / cell;
        int wanted = (int) Math.round(share * rows * columns);
        Random random = new Random(Input.SEED);
        List<boolean[]> all = new ArrayList<>();
        for (int i = 0; i < variants; i++) {
            all.add(draw(rows, columns, wanted, random));
        }
        return new Flags(name().toLowerCase(java.util.Locale.ROOT), input.height(), input.width(), cell,
                (double) wanted / (rows * columns), all);
    }
}
