package io.fovea.head;

import java.util.Arrays;

/**
 * Scored boxes in growing primitive arrays, in the order in which they were added. Reused from photo to photo; not thread-safe.
 */
public final class Candidates {
    private int size;
    private int[] classes = new int[256];
    private int[] rows = new int[256];
    private float[] scores = new float[256];
    private float[] boxes = new float[1024];

    /** Forgets all. */
    public void clear() {
        size = 0;
    }

    /** Returns how many there are. */
    public int size() {
        return size;
    }

    /** Adds one whose box is decoded later; returns its index. */
    public int add(int classId, int row, float score) {
        if (size == classes.length) {
            int next = 2 * size;
            classes = Arrays.copyOf(classes, next);
            rows = Arrays.copyOf(rows, next);
            scores = Arrays.copyOf(scores, next);
            boxes = Arrays.copyOf(boxes, 4 * next);
        }
        classes[size] = classId;
        rows[size] = row;
        scores[size] = score;
        return size++;
    }

    /** Adds a copy of another's candidate, box included. */
    void add(Candidates from, int i) {
        int index = add(from.classes[i], from.rows[i], from.scores[i]);
        System.arraycopy(from.boxes, 4 * i, boxes, 4 * index, 4);
    }

    /** Returns the boxes: left, top, right, bottom of candidate i from {@code 4 * i}. */
    public float[] boxes() {
        return boxes;
    }

    /** Returns a candidate's class column. */
    public int classId(int i) {
        return classes[i];
    }

    /** Returns a candidate's output row, which names its anchor. */
    public int row(int i) {
        return rows[i];
    }

    /** Returns a candidate's score. */
    public float score(int i) {
        return scores[i];
    }

    /** Returns the intersection over union of two boxes; 0 when they do not overlap. */
    float iou(int i, int j) {
        int a = 4 * i;
        int b = 4 * j;
        float w = Math.min(boxes[a + 2], boxes[b + 2]) - Math.max(boxes[a], boxes[b]);
        float h = Math.min(boxes[a + 3], boxes[b + 3]) - Math.max(boxes[a + 1], boxes[b + 1]);
        if (!(w > 0 && h > 0)) {
            return 0;
        }
        float both = w * h;
        float areas = (boxes[a + 2] - boxes[a]) * (boxes[a + 3] - boxes[a + 1])
                + (boxes[b + 2] - boxes[b]) * (boxes[b + 3] - boxes[b + 1]);
        return both / (areas - both);
    }
}
