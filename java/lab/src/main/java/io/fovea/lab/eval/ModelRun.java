package io.fovea.lab.eval;

import io.fovea.Detection;
import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.format.DetectorSpec;
import io.fovea.gate.Gate;
import io.fovea.image.Image;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Runs a detector over a data set and judges it. */
public final class ModelRun {

    /**
     * What a run gave.
     *
     * @param result the figures, over the categories that model and data set share
     * @param data the photos that were judged
     * @param detections what was found in each of them
     * @param macs average per photo; non-zero MACs over at most 50 photos spread evenly, from runs of their own
     * @param millis median milliseconds per photo: gate, preprocess, net, head, total
     * @param photosPerSecond of the whole run, decoding included, the runs for the books not
     */
    public record Outcome(CocoResult result, Dataset data, List<PhotoDetections> detections, EvalReport.Macs macs,
            Map<String, Double> millis, double photosPerSecond) {

        /** Returns what is written down. */
        public EvalReport report() {
            return new EvalReport(result.figures(), macs, millis);
        }
    }

    /** Photos whose non-zero activations are counted. */
    private static final int BOOKED = 50;

    private ModelRun() {
    }

    /**
     * Runs and judges. Photos that are missing or broken are counted in the data set's problems and left out.
     *
     * @param detector the detector; each call runs on its own number of threads
     * @param gate the detector's gate or null; a {@link TruthGate} is told of every photo
     * @param data photos and objects
     * @param folder where the photos are
     * @param threads photos in work at once
     * @param step called after each photo
     */
    public static Outcome judge(Detector detector, Gate gate, Dataset data, Path folder, int threads, Runnable step) {
        DetectorSpec spec = detector.spec();
        LabelMap labels = LabelMap.of(spec.classes(), spec.backgroundIndex(), data);
        PhotoDetections[] found = new PhotoDetections[data.photos().size()];
        DetectionResult[] results = new DetectionResult[found.length];
        long start = System.nanoTime();
        Dataset seen = PhotoPass.run(data, folder, threads, (index, photo, image) -> {
            enter(gate, photo);
            DetectionResult r = detector.run(image);
            found[index] = inCategories(photo, r.detections(), labels);
            results[index] = new DetectionResult(List.of(), r.timings(), r.work());
        }, step);
        double seconds = (System.nanoTime() - start) / 1e9;
        List<PhotoDetections> all = Arrays.stream(found).filter(Objects::nonNull).toList();
        CocoResult result = CocoEvaluator.evaluate(seen.withCategories(labels.shared()), all, threads);
        List<DetectionResult> runs = Arrays.stream(results).filter(Objects::nonNull).toList();
        Map<String, Double> millis = new LinkedHashMap<>();
        millis.put("gate", median(runs, t -> t.gateMillis()));
        millis.put("preprocess", median(runs, t -> t.preprocessMillis()));
        millis.put("net", median(runs, t -> t.netMillis()));
        millis.put("head", median(runs, t -> t.headMillis()));
        millis.put("total", median(runs, t -> t.totalMillis()));
        EvalReport.Macs macs = new EvalReport.Macs(mean(runs, w -> w.denseMacs()), mean(runs, w -> w.executedMacs()),
                mean(runs, w -> w.gateMacs()), nonZero(detector, gate, seen, folder));
        return new Outcome(result, seen, all, macs, millis, all.size() / seconds);
    }

    /**
     * Only runs a detector over photos that can all be read.
     *
     * @param detector each call runs on its own number of threads
     * @param data photos
     * @param folder where they are
     * @param threads photos in work at once
     * @param step called after each photo
     * @return what was found, of the classes that the data set has
     */
    public static List<PhotoDetections> detections(Detector detector, Dataset data, Path folder, int threads,
            Runnable step) {
        DetectorSpec spec = detector.spec();
        LabelMap labels = LabelMap.of(spec.classes(), spec.backgroundIndex(), data.withPhotos(List.of()));
        PhotoDetections[] found = new PhotoDetections[data.photos().size()];
        PhotoPass.run(data, folder, threads,
                (index, photo, image) -> found[index] = inCategories(photo, detector.run(image).detections(), labels),
                step);
        return Arrays.stream(found).filter(Objects::nonNull).toList();
    }

    private static void enter(Gate gate, Photo photo) {
        if (gate instanceof TruthGate truth) {
            truth.enter(photo);
        }
    }

    private static double nonZero(Detector detector, Gate gate, Dataset seen, Path folder) {
        int count = Math.min(BOOKED, seen.photos().size());
        double sum = 0;
        for (int i = 0; i < count; i++) {
            Photo photo = seen.photos().get((int) ((long) i * seen.photos().size() / count));
            enter(gate, photo);
            sum += detector.books(Image.read(folder.resolve(photo.file()))).nonZero();
        }
        return sum / count;
    }

    static double mean(List<DetectionResult> runs, ToLongFunction<DetectionResult.Work> of) {
        return runs.stream().mapToDouble(r -> of.applyAsLong(r.work())).average().orElse(0);
    }

    private static double median(List<DetectionResult> runs, ToDoubleFunction<DetectionResult.Timings> of) {
        return median(runs.stream().mapToDouble(r -> of.applyAsDouble(r.timings())).toArray());
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    static PhotoDetections inCategories(Photo photo, List<Detection> found, LabelMap labels) {
        List<Detection> known = found.stream().filter(d -> labels.known(d.classId())).toList();
        int[] categories = new int[known.size()];
        double[] scores = new double[known.size()];
        double[] boxes = new double[4 * known.size()];
        for (int i = 0; i < categories.length; i++) {
            Detection d = known.get(i);
            categories[i] = labels.category(d.classId());
            scores[i] = d.score();
            boxes[4 * i] = d.box().x();
            boxes[4 * i + 1] = d.box().y();
            boxes[4 * i + 2] = d.box().width();
            boxes[4 * i + 3] = d.box().height();
        }
        return new PhotoDetections(photo.id(), categories, scores, boxes);
    }
}
