package io.fovea.run;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.fovea.graph.Shape;
import io.fovea.kernel.RowBlend;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Which sites of a small map the ring of a whole one reads, and how they are mixed; values of one resolution share it. A site at (y, x) reads
 * the small map bilinearly at {@code ((y + 1/2) * h / H - 1/2, (x + 1/2) * w / W - 1/2)}, clamped at the border. Used by one run at a time.
 */
final class RingCorners {
    private static final int CORNERS = RowBlend.CORNERS;
    private final int smallHeight;
    private final int smallWidth;
    private final Axis rows;
    private final Axis columns;
    private final int[] numbers;
    private final int[] sites;
    private int found;
    private int[] corners;
    private float[] weights;
    private RowBlend.Mixture ofMap;
    private RowBlend.Mixture ofFound;
    private SiteSet ring;
    private long version;

    /** For each place along one side of the whole map: the places before and after it in the small one, and the latter's weight. */
    private record Axis(int[] before, int[] after, float[] weight) {
        static Axis of(int whole, int small) {
            int[] before = new int[whole];
            int[] after = new int[whole];
            float[] weight = new float[whole];
            for (int i = 0; i < whole; i++) {
                float at = Math.clamp((i + 0.5f) * small / whole - 0.5f, 0, small - 1);
                before[i] = (int) at;
                after[i] = Math.min(before[i] + 1, small - 1);
                weight[i] = at - before[i];
            }
            return new Axis(before, after, weight);
        }
    }

    RingCorners(Shape small, SiteGrid whole) {
        smallHeight = small.height();
        smallWidth = small.width();
        rows = Axis.of(whole.height(), smallHeight);
        columns = Axis.of(whole.width(), smallWidth);
        numbers = new int[small.sites()];
        sites = new int[small.sites()];
        reserve(64);
    }

    private void reserve(int rings) {
        corners = new int[CORNERS * rings];
        weights = new float[CORNERS * rings];
        Arena arena = Arena.ofAuto();
        MemorySegment shared = arena.allocate(4L * CORNERS * rings, 64);
        ofMap = new RowBlend.Mixture(arena.allocate(4L * CORNERS * rings, 64), shared);
        ofFound = new RowBlend.Mixture(arena.allocate(4L * CORNERS * rings, 64), shared);
    }

    /** Returns whether these are corners between two such maps. */
    boolean areBetween(Shape small, SiteGrid whole) {
        return small.height() == smallHeight && small.width() == smallWidth && whole.height() == rows.weight().length
                && whole.width() == columns.weight().length;
    }

    /** Takes a set's ring as it is now. */
    void take(SiteSet set) {
        if (ring == set && version == set.version()) {
            return;
        }
        ring = set;
        version = set.version();
        int n = set.ringCount();
        if (corners.length < CORNERS * n) {
            reserve(2 * n);
        }
        Arrays.fill(numbers, -1);
        int width = set.grid().width();
        for (int k = 0, i = 0, y = 0, row = 0; k < n; k++) {
            // Positions rise, so that the image row is found without a division.
            int position = set.ringPosition(k);
            for (; position >= row + width; y++) {
                row += width;
            }
            int x = position - row;
            int above = rows.before()[y] * smallWidth;
            int below = rows.after()[y] * smallWidth;
            int left = columns.before()[x];
            int right = columns.after()[x];
            float down = rows.weight()[y];
            float across = columns.weight()[x];
            float both = down * across;
            i = put(i, above + left, 1 - down - (across - both));
            i = put(i, above + right, across - both);
            i = put(i, below + left, down - both);
            i = put(i, below + right, both);
        }
        MemorySegment.copy(weights, 0, ofMap.weights(), JAVA_FLOAT, 0, CORNERS * n);
        MemorySegment.copy(corners, 0, ofMap.corners(), JAVA_INT, 0, CORNERS * n);
        number(CORNERS * n);
    }

    private int put(int i, int site, float weight) {
        corners[i] = site;
        weights[i] = weight;
        numbers[site] = 0;
        return i + 1;
    }

    /** Numbers the sites that are read, in row-major order. */
    private void number(int count) {
        found = 0;
        for (int site = 0; site < numbers.length; site++) {
            if (numbers[site] == 0) {
                sites[found] = site;
                numbers[site] = found++;
            }
        }
        for (int i = 0; i < count; i++) {
            corners[i] = numbers[corners[i]];
        }
        MemorySegment.copy(corners, 0, ofFound.corners(), JAVA_INT, 0, count);
    }

    /** Returns the mixtures of rows of the small map. */
    RowBlend.Mixture ofMap() {
        return ofMap;
    }

    /** Returns the mixtures of rows of which only those that are read exist, in row-major order. */
    RowBlend.Mixture ofFound() {
        return ofFound;
    }

    /** Returns how many sites of the small map are read. */
    int found() {
        return found;
    }

    /** Copies the rows of the sites that are read. */
    void gather(MemorySegment map, int channels, MemorySegment out) {
        long row = 4L * channels;
        for (int from = 0; from < found;) {
            int end = from + 1;
            while (end < found && sites[end] == sites[from] + end - from) {
                end++;
            }
            MemorySegment.copy(map, row * sites[from], out, row * from, row * (end - from));
            from = end;
        }
    }
}
