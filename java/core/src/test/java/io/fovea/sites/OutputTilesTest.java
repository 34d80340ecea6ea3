package io.fovea.sites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Tiles of outputs agree with the neighbour table, site by site and tap by tap. */
class OutputTilesTest {

    @Property(seed = Seeds.BUILD, tries = 300)
    void everyOutputIsInOneTileAndReadsWhatTheTableSays(@ForAll @IntRange(min = 1, max = 15) int height,
            @ForAll @IntRange(min = 1, max = 15) int width, @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 1, max = 4) int dilation, @ForAll @IntRange(min = 0, max = 1_000_000) int seed) {
        Window window = new Window(3, 3, 1, 1, pad, pad + 1, pad, pad, dilation, dilation);
        int outHeight = window.outHeight(height);
        int outWidth = window.outWidth(width);
        if (outHeight < 1 || outWidth < 1) {
            return;
        }
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            SiteSet in = new SiteSet(SiteGrid.of(height, width, List.of(window)), random.nextBoolean(), arena);
            SiteSet out = new SiteSet(SiteGrid.of(outHeight, outWidth, List.of()), false, arena);
            NeighbourTable table = new NeighbourTable(window, in, out, arena);
            for (double share : new double[]{1, 0, 0.5, 0.1}) {
                in.set(mask(random, height * width, share));
                out.set(mask(random, outHeight * outWidth, share));
                table.build();
                for (int side : new int[]{2, 4}) {
                    check(table, table.tiles(side), side, "share " + share + " side " + side + " of " + window
                            + " over " + height + "x" + width + ", seed " + seed);
                }
            }
        }
    }

    private static void check(NeighbourTable table, OutputTiles tiles, int side, String repro) {
        int[] rows = tiles.rows().toArray(ValueLayout.JAVA_INT);
        int[] patches = tiles.patches().toArray(ValueLayout.JAVA_INT);
        int p = side + 2;
        assertEquals(side, tiles.side(), repro);
        assertEquals(tiles.count() * side * side, rows.length, repro);
        assertEquals(tiles.count() * p * p, patches.length, repro);
        Map<Integer, Integer> places = new HashMap<>();
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] >= 0) {
                assertEquals(null, places.put(rows[i], i), "row twice, " + repro);
            }
        }
        assertEquals(table.output().count(), places.size(), repro);
        places.forEach((row, place) -> {
            int tile = place / (side * side);
            int y = place % (side * side) / side;
            int x = place % side;
            for (int tap = 0; tap < 9; tap++) {
                assertEquals(table.entry(row, tap), patches[tile * p * p + (y + tap / 3) * p + x + tap % 3],
                        "row " + row + " tap " + tap + ", " + repro);
            }
        });
        for (int tile = 0; tile < tiles.count(); tile++) {
            int first = tile * side * side;
            assertTrue(java.util.Arrays.stream(rows, first, first + side * side).anyMatch(r -> r >= 0),
                    "empty tile, " + repro);
        }
        for (int entry : patches) {
            assertTrue(entry >= 0 && entry < table.input().count() + table.input().edgeRows(), repro);
        }
    }

    private static boolean[] mask(Random random, int sites, double share) {
        boolean[] mask = new boolean[sites];
        for (int i = 0; i < sites; i++) {
            mask[i] = random.nextDouble() < share;
        }
        return mask;
    }

    @Test
    void tilesStandUntilTheSitesChange() {
        try (Arena arena = Arena.ofConfined()) {
            Window window = Window.square(3, 1, 1);
            SiteSet sites = new SiteSet(SiteGrid.of(9, 9, List.of(window)), false, arena);
            NeighbourTable table = new NeighbourTable(window, sites, sites, arena);
            assertEquals(0, table.tiles(4).count());
            sites.fill();
            assertEquals(9, table.tiles(4).count());
            assertSame(table.tiles(4), table.tiles(4));
            assertEquals(25, table.tiles(2).count());
            boolean[] one = new boolean[81];
            one[40] = true;
            sites.set(one);
            assertEquals(1, table.tiles(4).count());
        }
    }

    @Test
    void stridesHaveNoTiles() {
        try (Arena arena = Arena.ofConfined()) {
            Window window = Window.square(3, 2, 1);
            SiteSet in = new SiteSet(SiteGrid.of(8, 8, List.of(window)), false, arena);
            SiteSet out = new SiteSet(SiteGrid.of(4, 4, List.of()), false, arena);
            NeighbourTable table = new NeighbourTable(window, in, out, arena);
            assertThrows(IllegalArgumentException.class, () -> table.tiles(4));
        }
    }
}
