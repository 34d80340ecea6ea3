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
    /** Detections per category and photo that COCO judges. */
    private static final int JUDGED = 100;

    private final ScoringData data;
    private final int maxPerClass;
    private final int maxDetections;
    private final int[] judged = new int[JUDGED];
    private boolean[] taken = new boolean[16];

    PhotoScorer(ScoringData data, int maxPerClass, int maxDetections) {
        this.data = data;
        this.maxPerClass = maxPerClass;
        this.maxDetections = maxDetections;
    }

    /**
     * Scores a photo with nothing known.
     *
     * @param p photo
     * @param kept by shape, whether it stays
     * @param survivors receives, at the photo's words, which entries survive suppression in their class
     * @param flags receives, at the photo's entries, what is reported
     */
    void score(int p, boolean[] kept, long[] survivors, int[] flags) {
        for (int g = data.groupStart[p]; g < data.groupStart[p + 1]; g++) {
            suppress(g, kept, survivors);
        }
        report(p, survivors, flags);
    }

    /**
     * Scores a photo for fewer shapes than before. Only groups that lose a survivor (or, under a limit per class, an entry) are
     * suppressed again.
     *
     * @param kept by shape, whether it stays
     * @param lost by shape, whether it stayed before and goes now
     * @param survivors those of before; changed where they change
     * @param flags as {@link #score}; left alone when nothing changes
     * @return whether anything changed
     */
    boolean rescore(int p, boolean[] kept, boolean[] lost, long[] survivors, int[] flags) {
        boolean any = false;
        for (int g = data.groupStart[p]; g < data.groupStart[p + 1]; g++) {
            if (affected(g, lost, survivors)) {
                suppress(g, kept, survivors);
                any = true;
            }
        }
        if (any) {
            report(p, survivors, flags);
        }
        return any;
    }

    private boolean affected(int g, boolean[] lost, long[] survivors) {
        int from = data.entryStart[g];
        int n = data.entryStart[g + 1] - from;
        if (maxPerClass > 0 && n > maxPerClass) {
            for (int i = 0; i < n; i++) {
                if (lost[data.shape[from + i]]) {
                    return true;
                }
            }
            return false;
        }
        for (int w = data.wordStart[g]; w < data.wordStart[g + 1]; w++) {
            int base = from + 64 * (w - data.wordStart[g]);
            for (long bits = survivors[w]; bits != 0; bits &= bits - 1) {
                if (lost[data.shape[base + Long.numberOfTrailingZeros(bits)]]) {
                    return true;
                }
            }
        }
        return false;
    }

    private void suppress(int g, boolean[] kept, long[] survivors) {
        int from = data.entryStart[g];
        int n = data.entryStart[g + 1] - from;
        int first = data.wordStart[g];
        int words = data.wordStart[g + 1] - first;
        long[] earlier = data.earlier[g];
        Arrays.fill(survivors, first, first + words, 0);
        int seen = 0;
        for (int i = 0; i < n; i++) {
            if (!kept[data.shape[from + i]]) {
                continue;
            }
            if (maxPerClass > 0 && seen++ == maxPerClass) {
                return;
            }
            long hit = 0;
            for (int w = 0; w <= i >> 6; w++) {
                hit |= earlier[i * words + w] & survivors[first + w];
            }
            if (hit == 0) {
                survivors[first + (i >> 6)] |= 1L << (i & 63);
            }
        }
    }

    private void report(int p, long[] survivors, int[] flags) {
        int from = data.entryStart[data.groupStart[p]];
        int to = data.entryStart[data.groupStart[p + 1]];
        Arrays.fill(flags, from, to, 0);
        int count = 0;
        for (int i = from; i < to && count < maxDetections; i++) {
            int e = data.ranked[i];
            int slot = data.slot[e];
            if ((survivors[slot >> 6] >> (slot & 63) & 1) != 0) {
                flags[e] = PRESENT;
                count++;
            }
        }
        for (int g = data.groupStart[p]; g < data.groupStart[p + 1]; g++) {
            if (data.groupCrowds[g].length > 0) {
                match(g, flags);
            }
        }
    }

    private void match(int g, int[] flags) {
        boolean[] crowd = data.groupCrowds[g];
        if (taken.length < crowd.length) {
            taken = new boolean[2 * crowd.length];
        }
        int n = 0;
        int reported = 0;
        for (int e = data.entryStart[g]; e < data.entryStart[g + 1] && reported < JUDGED; e++) {
            if (flags[e] != 0) {
                reported++;
                if (data.overlapStart[e + 1] > data.overlapStart[e]) {
                    judged[n++] = e;
                }
            }
        }
        for (int t = 0; n > 0 && t < CocoParams.IOU.length; t++) {
            Arrays.fill(taken, 0, crowd.length, false);
            for (int i = 0; i < n; i++) {
                int e = judged[i];
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
