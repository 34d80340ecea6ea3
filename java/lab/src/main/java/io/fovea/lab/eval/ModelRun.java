package io.fovea.lab.eval;

import io.fovea.Detection;
import io.fovea.DetectionResult;
import io.fovea.format.DetectorSpec;
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

/** Runs a detector over a data set and judges it. */
public final class ModelRun {

    /** Finds objects in one photo; called from several threads. */
    public interface Finder {
        /** Returns what is found. */
        DetectionResult find(Photo photo, Image image);
    }

    /**
     * What a run gave.
     *
     * @param result the figures, over the categories that model and data set share
     * @param data the photos that were judged
     * @param detections what was found in each of them
     * @param millis median milliseconds per photo: preprocess, net, head, total
     * @param photosPerSecond of the whole run, decoding included
     */
    public record Outcome(CocoResult result, Dataset data, List<PhotoDetections> detections,
            Map<String, Double> millis, double photosPerSecond) {}

    private ModelRun() {
    }

    /**
     * Runs and judges. Photos that are missing or broken are counted in the data set's problems and left out.
     *
     * @param spec the detector's
     * @param finder the detector
     * @param data photos and objects
     * @param folder where the photos are
     * @param threads photos in work at once
     * @param step called after each photo
     */
    public static Outcome judge(DetectorSpec spec, Finder finder, Dataset data, Path folder, int threads,
            Runnable step) {
        LabelMap labels = LabelMap.of(spec.classes(), spec.backgroundIndex(), data);
        PhotoDetections[] found = new PhotoDetections[data.photos().size()];
        double[][] times = new double[4][data.photos().size()];
        long start = System.nanoTime();
        Dataset seen = PhotoPass.run(data, folder, threads, (index, photo, image) -> {
            DetectionResult r = finder.find(photo, image);
            times[0][index] = r.timings().preprocessMillis();
            times[1][index] = r.timings().netMillis();
            times[2][index] = r.timings().headMillis();
            times[3][index] = r.timings().totalMillis();
            found[index] = inCategories(photo, r.detections(), labels);
        }, step);
        double seconds = (System.nanoTime() - start) / 1e9;
        List<PhotoDetections> all = Arrays.stream(found).filter(Objects::nonNull).toList();
        CocoResult result = CocoEvaluator.evaluate(seen.withCategories(labels.shared()), all, threads);
        Map<String, Double> millis = new LinkedHashMap<>();
        String[] stages = {"preprocess", "net", "head", "total"};
        for (int s = 0; s < stages.length; s++) {
            millis.put(stages[s], median(times[s], found));
        }
        return new Outcome(result, seen, all, millis, all.size() / seconds);
    }

    private static PhotoDetections inCategories(Photo photo, List<Detection> found, LabelMap labels) {
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

    private static double median(double[] times, PhotoDetections[] found) {
        double[] valid = new double[times.length];
        int n = 0;
        for (int i = 0; i < times.length; i++) {
            if (found[i] != null) {
                valid[n++] = times[i];
            }
        }
        Arrays.sort(valid, 0, n);
        return n % 2 == 1 ? valid[n / 2] : (valid[n / 2 - 1] + valid[n / 2]) / 2;
    }
}
