package io.fovea.lab.prune;

import java.util.Arrays;

/** Works out, for one photo, which entries would suppress which, and the order of its entries. */
final class Suppression {
    private final ScoringData data;
    private final int photo;
    private final float iouThreshold;

    Suppression(ScoringData data, int photo, float iouThreshold) {
        this.data = data;
        this.photo = photo;
        this.iouThreshold = iouThreshold;
    }

    void fill() {
        float[] corners = new float[0];
        for (int g = data.groupStart[photo]; g < data.groupStart[photo + 1]; g++) {
            int from = data.entryStart[g];
            int n = data.entryStart[g + 1] - from;
            if (corners.length < 4 * n) {
                corners = new float[4 * n];
            }
            for (int i = 0; i < n; i++) {
                int box = data.box(from + i);
                for (int c = 0; c < 4; c++) {
                    corners[4 * i + c] = data.cache.corner(data.block[photo], box, c);
                }
            }
            data.earlier[g] = pairs(corners, n);
        }
        rank();
    }

    private long[] pairs(float[] corners, int n) {
        int words = (n + 63) / 64;
        long[] bits = new long[n * words];
        for (int i = 1; i < n; i++) {
            for (int j = 0; j < i; j++) {
                if (iou(corners, 4 * i, 4 * j) > iouThreshold) {
                    bits[i * words + (j >> 6)] |= 1L << (j & 63);
                }
            }
        }
        return bits;
    }

    /** The detector's own arithmetic: float, areas of both minus the intersection. */
    private static float iou(float[] box, int a, int b) {
        float w = Math.min(box[a + 2], box[b + 2]) - Math.max(box[a], box[b]);
        float h = Math.min(box[a + 3], box[b + 3]) - Math.max(box[a + 1], box[b + 1]);
        if (!(w > 0 && h > 0)) {
            return 0;
        }
        float both = w * h;
        float areas = (box[a + 2] - box[a]) * (box[a + 3] - box[a + 1])
                + (box[b + 2] - box[b]) * (box[b + 3] - box[b + 1]);
        return both / (areas - both);
    }

    private void rank() {
        int from = data.entryStart[data.groupStart[photo]];
        int to = data.entryStart[data.groupStart[photo + 1]];
        Integer[] order = new Integer[to - from];
        Arrays.setAll(order, i -> from + i);
        // Entries run by class, so a stable sort leaves equal rows in the order of their classes.
        Arrays.sort(order, (a, b) -> {
            int byScore = Float.compare(data.score(b), data.score(a));
            return byScore != 0 ? byScore : Integer.compare(row(a), row(b));
        });
        for (int i = 0; i < order.length; i++) {
            data.ranked[from + i] = order[i];
        }
    }

    private int row(int entry) {
        return data.cache.row(data.block[photo], data.box(entry));
    }
}
