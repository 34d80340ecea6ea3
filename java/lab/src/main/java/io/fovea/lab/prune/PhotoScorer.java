package io.fovea.lab.prune;

import io.fovea.lab.eval.CocoParams;
import java.util.Arrays;

/**
 * Suppression and matching of one photo for an anchor set: what the detector would return with the kept shapes, and which of it is
 * right at every IoU threshold. Scratch of one thread.
 */
final class PhotoScorer {
    /** Flag of a detection that is reported; the low ten bits say at which thresholds it is right, the next ten where it is ignored. */
    static final int PRESENT = 1 << 31;
    /** Shift of the ignored bits. */
    static final int IGNORED = 10;

    private final ScoringData data;
    private final float iouThreshold;
    private final int maxPerClass;
    private final int maxDetections;
    private float[] corners = new float[256];
    private int[] keptEntries = new int[64];
    private int[] keptBoxes = new int[64];
    private long[] keys = new long[256];
    private int[] all = new int[256];
    private boolean[] taken = new boolean[16];

    PhotoScorer(ScoringData data, float iouThreshold, int maxPerClass, int maxDetections) {
        this.data = data;
        this.iouThreshold = iouThreshold;
        this.maxPerClass = maxPerClass;
        this.maxDetections = maxDetections;
    }

    /**
     * Scores a photo.
     *
     * @param p photo
     * @param kept shapes that stay
     * @param base survivors of a larger set, or null; groups none of whose survivors (and, under a limit per class, entries) are gone
     * keep theirs
     * @param gone the shapes that the larger set had in addition; null without base
     * @param survivors receives, at the photo's entries, whether each survives suppression in its class; may be null
     * @param flags receives, at the photo's entries, what is reported
     */
    void score(int p, AnchorSet kept, boolean[] base, AnchorSet gone, boolean[] survivors, int[] flags) {
        int from = data.entryStart[data.groupStart[p]];
        int to = data.entryStart[data.groupStart[p + 1]];
        Arrays.fill(flags, from, to, 0);
        if (survivors != null) {
            Arrays.fill(survivors, from, to, false);
        }
        int count = 0;
        for (int g = data.groupStart[p]; g < data.groupStart[p + 1]; g++) {
            int n = base != null && !affected(g, base, gone) ? copy(g, base) : suppress(p, g, kept);
            if (all.length < count + n) {
                all = Arrays.copyOf(all, 2 * (count + n));
            }
            System.arraycopy(keptEntries, 0, all, count, n);
            count += n;
        }
        if (survivors != null) {
            for (int i = 0; i < count; i++) {
                survivors[all[i]] = true;
            }
        }
        if (count > maxDetections) {
            count = best(p, count);
        }
        for (int i = 0; i < count; i++) {
            flags[all[i]] = PRESENT;
        }
        for (int g = data.groupStart[p]; g < data.groupStart[p + 1]; g++) {
            if (data.groupCrowds[g].length > 0) {
                match(g, flags);
            }
        }
    }

    private boolean affected(int g, boolean[] base, AnchorSet gone) {
        boolean limited = maxPerClass > 0 && data.entryStart[g + 1] - data.entryStart[g] > maxPerClass;
        for (int e = data.entryStart[g]; e < data.entryStart[g + 1]; e++) {
            if ((limited || base[e]) && gone.contains(data.shape[e])) {
                return true;
            }
        }
        return false;
    }

    private int copy(int g, boolean[] base) {
        int n = 0;
        for (int e = data.entryStart[g]; e < data.entryStart[g + 1]; e++) {
            if (base[e]) {
                n = keep(n, e);
            }
        }
        return n;
    }

    private int keep(int n, int entry) {
        if (n == keptEntries.length) {
            keptEntries = Arrays.copyOf(keptEntries, 2 * n);
            keptBoxes = Arrays.copyOf(keptBoxes, 2 * n);
            corners = Arrays.copyOf(corners, 8 * n);
        }
        keptEntries[n] = entry;
        return n + 1;
    }

    private int suppress(int p, int g, AnchorSet kept) {
        RowCache cache = data.cache;
        long block = data.block[p];
        long entriesAt = data.entriesAt[p];
        int first = data.entryStart[data.groupStart[p]];
        int n = 0;
        int seen = 0;
        for (int e = data.entryStart[g]; e < data.entryStart[g + 1]; e++) {
            if (!kept.contains(data.shape[e])) {
                continue;
            }
            if (maxPerClass > 0 && seen++ == maxPerClass) {
                break;
            }
            int box = cache.entryBox(entriesAt, e - first);
            float left = cache.corner(block, box, 0);
            float top = cache.corner(block, box, 1);
            float right = cache.corner(block, box, 2);
            float bottom = cache.corner(block, box, 3);
            boolean stays = true;
            for (int k = 0; k < n && stays; k++) {
                stays = !(iou(left, top, right, bottom, 4 * k) > iouThreshold);
            }
            if (stays) {
                n = keep(n, e);
                int at = 4 * (n - 1);
                corners[at] = left;
                corners[at + 1] = top;
                corners[at + 2] = right;
                corners[at + 3] = bottom;
            }
        }
        return n;
    }

    /** The detector's own arithmetic: float, areas of both minus the intersection. */
    private float iou(float left, float top, float right, float bottom, int b) {
        float w = Math.min(right, corners[b + 2]) - Math.max(left, corners[b]);
        float h = Math.min(bottom, corners[b + 3]) - Math.max(top, corners[b + 1]);
        if (!(w > 0 && h > 0)) {
            return 0;
        }
        float both = w * h;
        float areas = (right - left) * (bottom - top)
                + (corners[b + 2] - corners[b]) * (corners[b + 3] - corners[b + 1]);
        return both / (areas - both);
    }

    /** Leaves the best {@code maxDetections} of {@code all}: by score, then row, then class. */
    private int best(int p, int count) {
        if (keys.length < count) {
            keys = new long[2 * count];
        }
        for (int i = 0; i < count; i++) {
            keys[i] = (long) (Integer.MAX_VALUE - Float.floatToIntBits(data.score(all[i]))) << 32 | all[i];
        }
        Arrays.sort(keys, 0, count);
        int edge = maxDetections;
        // Equal scores across the edge are decided by row; entries are ordered by class first.
        int low = edge - 1;
        int high = edge;
        while (low > 0 && keys[low - 1] >> 32 == keys[edge] >> 32) {
            low--;
        }
        if (keys[edge - 1] >> 32 == keys[edge] >> 32) {
            while (high < count && keys[high] >> 32 == keys[edge] >> 32) {
                high++;
            }
            sortByRow(p, low, high);
        }
        for (int i = 0; i < maxDetections; i++) {
            all[i] = (int) keys[i];
        }
        return maxDetections;
    }

    private void sortByRow(int p, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            long key = keys[i];
            int row = row(p, key);
            int j = i - 1;
            for (; j >= from && row(p, keys[j]) > row; j--) {
                keys[j + 1] = keys[j];
            }
            keys[j + 1] = key;
        }
    }

    private int row(int p, long key) {
        return data.cache.row(data.block[p], data.box((int) key));
    }

    private void match(int g, int[] flags) {
        boolean[] crowd = data.groupCrowds[g];
        if (taken.length < crowd.length) {
            taken = new boolean[2 * crowd.length];
        }
        for (int t = 0; t < CocoParams.IOU.length; t++) {
            Arrays.fill(taken, 0, crowd.length, false);
            int judged = 0;
            for (int e = data.entryStart[g]; e < data.entryStart[g + 1] && judged < 100; e++) {
                if (flags[e] == 0) {
                    continue;
                }
                judged++;
                int match = match(e, crowd, Math.min(CocoParams.IOU[t], 1 - 1e-10));
                if (match >= 0) {
                    taken[match] = true;
                    flags[e] |= 1 << t | (crowd[match] ? 1 << IGNORED + t : 0);
                }
            }
        }
    }

    /** Objects that count are looked at first, crowds only when none fits; of equal overlaps the last one is taken. */
    private int match(int e, boolean[] crowd, double least) {
        for (int pass = 0; pass < 2; pass++) {
            double best = least;
            int match = -1;
            for (int o = data.overlapStart[e]; o < data.overlapStart[e + 1]; o++) {
                int t = data.overlapTruth[o];
                if (crowd[t] == (pass == 1) && !(taken[t] && !crowd[t]) && data.overlapIou[o] >= best) {
                    best = data.overlapIou[o];
                    match = t;
                }
            }
            if (match >= 0) {
                return match;
            }
        }
        return -1;
    }
}
