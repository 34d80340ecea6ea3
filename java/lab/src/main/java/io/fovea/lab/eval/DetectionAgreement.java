package io.fovea.lab.eval;

import io.fovea.Box;
import io.fovea.Detection;
import java.util.List;

/**
 * How far one way of running a detector agrees with another, picture by picture, without boxes drawn by people. Recall = share of the
 * reference's detections of score &gt;= .5 that the candidate finds with score &gt;= .4; precision = share of the candidate's of score &gt;=
 * .5 that the reference has with &gt;= .4; same label, IoU &gt;= .5, one to one, best scores first. With one threshold on both sides every
 * detection that flickers around it would count as an error. Not thread-safe.
 */
public final class DetectionAgreement {
    /** Score from which a detection has to be found on the other side. */
    public static final float SURE = 0.5f;
    /** Score from which a detection counts as found. Both sides need a score threshold of no more. */
    public static final float FOUND = 0.4f;
    private static final double IOU = 0.5;

    private long wanted;
    private long wantedFound;
    private long given;
    private long givenFound;

    /**
     * Takes in one picture.
     *
     * @param reference detections of the reference, best first
     * @param candidate detections of the candidate, best first
     */
    public void add(List<Detection> reference, List<Detection> candidate) {
        wanted += count(reference);
        wantedFound += matched(reference, candidate);
        given += count(candidate);
        givenFound += matched(candidate, reference);
    }

    private static long count(List<Detection> detections) {
        return detections.stream().filter(d -> d.score() >= SURE).count();
    }

    /** Returns how many sure detections of one side find a partner on the other. */
    private static long matched(List<Detection> sure, List<Detection> others) {
        boolean[] taken = new boolean[others.size()];
        long found = 0;
        for (Detection d : sure) {
            if (d.score() < SURE) {
                continue;
            }
            int best = -1;
            double bestIou = IOU;
            for (int i = 0; i < taken.length; i++) {
                Detection o = others.get(i);
                if (!taken[i] && o.label().equals(d.label()) && o.score() >= FOUND) {
                    double iou = iou(d.box(), o.box());
                    if (iou >= bestIou) {
                        bestIou = iou;
                        best = i;
                    }
                }
            }
            if (best >= 0) {
                taken[best] = true;
                found++;
            }
        }
        return found;
    }

    private static double iou(Box a, Box b) {
        double w = Math.min(a.x() + a.width(), b.x() + b.width()) - Math.max(a.x(), b.x());
        double h = Math.min(a.y() + a.height(), b.y() + b.height()) - Math.max(a.y(), b.y());
        if (!(w > 0 && h > 0)) {
            return 0;
        }
        double both = w * h;
        return both / ((double) a.width() * a.height() + (double) b.width() * b.height() - both);
    }

    /** Returns the number of sure detections of the reference. */
    public long wanted() {
        return wanted;
    }

    /** Returns the share of the reference's sure detections that the candidate found; 1 if there were none. */
    public double recall() {
        return wanted == 0 ? 1 : (double) wantedFound / wanted;
    }

    /** Returns the share of the candidate's sure detections that the reference has; 1 if there were none. */
    public double precision() {
        return given == 0 ? 1 : (double) givenFound / given;
    }

    /** Returns the harmonic mean of recall and precision. */
    public double f1() {
        double sum = recall() + precision();
        return sum == 0 ? 0 : 2 * recall() * precision() / sum;
    }
}
