package io.fovea.lab.calibrate;

import io.fovea.Detection;
import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.Model;
import io.fovea.image.Image;
import io.fovea.image.ImageException;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/** Judges a head gate against the dense head: what it computes, and which detections it changes. */
public final class HeadGateJudge {
    private HeadGateJudge() {
    }

    /**
     * What came out.
     *
     * @param photos photos judged on
     * @param problems photos that could not be read
     * @param dense detections with the dense head
     * @param gated detections with the head gate
     * @param matched pairs of both: same class, boxes that overlap as asked, one to one
     * @param executedShare executed over dense multiply-accumulates with the head gate, mean over the photos
     */
    public record Verdict(int photos, Problems problems, int dense, int gated, int matched, double executedShare) {

        /** Returns the harmonic mean of precision and recall against the dense head, 1 when neither finds anything. */
        public double f1() {
            return dense + gated == 0 ? 1 : 2.0 * matched / (dense + gated);
        }
    }

    /**
     * Runs a calibrated detector with and without its head gate.
     *
     * @param model the detector
     * @param photos files; one that cannot be read is counted and left out
     * @param options threads and kernels; score threshold: only detections above are compared
     * @param leastIou boxes match from this intersection over union on, 0..1
     * @param progress told the number of photos done so far after each one
     * @throws DataException if the model has no head gate, or no photo can be read
     */
    public static Verdict judge(Model model, List<Path> photos, DetectorOptions.Builder options, double leastIou,
            IntConsumer progress) {
        if (model.calibration().headGate().isEmpty()) {
            throw new DataException("model '" + model.spec().name() + "' carries no head gate: calibrate it first");
        }
        Problems problems = new Problems();
        int[] sums = new int[4];
        double executed = 0;
        try (Detector dense = Detector.open(model, options.headGate(false).build());
                Detector gated = Detector.open(model, options.headGate(true).build())) {
            int done = 0;
            for (Path file : photos) {
                try {
                    Image photo = Image.read(file);
                    List<Detection> all = dense.run(photo).detections();
                    DetectionResult some = gated.run(photo);
                    sums[0]++;
                    sums[1] += all.size();
                    sums[2] += some.detections().size();
                    sums[3] += matched(all, some.detections(), leastIou);
                    executed += some.work().executedShare();
                } catch (ImageException e) {
                    problems.add(Problems.Kind.PHOTO_UNREADABLE, e.getMessage());
                }
                progress.accept(++done);
            }
        }
        if (sums[0] == 0) {
            throw new DataException("no photo to judge on" + (problems.isEmpty()
                    ? ""
                    : ": " + String.join("; ", problems.lines())));
        }
        return new Verdict(sums[0], problems, sums[1], sums[2], sums[3], executed / sums[0]);
    }

    static int matched(List<Detection> dense, List<Detection> gated, double leastIou) {
        boolean[] taken = new boolean[gated.size()];
        int matched = 0;
        for (Detection wanted : dense) {
            double best = leastIou;
            int match = -1;
            for (int i = 0; i < taken.length; i++) {
                Detection found = gated.get(i);
                double iou = !taken[i] && found.classId() == wanted.classId() ? wanted.box().iou(found.box()) : -1;
                if (iou >= best) {
                    best = iou;
                    match = i;
                }
            }
            if (match >= 0) {
                taken[match] = true;
                matched++;
            }
        }
        return matched;
    }
}
