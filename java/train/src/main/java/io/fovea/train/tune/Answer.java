package io.fovea.train.tune;

import io.fovea.format.DetectorSpec;
import io.fovea.head.AnchorGrid;
import io.fovea.head.BoxCoder;
import io.fovea.head.Candidates;

/**
 * What a detector says to one view of a photo, row by row.
 *
 * @param scores {@code [rows][columns]}, each in [0, 1]
 * @param boxes {@code [rows][4]}: left, top, right, bottom in pixels of the net's input
 * @param columns score columns
 */
record Answer(float[] scores, float[] boxes, int columns) {

    /** Turns raw outputs into scores and boxes. */
    static Answer of(DetectorSpec spec, float[] rawBoxes, float[] rawScores) {
        int columns = spec.classes().size();
        float[] scores = new float[rawScores.length];
        switch (spec.scoreActivation()) {
            case NONE -> System.arraycopy(rawScores, 0, scores, 0, scores.length);
            case SIGMOID -> {
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = (float) (1 / (1 + Math.exp(-rawScores[i])));
                }
            }
            case SIGMOID_OBJECTNESS -> {
                for (int i = 0; i < scores.length; i++) {
                    int object = i / columns * columns + spec.backgroundIndex();
                    scores[i] = (float) (1 / (1 + Math.exp(-rawScores[i])) / (1 + Math.exp(-rawScores[object])));
                }
            }
            case SOFTMAX -> {
                for (int r = 0; r < spec.rows(); r++) {
                    softmax(rawScores, scores, r * columns, columns);
                }
            }
        }
        BoxCoder coder = new BoxCoder(new AnchorGrid(spec), spec.boxCoding());
        float[] boxes = new float[rawBoxes.length];
        for (int r = 0; r < spec.rows(); r++) {
            coder.decode(r, rawBoxes, 4 * r, boxes, 4 * r);
        }
        return new Answer(scores, boxes, columns);
    }

    private static void softmax(float[] raw, float[] scores, int at, int columns) {
        float max = raw[at];
        for (int c = 1; c < columns; c++) {
            max = Math.max(max, raw[at + c]);
        }
        double sum = 0;
        for (int c = 0; c < columns; c++) {
            sum += Math.exp(raw[at + c] - max);
        }
        for (int c = 0; c < columns; c++) {
            scores[at + c] = (float) (Math.exp(raw[at + c] - max) / sum);
        }
    }

    int rows() {
        return boxes.length / 4;
    }

    /**
     * Returns the mean of this answer and of that to the mirrored view, as seen in this view. Boxes are averaged where the two agree about
     * them.
     *
     * @param mirror row of the same anchor at the mirrored site
     * @param width of the net's input
     */
    Answer averaged(Answer mirrored, int[] mirror, int width) {
        float[] s = new float[scores.length];
        float[] b = boxes.clone();
        float[] other = new float[4];
        for (int r = 0; r < rows(); r++) {
            int m = mirror[r];
            for (int c = 0; c < columns; c++) {
                s[r * columns + c] = .5f * (scores[r * columns + c] + mirrored.scores[m * columns + c]);
            }
            other[0] = width - mirrored.boxes[4 * m + 2];
            other[1] = mirrored.boxes[4 * m + 1];
            other[2] = width - mirrored.boxes[4 * m];
            other[3] = mirrored.boxes[4 * m + 3];
            if (iou(b, 4 * r, other, 0) > .5) {
                for (int i = 0; i < 4; i++) {
                    b[4 * r + i] = .5f * (b[4 * r + i] + other[i]);
                }
            }
        }
        return new Answer(s, b, columns);
    }

    /** Puts rows and classes that score above a threshold into {@code to}. */
    void collect(int background, float threshold, Candidates to) {
        to.clear();
        for (int r = 0; r < rows(); r++) {
            for (int c = 0; c < columns; c++) {
                float score = scores[r * columns + c];
                if (score > threshold && c != background) {
                    int i = to.add(c, r, score);
                    System.arraycopy(boxes, 4 * r, to.boxes(), 4 * i, 4);
                }
            }
        }
    }

    /** Returns the intersection over union of two boxes, 0 when they do not overlap. */
    static float iou(float[] a, int i, float[] b, int j) {
        float w = Math.min(a[i + 2], b[j + 2]) - Math.max(a[i], b[j]);
        float h = Math.min(a[i + 3], b[j + 3]) - Math.max(a[i + 1], b[j + 1]);
        if (!(w > 0 && h > 0)) {
            return 0;
        }
        float both = w * h;
        return both / ((a[i + 2] - a[i]) * (a[i + 3] - a[i + 1]) + (b[j + 2] - b[j]) * (b[j + 3] - b[j + 1]) - both);
    }
}
