package io.fovea.sites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fovea.graph.Window;
import io.fovea.kernel.KernelTier;
import io.fovea.kernel.KernelTiers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The runs of tables are what their description promises: kernels form addresses from it. */
class WindowRunsTest {

    @Test
    void runsReadOneStretchBetweenTheirEnds() {
        runsReadOneStretchBetweenTheirEnds(null);
    }

    @Test
    void runsOfTheCompiledTier() {
        RunTeller teller = KernelTiers.ready("cpp").flatMap(KernelTier::runTeller).orElse(null);
        assumeTrue(teller != null, "no native library");
        runsReadOneStretchBetweenTheirEnds(teller);
    }

    /** What the native library is told wrongly it refuses, or answers without a crash. */
    @Test
    void wrongLists() {
        RunTeller teller = KernelTiers.ready("cpp").flatMap(KernelTier::runTeller).orElse(null);
        assumeTrue(teller != null, "no native library");
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            int kernel = 3 + 2 * random.nextInt(3);
            Window window = new Window(kernel, kernel, 1 + random.nextInt(2), 1 + random.nextInt(2), 1, 1, 1, 1, 1, 1);
            int[] sites = random.ints(random.nextInt(9), -3, 40).sorted().toArray();
            int[] lines = random.ints(4 * (1 + random.nextInt(9)), -50, 50).toArray();
            for (int i = 0; i < lines.length; i++) {
                lines[i] = random.nextInt(6) == 0 ? random.nextInt() : lines[i];
            }
            int[] firsts = new int[2 + random.nextInt(9)];
            for (int i = 0; i < firsts.length; i++) {
                firsts[i] = random.nextInt(30) == 0 ? random.nextInt() : 4 * random.nextInt(lines.length / 4);
            }
            int ints = random.nextInt(400);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment told = arena.allocate(4L * ints + 4, 64);
                int n = teller.tell(window, sites, sites.length - sites.length % 2 * random.nextInt(2), 20, lines,
                        lines.length, firsts, told.asSlice(0, 4L * ints));
                assertTrue(n >= 0 && n <= ints, "seed " + seed + ": " + n + " ints of " + ints);
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().contains("fovea_tell_runs"), e.getMessage());
            }
        }
    }

    private static void runsReadOneStretchBetweenTheirEnds(RunTeller teller) {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int kernel = random.nextBoolean() ? 3 : 5;
            int stride = 1 + random.nextInt(2);
            int pad = random.nextInt(kernel);
            Window window = new Window(kernel, kernel, stride, stride, pad, random.nextInt(kernel), pad,
                    random.nextInt(kernel), 1, 1);
            int height = kernel + random.nextInt(9);
            int width = kernel + random.nextInt(20);
            SiteGrid grid = SiteGrid.of(height, width, List.of(window, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1)));
            SiteGrid coarse = SiteGrid.of(window.outHeight(height), window.outWidth(width), List.of());
            EdgeLayout layout = EdgeLayout.values()[seed % 3];
            try (Arena arena = Arena.ofConfined()) {
                SiteSet in = new SiteSet(grid, layout, arena);
                SiteSet out = new SiteSet(coarse, EdgeLayout.SHARED, arena);
                NeighbourTable table = new NeighbourTable(window, in, out, arena, teller);
                for (int round = 0; round < 2; round++) {
                    in.set(flags(random, grid));
                    out.set(flags(random, coarse));
                    if (layout == EdgeLayout.RING) {
                        boolean[] read = new boolean[grid.sites()];
                        out.markRead(window, grid, read);
                        in.setRing(read);
                    }
                    table.build();
                    check(table, window, "seed " + seed + ", round " + round);
                }
            }
        }
    }

    /** Stretches of active sites, now and then none or all. */
    private static boolean[] flags(Random random, SiteGrid grid) {
        boolean[] flags = new boolean[grid.sites()];
        int mean = 1 + random.nextInt(12);
        boolean now = random.nextBoolean();
        for (int i = 0; i < flags.length; i++) {
            now ^= random.nextInt(mean) == 0 && mean < 12;
            flags[i] = now;
        }
        return flags;
    }

    private static void check(NeighbourTable table, Window window, String at) {
        int rows = table.output().count();
        int columns = Math.max(4, window.kernelW());
        int length = 2 + window.kernelH() * columns;
        assertEquals(table.runCount() * length, table.runsLength(), at);
        int first = 0;
        for (int i = 0; i < table.runCount(); i++) {
            int end = i + 1 == table.runCount() ? rows : told(table, (i + 1) * length);
            assertEquals(first, told(table, i * length), at);
            assertEquals(table.output().position(first) % table.output().grid().width(), told(table, i * length + 1),
                    at);
            assertTrue(end > first, at);
            for (int ky = 0; ky < window.kernelH(); ky++) {
                int[] read = checkLine(table, window, first, end - first, ky, at);
                int from = i * length + 2 + ky * columns;
                if (end - first == 1 && window.kernelW() > 3) {
                    for (int x = 0; x < read.length; x++) {
                        assertEquals(read[x], told(table, from + x), at);
                    }
                } else {
                    assertEquals(read[0], told(table, from), at);
                    assertEquals(read[1], told(table, from + 1), at);
                    assertEquals(read[read.length - 2], told(table, from + 2), at);
                    assertEquals(read[read.length - 1], told(table, from + 3), at);
                }
            }
            first = end;
        }
        assertEquals(rows, first, at);
    }

    private static int told(NeighbourTable table, int index) {
        return table.runs().getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /** Returns the entries of all columns that a kernel row of the run reads. */
    private static int[] checkLine(NeighbourTable table, Window window, int first, int count, int ky, String at) {
        int kw = window.kernelW();
        int[] columns = new int[(count - 1) * window.strideW() + kw];
        for (int i = 0; i < count; i++) {
            for (int kx = 0; kx < kw; kx++) {
                int entry = table.entry(first + i, ky * kw + kx);
                int column = i * window.strideW() + kx;
                if (i > 0 && kx + window.strideW() < kw) {
                    assertEquals(columns[column], entry, at + ": a run whose outputs are no neighbours");
                }
                columns[column] = entry;
            }
        }
        if (count > 1) {
            int rows = table.input().count();
            int step = columns[2] - columns[1];
            assertTrue(step == 0 || step == 1, at + ": step " + step);
            for (int j = 1; j + 2 < columns.length; j++) {
                assertEquals(step, columns[j + 1] - columns[j], at + ": column " + j + " of run " + first);
                assertEquals(columns[j] < rows, columns[j + 1] < rows, at + ": rows and edge rows in one run");
            }
        }
        return columns;
    }
}
