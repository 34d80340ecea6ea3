package io.fovea.bench;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.VideoDetector;
import io.fovea.VideoOptions;
import io.fovea.VideoResult;
import io.fovea.cli.Progress;
import io.fovea.cli.TextTable;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.frame.Frame;
import io.fovea.frame.FrameSource;
import io.fovea.frame.Frames;
import io.fovea.gate.MotionSettings;
import io.fovea.lab.eval.DetectionAgreement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Agreement with the dense detector and executed MACs of streams over settings of the motion gate. All settings see each frame one after
 * another, so that it is decoded and judged once.
 */
final class VideoSweep {
    private static final double[] THRESHOLDS = {8, 12, 16, 24, 32};
    private static final int[] DILATIONS = {0, 1, 2, 3};
    private static final int[] PERIODS = {5, 10, 30, 60, 120, 0};

    private VideoSweep() {
    }

    /** One setting and what came of it, over all clips. */
    static final class Point {
        private final MotionSettings settings;
        private final DetectionAgreement agreement = new DetectionAgreement();
        private double executed;
        private double shareSum;
        private double worst = 1;
        private int clips;

        private Point(MotionSettings settings) {
            this.settings = settings;
        }

        MotionSettings settings() {
            return settings;
        }

        /** Returns the mean over clips of the executed share. */
        double executed() {
            return shareSum / clips;
        }

        double f1() {
            return agreement.f1();
        }
    }

    static void run(Path file, String kernels, List<Path> clips, int most, Path plot, PrintWriter out)
            throws IOException {
        List<Point> points = points();
        Model model = OnnxReader.read(file);
        DetectorOptions.Builder options = DetectorOptions.builder().kernels(kernels)
                .scoreThreshold(DetectionAgreement.FOUND);
        try (Detector dense = Detector.open(model, options.headGate(false).build());
                Detector detector = Detector.open(model, options.headGate(true).build())) {
            for (Path clip : clips) {
                clip(clip, most, dense, detector, points, out);
            }
        }
        TextTable table = new TextTable("  ", ">threshold", ">dilation", ">key every", ">executed", ">F1", ">precision",
                ">recall", ">worst clip's F1");
        for (Point p : points) {
            table.row(text("%.0f", p.settings.threshold()), Integer.toString(p.settings.dilation()),
                    Integer.toString(p.settings.keyEvery()), text("%.3f", p.executed()), text("%.4f", p.f1()),
                    text("%.4f", p.agreement.precision()), text("%.4f", p.agreement.recall()), text("%.4f", p.worst));
        }
        table.print(out);
        out.flush();
        if (plot != null) {
            SweepPlot.write(points, plot);
        }
    }

    private static List<Point> points() {
        List<Point> points = new ArrayList<>();
        for (int dilation : DILATIONS) {
            for (double threshold : THRESHOLDS) {
                points.add(new Point(MotionSettings.DEFAULT.withThreshold(threshold).withDilation(dilation)));
            }
        }
        for (int period : PERIODS) {
            points.add(new Point(MotionSettings.DEFAULT.withKeyEvery(period)));
        }
        return points;
    }

    private static void clip(Path clip, int most, Detector dense, Detector detector, List<Point> points,
            PrintWriter out) {
        List<VideoDetector> streams = new ArrayList<>();
        List<DetectionAgreement> own = new ArrayList<>();
        try (FrameSource source = Frames.open(clip);
                Progress progress = new Progress(clip.getFileName().toString(), Math.min(most, source.count()), out)) {
            for (Point p : points) {
                streams.add(detector.video(VideoOptions.DEFAULT.withMotion(p.settings)));
                own.add(new DetectionAgreement());
                p.executed = 0;
            }
            int frames = 0;
            for (Frame frame = source.next(); frame != null && frames < most; frame = source.next()) {
                List<Detection> want = dense.detect(frame.image());
                for (int i = 0; i < points.size(); i++) {
                    VideoResult result = streams.get(i).detect(frame.image());
                    points.get(i).executed += result.work().executedShare();
                    points.get(i).agreement.add(want, result.detections());
                    own.get(i).add(want, result.detections());
                }
                frames++;
                progress.step();
            }
            for (int i = 0; i < points.size(); i++) {
                Point p = points.get(i);
                p.shareSum += p.executed / Math.max(1, frames);
                p.clips++;
                p.worst = Math.min(p.worst, own.get(i).f1());
            }
        } finally {
            streams.forEach(VideoDetector::close);
        }
    }

    private static String text(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
