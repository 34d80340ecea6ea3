package io.fovea.train.tune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.head.AnchorGrid;
import io.fovea.head.Candidates;
import io.fovea.head.Nms;
import java.util.Arrays;
import java.util.List;

/**
 * Makes of a teacher's answer what the student is to say. A row that the student has is to give what the teacher's gives. A
 * detection (a row that survives suppression) of a row that the student lacks goes to the row of the student's whose box in the teacher's
 * answer fits it best: its score is raised to the detection's and its box becomes the detection's, so that suppression finds the same as
 * in the teacher. A row that scores higher for something else is taken only if its box is the same. Used by one thread.
 */
final class TargetMaker {
    /** Detections below are not handed over. */
    private static final float LEAST = .02f;
    /** A row whose best score is below teaches no box. */
    private static final float LEAST_BOX = .05f;
    /** Boxes that overlap by so much are one box. */
    private static final float SAME = .7f;
    private static final float MATCH = .5f;

    private final DetectorSpec student;
    private final DetectorSpec teacher;
    private final RowMap map;
    private final int[] inverse;
    private final AnchorGrid grid;
    private final float[] anchors;
    private final Candidates candidates = new Candidates();
    private final Nms nms = new Nms();
    private int handed;
    private int lost;

    TargetMaker(DetectorSpec student, DetectorSpec teacher, RowMap map) {
        this.student = student;
        this.teacher = teacher;
        this.map = map;
        this.inverse = map.inverse();
        this.grid = new AnchorGrid(student);
        anchors = new float[4 * grid.rows()];
        for (int k = 0; k < grid.rows(); k++) {
            anchors[4 * k] = grid.centerX(k) - grid.width(k) / 2;
            anchors[4 * k + 1] = grid.centerY(k) - grid.height(k) / 2;
            anchors[4 * k + 2] = grid.centerX(k) + grid.width(k) / 2;
            anchors[4 * k + 3] = grid.centerY(k) + grid.height(k) / 2;
        }
    }

    /** Returns how many detections went to other rows so far. */
    int handed() {
        return handed;
    }

    /** Returns how many detections found no row. */
    int lost() {
        return lost;
    }

    /**
     * Makes targets.
     *
     * @param answer the teacher's
     * @param known what is known to be there, or null when nothing is known
     * @param computed which of the student's rows are computed
     */
    Targets of(Answer answer, List<Known> known, boolean[] computed) {
        Answer judged = known == null ? answer : sharpened(answer, known);
        int columns = student.classes().size();
        int rows = student.rows();
        float[] scores = new float[rows * columns];
        float[] corners = new float[4 * rows];
        float[] weights = new float[rows];
        for (int k = 0; k < rows; k++) {
            int from = map.rows()[k];
            System.arraycopy(judged.boxes(), 4 * from, corners, 4 * k, 4);
            for (int c = 0; c < columns; c++) {
                float s = judged.scores()[from * judged.columns() + map.columns()[c]];
                scores[k * columns + c] = s;
                if (c != student.backgroundIndex()) {
                    weights[k] = Math.max(weights[k], s);
                }
            }
        }
        handOver(judged, scores, corners, weights, computed);
        if (student.scoreActivation() == ScoreActivation.SOFTMAX) {
            rebalance(scores, columns);
        }
        float[] boxes = new float[5 * rows];
        for (int k = 0; k < rows; k++) {
            if (!computed[k]) {
                boxes[5 * k + 4] = Targets.ABSENT;
            } else if (weights[k] > LEAST_BOX) {
                encode(k, corners, boxes);
                boxes[5 * k + 4] = weights[k];
            }
        }
        return new Targets(scores, boxes);
    }

    private void handOver(Answer answer, float[] scores, float[] corners, float[] weights, boolean[] computed) {
        answer.collect(teacher.backgroundIndex(), LEAST, candidates);
        NmsSpec n = teacher.nms();
        int count = nms.run(candidates, teacher.classes().size(), false, n.iouThreshold(), n.maxPerClass(),
                n.maxDetections());
        int[] columnOf = new int[teacher.classes().size()];
        Arrays.fill(columnOf, -1);
        for (int c = 0; c < map.columns().length; c++) {
            columnOf[map.columns()[c]] = c;
        }
        for (int i = 0; i < count; i++) {
            int d = nms.kept(i);
            int column = columnOf[candidates.classId(d)];
            if (inverse[candidates.row(d)] >= 0 || column < 0) {
                continue;
            }
            float score = candidates.score(d);
            int k = receiver(d, column, scores, corners, weights, computed);
            if (k < 0) {
                lost++;
                continue;
            }
            handed++;
            int at = k * student.classes().size() + column;
            scores[at] = Math.max(scores[at], score);
            if (weights[k] < score) {
                System.arraycopy(candidates.boxes(), 4 * d, corners, 4 * k, 4);
                weights[k] = score;
            }
        }
    }

    /** Returns the student's row that takes over candidate {@code d}, or -1. */
    private int receiver(int d, int column, float[] scores, float[] corners, float[] weights, boolean[] computed) {
        int columns = student.classes().size();
        float score = candidates.score(d);
        int best = -1;
        double top = 0;
        for (int k = 0; k < weights.length; k++) {
            if (!computed[k]) {
                continue;
            }
            float overlap = Answer.iou(corners, 4 * k, candidates.boxes(), 4 * d);
            float fit = Math.max(overlap, .5f * Answer.iou(anchors, 4 * k, candidates.boxes(), 4 * d));
            if (fit < .2f || weights[k] >= score && overlap < SAME) {
                continue;
            }
            double value = fit * fit * Math.sqrt(scores[k * columns + column] + .02);
            if (value > top) {
                top = value;
                best = k;
            }
        }
        return best;
    }

    /** Returns the answer with what is known: rows that find an object score higher and get its box, detections of none score half. */
    private Answer sharpened(Answer answer, List<Known> known) {
        float[] scores = answer.scores().clone();
        float[] boxes = answer.boxes().clone();
        int columns = answer.columns();
        for (int r = 0; r < answer.rows(); r++) {
            Known nearest = null;
            float nearestOverlap = MATCH;
            for (int c = 0; c < columns; c++) {
                float s = scores[r * columns + c];
                if (s <= LEAST || c == teacher.backgroundIndex()) {
                    continue;
                }
                float top = 0;
                boolean crowd = false;
                for (Known object : known) {
                    if (object.column() == c) {
                        float overlap = Answer.iou(answer.boxes(), 4 * r, object.box(), 0);
                        crowd |= object.crowd() && overlap > 0;
                        top = Math.max(top, overlap);
                        if (overlap > nearestOverlap && !object.crowd()) {
                            nearestOverlap = overlap;
                            nearest = object;
                        }
                    }
                }
                if (!crowd) {
                    scores[r * columns + c] = top >= MATCH ? s + .5f * (1 - s) * top : top < .3f ? .5f * s : s;
                }
            }
            if (nearest != null) {
                for (int i = 0; i < 4; i++) {
                    boxes[4 * r + i] = .5f * (boxes[4 * r + i] + nearest.box()[i]);
                }
            }
        }
        return new Answer(scores, boxes, columns);
    }

    /** Makes the scores of each row sum to one again, at the background's cost first. */
    private void rebalance(float[] scores, int columns) {
        int background = student.backgroundIndex();
        for (int k = 0; k < student.rows(); k++) {
            double sum = 0;
            for (int c = 0; c < columns; c++) {
                sum += c == background ? 0 : scores[k * columns + c];
            }
            if (background >= 0) {
                scores[k * columns + background] = (float) Math.max(0, 1 - sum);
                sum += scores[k * columns + background];
            }
            for (int c = 0; c < columns; c++) {
                scores[k * columns + c] /= (float) sum;
            }
        }
    }

    /** Writes box {@code k} in its row's code (Liu et al., SSD, ECCV 2016, eq. 2 with variances). */
    private void encode(int k, float[] corners, float[] out) {
        BoxCoding coding = student.boxCoding();
        int dx = coding.order() == BoxOrder.XYWH ? 0 : 1;
        float w = Math.max(1e-3f, corners[4 * k + 2] - corners[4 * k]);
        float h = Math.max(1e-3f, corners[4 * k + 3] - corners[4 * k + 1]);
        float cx = corners[4 * k] + w / 2;
        float cy = corners[4 * k + 1] + h / 2;
        out[5 * k + dx] = (cx - grid.centerX(k)) / (coding.varianceX() * grid.width(k));
        out[5 * k + 1 - dx] = (cy - grid.centerY(k)) / (coding.varianceY() * grid.height(k));
        out[5 * k + 2 + dx] = (float) Math.log(w / grid.width(k)) / coding.varianceW();
        out[5 * k + 3 - dx] = (float) Math.log(h / grid.height(k)) / coding.varianceH();
    }
}
