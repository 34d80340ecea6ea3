package io.fovea.sites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Site sets and neighbour tables against what a loop over positions says. */
class SiteTableTest {
    private static final int PADDING = -1;
    private static final int BACKGROUND = -2;

    @Property(seed = Seeds.BUILD, tries = 200)
    void siteSetListsTheTrueCellsInRowMajorOrder(@ForAll @IntRange(min = 1, max = 20) int height,
            @ForAll @IntRange(min = 1, max = 20) int width, @ForAll @DoubleRange(min = 0, max = 1) double share,
            @ForAll boolean perSite, @ForAll long seed) {
        try (Arena arena = Arena.ofConfined()) {
            SiteSet set = new SiteSet(SiteGrid.of(height, width, List.of(Window.square(3, 1, 1))), perSite, arena);
            assertEquals(0, set.count(), "a new set");
            Random random = new Random(seed);
            for (int round = 0; round < 3; round++) {
                boolean[] flags = flags(random, height * width, round == 1 ? 1 - share : share);
                long before = set.version();
                set.set(flags);
                assertTrue(set.version() != before, "version after a change");
                int row = 0;
                for (int p = 0; p < flags.length; p++) {
                    if (p % width == 0) {
                        assertEquals(row, set.firstRow(p / width), "first row of line " + p / width);
                        assertEquals(row, set.rowStart().getAtIndex(ValueLayout.JAVA_INT, p / width), "off-heap start");
                    }
                    assertEquals(flags[p] ? row : -1, set.row(p / width, p % width), "row of position " + p);
                    if (flags[p]) {
                        assertEquals(p, set.position(row++), "position of a row");
                    }
                }
                assertEquals(row, set.count(), "rows");
                assertEquals(row, set.firstRow(height), "end of the last line");
                assertEquals(row, set.rowStart().getAtIndex(ValueLayout.JAVA_INT, height), "off-heap end");
                assertEquals(row == height * width, set.isFull(), "full");
                listsSayTheSame(set, flags);
            }
            set.fill();
            assertEquals(height * width, set.count(), "a filled set");
        }
    }

    /** Compares the lists for native kernels with the map of entries and the flags. */
    private static void listsSayTheSame(SiteSet set, boolean[] flags) {
        int[] lines = set.lineList().toArray(ValueLayout.JAVA_INT);
        int height = set.grid().height();
        int width = set.grid().width();
        for (int y = -1; y <= height; y++) {
            int at = lines[y < 0 ? height : y];
            int end = Integer.MIN_VALUE;
            for (; end < Integer.MAX_VALUE; at += 4) {
                assertTrue(at + 4 <= set.lineListLength(), "the list ends within a line");
                assertEquals(end, lines[at], "a stretch begins where the one before ends");
                end = lines[at + 1];
                for (int x = Math.max(-2, lines[at]); x < Math.min(width + 2, end); x++) {
                    boolean outside = y < 0 || y == height || x < 0 || x >= width;
                    int entry = outside ? set.count() : set.entries()[set.grid().index(y, x)];
                    assertEquals(entry, lines[at + 2] + lines[at + 3] * x, "entry of " + y + "," + x);
                }
            }
        }
        boolean[] told = new boolean[flags.length];
        for (int r = 0; r < set.runsLength(); r += 2) {
            Arrays.fill(told, set.runList().getAtIndex(ValueLayout.JAVA_INT, r),
                    set.runList().getAtIndex(ValueLayout.JAVA_INT, r + 1), true);
        }
        assertTrue(Arrays.equals(flags, told), "runs");
    }

    @Property(seed = Seeds.BUILD, tries = 400)
    void tableNamesForEveryTapTheRowThePaddingOrTheBackground(@ForAll @IntRange(min = 1, max = 17) int height,
            @ForAll @IntRange(min = 1, max = 17) int width, @ForAll @IntRange(min = 0, max = 2) int half,
            @ForAll @IntRange(min = 1, max = 2) int stride, @ForAll @DoubleRange(min = 0, max = 1) double share,
            @ForAll boolean perSite, @ForAll long seed) {
        Random random = new Random(seed);
        int kernel = 2 * half + 1;
        Window same = Window.same(kernel, stride, height, width);
        List<Window> windows = new ArrayList<>(List.of(same));
        Window uneven = new Window(kernel, 1 + random.nextInt(3), stride, 1 + random.nextInt(2), random.nextInt(4),
                random.nextInt(4), random.nextInt(4), random.nextInt(4), 1 + random.nextInt(2), 1 + random.nextInt(2));
        if (uneven.outHeight(height) > 0 && uneven.outWidth(width) > 0) {
            windows.add(uneven);
        }
        try (Arena arena = Arena.ofConfined()) {
            SiteSet in = new SiteSet(SiteGrid.of(height, width, windows), perSite, arena);
            for (Window w : windows) {
                SiteSet out = new SiteSet(SiteGrid.of(w.outHeight(height), w.outWidth(width), List.of()), false, arena);
                NeighbourTable table = new NeighbourTable(w, in, out, arena);
                for (int round = 0; round < 3; round++) {
                    in.set(flags(random, height * width, share));
                    if (round < 2) {
                        out.set(flags(random, out.grid().sites(), 1 - share / 2));
                    }
                    table.build();
                    check(table, in, out);
                    table.build();
                    check(table, in, out);
                }
            }
        }
    }

    private static void check(NeighbourTable table, SiteSet in, SiteSet out) {
        Window w = (Window) table.reach();
        String what = w + " from " + in.grid() + ", " + in.count() + " active, per site "
                + (in.layout() == EdgeLayout.PER_SITE);
        int width = in.grid().width();
        for (int row = 0; row < out.count(); row++) {
            int oy = out.position(row) / out.grid().width();
            int ox = out.position(row) % out.grid().width();
            for (int tap = 0; tap < w.taps(); tap++) {
                int iy = oy * w.strideH() - w.padTop() + tap / w.kernelW() * w.dilationH();
                int ix = ox * w.strideW() - w.padLeft() + tap % w.kernelW() * w.dilationW();
                int want;
                if (iy < 0 || ix < 0 || iy >= in.grid().height() || ix >= width) {
                    want = in.count();
                } else if (in.row(iy, ix) >= 0) {
                    want = in.row(iy, ix);
                } else {
                    want = in.count() + 1 + ((in.layout() == EdgeLayout.PER_SITE) ? iy * width + ix : 0);
                }
                int entry = table.entry(row, tap);
                assertEquals(want, entry, "site " + oy + "," + ox + " tap " + tap + ", " + what);
                assertTrue(entry >= 0 && entry < in.count() + in.edgeRows(), "range of " + entry + ", " + what);
            }
        }
    }

    @Property(seed = Seeds.BUILD, tries = 200)
    void mirroredSitesGiveTheMirroredTable(@ForAll @IntRange(min = 1, max = 13) int height,
            @ForAll @IntRange(min = 1, max = 13) int width, @ForAll @IntRange(min = 0, max = 2) int half,
            @ForAll boolean downSample, @ForAll @DoubleRange(min = 0, max = 1) double share, @ForAll long seed) {
        // A window that is its own mirror image: equal padding on both sides, and with stride 2 an odd size.
        int stride = downSample && height % 2 == 1 && width % 2 == 1 ? 2 : 1;
        Window w = Window.square(2 * half + 1, stride, half);
        Random random = new Random(seed);
        boolean[] in = flags(random, height * width, share);
        boolean[] out = flags(random, w.outHeight(height) * w.outWidth(width), share);
        for (boolean vertical : new boolean[]{false, true}) {
            List<int[]> straight = taps(w, height, width, in, out, t -> t);
            List<int[]> mirrored = taps(w, height, width, mirror(in, height, width, vertical),
                    mirror(out, w.outHeight(height), w.outWidth(width), vertical),
                    t -> mirror(t, w.kernelH(), w.kernelW(), vertical));
            for (int[] line : mirrored) {
                line[0] = mirror(line[0], w.outHeight(height), w.outWidth(width), vertical);
                for (int t = 1; t < line.length; t++) {
                    line[t] = line[t] < 0 ? line[t] : mirror(line[t], height, width, vertical);
                }
            }
            mirrored.sort((a, b) -> Integer.compare(a[0], b[0]));
            assertEquals(straight.stream().map(Arrays::toString).toList(),
                    mirrored.stream().map(Arrays::toString).toList(), "vertical " + vertical);
        }
    }

    /** Returns a line per active output: its position, then for each tap the position read, PADDING or BACKGROUND. */
    private static List<int[]> taps(Window w, int height, int width, boolean[] inFlags, boolean[] outFlags,
            java.util.function.IntUnaryOperator tapOrder) {
        try (Arena arena = Arena.ofConfined()) {
            SiteSet in = new SiteSet(SiteGrid.of(height, width, List.of(w)), false, arena);
            SiteSet out = new SiteSet(SiteGrid.of(w.outHeight(height), w.outWidth(width), List.of()), false, arena);
            in.set(inFlags);
            out.set(outFlags);
            NeighbourTable table = new NeighbourTable(w, in, out, arena);
            table.build();
            List<int[]> lines = new ArrayList<>();
            for (int row = 0; row < out.count(); row++) {
                int[] line = new int[1 + w.taps()];
                line[0] = out.position(row);
                for (int t = 0; t < w.taps(); t++) {
                    int entry = table.entry(row, tapOrder.applyAsInt(t));
                    line[1 + t] = entry < in.count()
                            ? in.position(entry)
                            : entry == in.count() ? PADDING : BACKGROUND;
                }
                lines.add(line);
            }
            return lines;
        }
    }

    private static int mirror(int position, int height, int width, boolean vertical) {
        int y = position / width;
        int x = position % width;
        return vertical ? (height - 1 - y) * width + x : y * width + width - 1 - x;
    }

    private static boolean[] mirror(boolean[] flags, int height, int width, boolean vertical) {
        boolean[] mirrored = new boolean[flags.length];
        for (int p = 0; p < flags.length; p++) {
            mirrored[mirror(p, height, width, vertical)] = flags[p];
        }
        return mirrored;
    }

    private static boolean[] flags(Random random, int count, double share) {
        boolean[] flags = new boolean[count];
        for (int i = 0; i < count; i++) {
            flags[i] = random.nextDouble() < share;
        }
        return flags;
    }
}
