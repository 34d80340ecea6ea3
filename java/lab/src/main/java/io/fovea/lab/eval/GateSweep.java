package io.fovea.lab.eval;

import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.image.Image;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Runs several ways of running one detector over the same photos and sets them against its dense run: accuracy where objects are known,
 * agreement with the dense run everywhere, arithmetic, and time of runs one after another on each photo.
 */
public final class GateSweep {
    /** Photos whose non-zero activations are counted. */
    private static final int BOOKED = 50;
    private static final int WARM_RUNS = 20;

    private GateSweep() {
    }

    /** Another engine's dense run of the same net, to be timed beside ours. */
    @FunctionalInterface
    public interface Peer {
        /** Runs the net once on the input that it holds. */
        void run();
    }

    /**
     * One way of running.
     *
     * @param name name for people
     * @param detector with its gate
     */
    public record Way(String name, Detector detector) {}

    /**
     * What to measure.
     *
     * @param threads photos in work at once, while times are not measured
     * @param nonZero whether non-zero activations are counted, on at most 50 photos
     * @param timed photos to measure time on, spread evenly; 0 for none
     * @param rounds runs of each way on each of them
     */
    public record Settings(int threads, boolean nonZero, int timed, int rounds) {}

    /**
     * What one way gave.
     *
     * @param name name for people
     * @param figures COCO's figures, or null when no object is known
     * @param agreement with the first way
     * @param activeShare mean share of foreground cells
     * @param macs mean per photo
     * @param millis means over the timed photos; null when none was
     */
    public record Point(String name, CocoFigures figures, DetectionAgreement agreement, double activeShare,
            EvalReport.Macs macs, Millis millis) {

        /** Returns executed MACs, the gate's included, over dense MACs. */
        public double executedShare() {
            return (macs.executed() + macs.gate()) / macs.dense();
        }
    }

    /**
     * Milliseconds of one photo: the mean over the photos, as that of the MACs, since photos differ in how much of them is active; of the
     * rounds on one photo the least counts.
     *
     * @param gate the gate
     * @param net the net, with the choice of its sites
     * @param head score filter, box decoding and suppression
     * @param total gate, preprocessing, net and head
     * @param peer the other engine's dense net alone, NaN without one; the same in every point
     */
    public record Millis(double gate, double net, double head, double total, double peer) {}

    /**
     * What a sweep gave.
     *
     * @param data the photos that could be read
     * @param points one per way, in their order
     */
    public record Outcome(Dataset data, List<Point> points) {}

    /**
     * Runs.
     *
     * @param ways the dense run first; each detector on one thread
     * @param data photos, with objects or without
     * @param folder where the photos are
     * @param settings what to measure
     * @param peer another engine, or null
     * @param step called after each photo, and after each timed photo
     */
    public static Outcome run(List<Way> ways, Dataset data, Path folder, Settings settings, Peer peer, Runnable step) {
        int photos = data.photos().size();
        DetectionResult[][] results = new DetectionResult[ways.size()][photos];
        Dataset seen = PhotoPass.run(data, folder, settings.threads(), (index, photo, image) -> {
            for (int w = 0; w < ways.size(); w++) {
                results[w][index] = ways.get(w).detector().run(image);
            }
        }, step);
        List<Millis> millis = settings.timed() == 0 ? null : times(ways, seen, folder, settings, peer, step);
        List<Point> points = new ArrayList<>();
        for (int w = 0; w < ways.size(); w++) {
            Detector detector = ways.get(w).detector();
            DetectionAgreement agreement = new DetectionAgreement();
            List<PhotoDetections> found = new ArrayList<>();
            LabelMap labels = data.categories().isEmpty()
                    ? null
                    : LabelMap.of(detector.spec().classes(), detector.spec().backgroundIndex(), data);
            for (int p = 0; p < photos; p++) {
                if (results[w][p] != null) {
                    agreement.add(results[0][p].detections(), results[w][p].detections());
                    if (labels != null) {
                        found.add(ModelRun.inCategories(data.photos().get(p), results[w][p].detections(), labels));
                    }
                }
            }
            List<DetectionResult> runs = Arrays.stream(results[w]).filter(Objects::nonNull).toList();
            CocoFigures figures = labels == null
                    ? null
                    : CocoEvaluator.evaluate(seen.withCategories(labels.shared()), found, settings.threads()).figures();
            points.add(new Point(ways.get(w).name(), figures, agreement,
                    runs.stream().mapToDouble(r -> r.work().activeShare()).average().orElse(0),
                    new EvalReport.Macs(ModelRun.mean(runs, k -> k.denseMacs()),
                            ModelRun.mean(runs, k -> k.executedMacs()), ModelRun.mean(runs, k -> k.gateMacs()),
                            settings.nonZero() ? nonZero(detector, seen, folder) : Double.NaN),
                    millis == null ? null : millis.get(w)));
        }
        return new Outcome(seen, points);
    }

    private static double nonZero(Detector detector, Dataset seen, Path folder) {
        List<Photo> some = spread(seen, BOOKED);
        return some.stream().mapToDouble(p -> detector.books(Image.read(folder.resolve(p.file()))).nonZero()).average()
                .orElse(0);
    }

    private static List<Photo> spread(Dataset seen, int most) {
        int all = seen.photos().size();
        int count = Math.min(most, all);
        List<Photo> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(seen.photos().get((int) ((long) i * all / count)));
        }
        return some;
    }

    /** Times all ways and the peer in turn on each photo; of the rounds on one photo the least counts, of the photos the mean. */
    private static List<Millis> times(List<Way> ways, Dataset seen, Path folder, Settings settings, Peer peer,
            Runnable step) {
        List<Photo> photos = spread(seen, settings.timed());
        double[][][] best = new double[ways.size()][4][photos.size()];
        double[] other = new double[photos.size()];
        for (int p = 0; p < photos.size(); p++) {
            Image image = Image.read(folder.resolve(photos.get(p).file()));
            Arrays.fill(other, p, p + 1, Double.POSITIVE_INFINITY);
            for (double[][] way : best) {
                for (double[] part : way) {
                    part[p] = Double.POSITIVE_INFINITY;
                }
            }
            for (int round = p == 0 ? -WARM_RUNS : 0; round < settings.rounds(); round++) {
                for (int w = 0; w < ways.size(); w++) {
                    DetectionResult.Timings t = ways.get(w).detector().run(image).timings();
                    if (round >= 0 && t.totalMillis() < best[w][3][p]) {
                        best[w][0][p] = t.gateMillis();
                        best[w][1][p] = t.netMillis();
                        best[w][2][p] = t.headMillis();
                        best[w][3][p] = t.totalMillis();
                    }
                }
                if (peer != null) {
                    long start = System.nanoTime();
                    peer.run();
                    other[p] = Math.min(other[p], (System.nanoTime() - start) / 1e6);
                }
            }
            step.run();
        }
        double peerMillis = peer == null ? Double.NaN : mean(other);
        List<Millis> all = new ArrayList<>();
        for (double[][] way : best) {
            all.add(new Millis(mean(way[0]), mean(way[1]), mean(way[2]), mean(way[3]), peerMillis));
        }
        return all;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }
}
