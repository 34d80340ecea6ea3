package io.fovea.lab.prune;

import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Truth;
import io.fovea.lab.eval.Parallel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Some photos of a {@link RowCache} laid out for scoring: entries numbered through all photos, grouped by photo and class, with what does
 * not depend on the anchor set worked out once: which entries of a group overlap so much that one suppresses the other, each entry's
 * overlaps with objects, and the orders of a photo's and of a category's entries by score. Boxes stay in the mapped file. Immutable,
 * thread-safe.
 */
final class ScoringData {
    /** Overlaps below it match at no threshold. */
    private static final double LEAST = .5;

    final RowCache cache;
    /** {@code [photos]}: index in the cache; photos are ordered by id. */
    final int[] photo;
    final long[] block;
    final long[] entriesAt;
    /** {@code [photos + 1]}: first group. */
    final int[] groupStart;
    /** {@code [groups + 1]}: first entry. */
    final int[] entryStart;
    /** {@code [groups]}: class column of the scores. */
    final int[] groupClass;
    /** {@code [groups]}: category index, -1 when the class is none. */
    final int[] groupCategory;
    /** {@code [groups + 1]}: first word of the group's bits, one bit per entry. */
    final int[] wordStart;
    /** {@code [groups][entries of the group * words]}: bit j of entry i says that the earlier entry j would suppress it. */
    final long[][] earlier;
    /** {@code [entries]}: bit of the entry. */
    final int[] slot;
    /** {@code [entries]}: each photo's entries as a detector orders what it returns: best score first, then row, then class. */
    final int[] ranked;
    /** {@code [groups]}: crowd flags of its objects. */
    final boolean[][] groupCrowds;
    /** {@code [entries]}: anchor shape. */
    final short[] shape;
    /** {@code [entries]}: photo. */
    final int[] photoOf;
    /** {@code [entries + 1]}: first overlap. */
    final int[] overlapStart;
    final short[] overlapTruth;
    final double[] overlapIou;
    /** {@code [categories][]}: entries, best score first. */
    final int[][] byScore;
    /** {@code [categories][photos]}: objects that count. */
    final int[][] positives;

    /**
     * Lays out photos.
     *
     * @param cache all photos' rows
     * @param indices which photos of the cache
     * @param photos the data set's photos in the order of the cache
     * @param labels classes to categories
     * @param inputWidth of the net, pixels
     * @param inputHeight of the net, pixels
     * @param iouThreshold overlap above which the lesser of two boxes of a class is dropped
     * @param threads worker threads
     */
    ScoringData(RowCache cache, int[] indices, List<Photo> photos, LabelMap labels, int inputWidth, int inputHeight,
            float iouThreshold, int threads) {
        this.cache = cache;
        photo = Arrays.stream(indices).boxed().sorted((a, b) -> Long.compare(photos.get(a).id(), photos.get(b).id()))
                .mapToInt(i -> i).toArray();
        int n = photo.length;
        block = Arrays.stream(photo).mapToLong(cache::block).toArray();
        entriesAt = Arrays.stream(block).map(cache::entriesAt).toArray();
        int entries = Arrays.stream(block).mapToInt(cache::entries).sum();
        int groups = Arrays.stream(block).mapToInt(cache::groups).sum();
        groupStart = new int[n + 1];
        entryStart = new int[groups + 1];
        groupClass = new int[groups];
        groupCategory = new int[groups];
        groupCrowds = new boolean[groups][];
        wordStart = new int[groups + 1];
        earlier = new long[groups][];
        slot = new int[entries];
        ranked = new int[entries];
        shape = new short[entries];
        photoOf = new int[entries];
        overlapStart = new int[entries + 1];
        Map<Integer, Integer> categoryIndex = new HashMap<>();
        labels.shared().forEach(c -> categoryIndex.put(c.id(), categoryIndex.size()));
        positives = new int[categoryIndex.size()][n];
        Overlaps overlaps = new Overlaps();
        int g = 0;
        int e = 0;
        for (int p = 0; p < n; p++) {
            Photo source = photos.get(photo[p]);
            for (Truth t : source.truths()) {
                Integer k = categoryIndex.get(t.category());
                if (k != null && !t.crowd()) {
                    positives[k][p]++;
                }
            }
            Boxes boxes = new Boxes(cache, block[p], inputWidth, inputHeight);
            long groupsAt = cache.groupsAt(block[p]);
            int local = 0;
            for (int i = 0; i < cache.groups(block[p]); i++, g++) {
                groupClass[g] = cache.groupClass(groupsAt, i);
                Integer k = labels.known(groupClass[g]) ? categoryIndex.get(labels.category(groupClass[g])) : null;
                groupCategory[g] = k == null ? -1 : k;
                List<Truth> truths = k == null
                        ? List.of()
                        : source.truths().stream().filter(t -> categoryIndex.get(t.category()) == k).toList();
                groupCrowds[g] = new boolean[truths.size()];
                for (int t = 0; t < truths.size(); t++) {
                    groupCrowds[g][t] = truths.get(t).crowd();
                }
                for (int j = 0; j < cache.groupEntries(groupsAt, i); j++, e++, local++) {
                    int box = cache.entryBox(entriesAt[p], local);
                    shape[e] = (short) cache.shape(block[p], box);
                    photoOf[e] = p;
                    overlaps.add(boxes, box, truths);
                    overlapStart[e + 1] = overlaps.size;
                }
                entryStart[g + 1] = e;
                wordStart[g + 1] = wordStart[g] + (e - entryStart[g] + 63) / 64;
                for (int j = entryStart[g]; j < e; j++) {
                    slot[j] = 64 * wordStart[g] + j - entryStart[g];
                }
            }
            groupStart[p + 1] = g;
        }
        overlapTruth = Arrays.copyOf(overlaps.truth, overlaps.size);
        overlapIou = Arrays.copyOf(overlaps.iou, overlaps.size);
        byScore = order(categoryIndex.size());
        Parallel.forEach(n, threads, p -> new Suppression(this, p, iouThreshold).fill());
    }

    private int[][] order(int categories) {
        List<List<int[]>> parts = new ArrayList<>();
        for (int k = 0; k < categories; k++) {
            parts.add(new ArrayList<>());
        }
        for (int g = 0; g < groupClass.length; g++) {
            if (groupCategory[g] >= 0) {
                parts.get(groupCategory[g]).add(new int[]{entryStart[g], entryStart[g + 1]});
            }
        }
        int[][] order = new int[categories][];
        for (int k = 0; k < categories; k++) {
            // Keys of falling score, then rising entry: entries run by photo id, then score, so ties fall as in the evaluator.
            long[] keys = parts.get(k).stream().flatMapToLong(r -> java.util.stream.IntStream.range(r[0], r[1])
                    .mapToLong(e -> (long) (Integer.MAX_VALUE - Float.floatToIntBits(score(e))) << 32 | e)).toArray();
            Arrays.sort(keys);
            order[k] = Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
        }
        return order;
    }

    /** Returns the score of an entry. */
    float score(int entry) {
        int p = photoOf[entry];
        return cache.entryScore(entriesAt[p], entry - entryStart[groupStart[p]]);
    }

    /** Returns the box of an entry, an index into its photo's block. */
    int box(int entry) {
        int p = photoOf[entry];
        return cache.entryBox(entriesAt[p], entry - entryStart[groupStart[p]]);
    }

    int photos() {
        return photo.length;
    }

    int entries() {
        return shape.length;
    }

    int categories() {
        return positives.length;
    }

    /** Boxes of a photo as a detector returns them: in pixels of the photo, clipped to it, as x, y, width, height. */
    static final class Boxes {
        private final RowCache cache;
        private final long block;
        private final float scaleX;
        private final float scaleY;

        Boxes(RowCache cache, long block, int inputWidth, int inputHeight) {
            this.cache = cache;
            this.block = block;
            scaleX = (float) cache.width(block) / inputWidth;
            scaleY = (float) cache.height(block) / inputHeight;
        }

        void read(int box, double[] xywh) {
            float left = clip(cache.corner(block, box, 0) * scaleX, cache.width(block));
            float top = clip(cache.corner(block, box, 1) * scaleY, cache.height(block));
            float right = clip(cache.corner(block, box, 2) * scaleX, cache.width(block));
            float bottom = clip(cache.corner(block, box, 3) * scaleY, cache.height(block));
            xywh[0] = left;
            xywh[1] = top;
            xywh[2] = right - left;
            xywh[3] = bottom - top;
        }

        private static float clip(float v, int size) {
            return Math.min(Math.max(v, 0), size);
        }
    }

    /** Grows the list of overlaps. */
    private static final class Overlaps {
        private short[] truth = new short[1024];
        private double[] iou = new double[1024];
        private int size;
        private final double[] dt = new double[4];

        void add(Boxes boxes, int box, List<Truth> truths) {
            if (truths.isEmpty()) {
                return;
            }
            boxes.read(box, dt);
            for (int t = 0; t < truths.size(); t++) {
                Truth g = truths.get(t);
                double o = io.fovea.lab.eval.Overlap.iou(dt, 0,
                        new double[]{g.x(), g.y(), g.width(), g.height()}, 0, g.crowd());
                if (o >= LEAST) {
                    if (size == iou.length) {
                        truth = Arrays.copyOf(truth, 2 * size);
                        iou = Arrays.copyOf(iou, 2 * size);
                    }
                    truth[size] = (short) t;
                    iou[size++] = o;
                }
            }
        }
    }
}
