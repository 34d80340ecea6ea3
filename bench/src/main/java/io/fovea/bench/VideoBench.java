package io.fovea.bench;

import ai.onnxruntime.OrtException;
import io.fovea.Detection;
import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.VideoDetector;
import io.fovea.VideoResult;
import io.fovea.cli.TextTable;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.frame.Frame;
import io.fovea.frame.FrameSource;
import io.fovea.frame.Frames;
import io.fovea.image.Image;
import io.fovea.lab.eval.DetectionAgreement;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Fixed cameras against dense runs. Every frame runs three ways one after another: as a stream that computes what changed, densely with our
 * kernels (which judges the stream's detections), and densely in the other engine. Compared is the net alone for the dense runs, and
 * motion gate, choice of sites, net and writing back for the stream.
 */
final class VideoBench {
    private static final int WARM_FRAMES = 60;
    private final Path file;
    private final Model model;
    private final String kernels;
    private final int threads;
    private final boolean peer;
    private final int shake;

    VideoBench(Path file, String kernels, int threads, boolean peer, int shake) {
        this.file = file;
        this.model = OnnxReader.read(file);
        this.kernels = kernels;
        this.threads = threads;
        this.peer = peer;
        this.shake = shake;
    }

    /** What was measured on one clip; times are sums of milliseconds over the frames. */
    private static final class Figures {
        private final DetectionAgreement agreement = new DetectionAgreement();
        private final List<Double> streamMillis = new ArrayList<>();
        private final List<Double> denseMillis = new ArrayList<>();
        private final List<Double> peerMillis = new ArrayList<>();
        private int frames;
        private int keys;
        private double executed;
        private double motion;
        private double writeBack;
        private double preprocess;
        private double head;

        private void add(VideoResult result) {
            VideoResult.Timings t = result.timings();
            frames++;
            keys += result.isKeyFrame() ? 1 : 0;
            executed += result.work().executedShare();
            streamMillis.add(t.motionMillis() + t.netMillis());
            motion += t.motionMillis();
            writeBack += t.writeBackMillis();
            preprocess += t.preprocessMillis();
            head += t.headMillis();
        }
    }

    /** Measures clips one after another and prints a table. */
    void run(List<Path> clips, int most, PrintWriter out) throws OrtException {
        DetectorOptions.Builder options = DetectorOptions.builder().kernels(kernels).threads(threads)
                .scoreThreshold(DetectionAgreement.FOUND);
        float[] first = Input.noise(model.spec().input());
        try (Detector dense = Detector.open(model, options.headGate(false).build());
                Detector detector = Detector.open(model, options.headGate(true).build());
                OnnxRuntimeEngine engine = peer
                        ? new OnnxRuntimeEngine(file, threads, first, model.graph().inputShape())
                        : null) {
            TextTable table = new TextTable("  ", "clip", ">frames", ">key", ">executed", ">F1", ">ms a frame",
                    ">(median)", ">motion", ">write-back", ">prep.", ">head", ">own dense", ">peer", ">of own",
                    ">of peer");
            for (Path clip : clips) {
                pass(clip, WARM_FRAMES, dense, detector, engine);
                row(table, clip, pass(clip, most, dense, detector, engine));
            }
            table.print(out);
            out.println(
                    "ms a frame: mean over all frames, key frames included, of motion gate, choice of sites, net and writing "
                            + "back; of own, of peer: as a share of the mean dense run (the net alone)");
            out.flush();
        }
    }

    private Figures pass(Path clip, int most, Detector dense, Detector detector, OnnxRuntimeEngine engine)
            throws OrtException {
        Figures figures = new Figures();
        Shake hand = new Shake(shake);
        try (FrameSource source = Frames.open(clip); VideoDetector stream = detector.video()) {
            for (Frame frame = source.next(); frame != null && figures.frames < most; frame = source.next()) {
                Image image = hand.next(frame.image());
                VideoResult result = stream.detect(image);
                figures.add(result);
                DetectionResult whole = dense.run(image);
                figures.denseMillis.add(whole.timings().netMillis());
                List<Detection> want = whole.detections();
                figures.agreement.add(want, result.detections());
                if (engine != null) {
                    engine.input(Input.of(image, model.spec().input()));
                    engine.prepare();
                    long start = System.nanoTime();
                    engine.run();
                    figures.peerMillis.add((System.nanoTime() - start) / 1e6);
                }
            }
        }
        return figures;
    }

    private static void row(TextTable table, Path clip, Figures f) {
        double stream = mean(f.streamMillis);
        table.row(clip.getFileName().toString(), Integer.toString(f.frames), Integer.toString(f.keys),
                text("%.3f", f.executed / f.frames), text("%.4f", f.agreement.f1()), text("%.2f", stream),
                text("%.2f", median(f.streamMillis)), text("%.2f", f.motion / f.frames),
                text("%.2f", f.writeBack / f.frames), text("%.2f", f.preprocess / f.frames),
                text("%.2f", f.head / f.frames), text("%.2f", mean(f.denseMillis)),
                f.peerMillis.isEmpty() ? "-" : text("%.2f", mean(f.peerMillis)),
                text("%.3f", stream / mean(f.denseMillis)),
                f.peerMillis.isEmpty() ? "-" : text("%.3f", stream / mean(f.peerMillis)));
    }

    private static String text(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(d -> d).average().orElse(0);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    }
}
