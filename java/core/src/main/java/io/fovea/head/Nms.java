package io.fovea.head;

import java.util.Arrays;

/**
 * Greedy non-maximum suppression: the best candidate stays and drops those of its class that overlap it by more than a threshold, and
 * so on. Equal scores are taken in the order in which they were added, so results do not depend on anything else. Reused; not
 * thread-safe.
 */
public final class Nms {
    private long[] keys = new long[256];
    private int[] kept = new int[256];
    private int[] starts = new int[0];

    /**
     * Suppresses.
     *
     * @param c candidates with decoded boxes
     * @param classCount columns of scores
     * @param agnostic whether a box also suppresses boxes of other classes
     * @param iouThreshold overlap above which the lesser box is dropped
     * @param maxPerClass candidates per class that take part (the best ones), 0 for all
     * @param maxDetections survivors at most
     * @return number of survivors; their indices, best first, are in {@link #kept}
     */
    public int run(Candidates c, int classCount, boolean agnostic, float iouThreshold, int maxPerClass,
            int maxDetections) {
        int n = c.size();
        if (keys.length < n) {
            keys = new long[Integer.highestOneBit(n) * 2];
            kept = new int[keys.length];
        }
        group(c, classCount);
        int survivors = 0;
        int best = 0;
        for (int g = 0; g < classCount; g++) {
            int from = starts[g];
            int to = starts[g + 1];
            Arrays.sort(keys, from, to);
            int count = maxPerClass > 0 ? Math.min(to - from, maxPerClass) : to - from;
            if (agnostic) {
                System.arraycopy(keys, from, keys, best, count);
                best += count;
            } else {
                survivors = suppress(c, iouThreshold, from, from + count, survivors);
            }
        }
        if (agnostic) {
            Arrays.sort(keys, 0, best);
            survivors = suppress(c, iouThreshold, 0, best, 0);
        }
        for (int i = 0; i < survivors; i++) {
            keys[i] = key(c, kept[i]);
        }
        Arrays.sort(keys, 0, survivors);
        int count = Math.min(survivors, maxDetections);
        for (int i = 0; i < count; i++) {
            kept[i] = (int) keys[i];
        }
        return count;
    }

    /** Appends what stays of the candidates {@code from..to-1}, best first, to the survivors; returns how many there are then. */
    private int suppress(Candidates c, float iouThreshold, int from, int to, int firstKept) {
        int survivors = firstKept;
        for (int i = from; i < to; i++) {
            int candidate = (int) keys[i];
            boolean stays = true;
            for (int k = firstKept; k < survivors && stays; k++) {
                stays = !(c.iou(candidate, kept[k]) > iouThreshold);
            }
            if (stays) {
                kept[survivors++] = candidate;
            }
        }
        return survivors;
    }

    /** Returns the index of the i-th survivor of the last run. */
    public int kept(int i) {
        return kept[i];
    }

    private void group(Candidates c, int groups) {
        if (starts.length < groups + 2) {
            starts = new int[groups + 2];
        }
        Arrays.fill(starts, 0, groups + 2, 0);
        for (int i = 0; i < c.size(); i++) {
            starts[c.classId(i) + 2]++;
        }
        for (int g = 2; g < groups + 2; g++) {
            starts[g] += starts[g - 1];
        }
        for (int i = 0; i < c.size(); i++) {
            keys[starts[c.classId(i) + 1]++] = key(c, i);
        }
    }

    /** Sorts by falling score, then by rising index; scores are not negative. */
    private static long key(Candidates c, int i) {
        return (long) (Integer.MAX_VALUE - Float.floatToIntBits(c.score(i))) << 32 | i;
    }
}
