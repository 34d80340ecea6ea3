package io.fovea.train.tune;

import io.fovea.format.Model;
import io.fovea.lab.data.Problems;
import java.util.List;

/**
 * What came out of tuning.
 *
 * @param model the student with the best weights found; the given ones when nothing was better
 * @param points what was judged, the untrained student first
 * @param teacherAp the teacher's AP on the held-out photos
 * @param averagedAp that of the teacher's mean over both views; the same without mirrors
 * @param heldOut held-out photos
 * @param byKnown whether known objects are the judge; else what the teacher finds
 * @param views views learnt from
 * @param handed detections of missing rows that were handed to others
 * @param lost such that no row was fit for
 * @param stopped why training ended early, or null
 * @param problems photos that could not be read
 */
public record TuneReport(Model model, List<TuneReport.Point> points, double teacherAp, double averagedAp, int heldOut,
        boolean byKnown, int views, int handed, int lost, String stopped, Problems problems) {

    /**
     * A state that was judged.
     *
     * @param steps training steps before it
     * @param seconds training time before it
     * @param loss mean training loss since the state before, NaN for the first
     * @param heldOutLoss loss on the held-out photos
     * @param ap AP on the held-out photos, within 0..1
     */
    public record Point(int steps, double seconds, double loss, double heldOutLoss, double ap) {}

    public TuneReport {
        points = List.copyOf(points);
    }

    /** Returns the point whose weights the model has. */
    public Point best() {
        Point best = points.getFirst();
        for (Point p : points) {
            best = p.ap() > best.ap() ? p : best;
        }
        return best;
    }
}
