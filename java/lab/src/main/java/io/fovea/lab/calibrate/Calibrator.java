package io.fovea.lab.calibrate;

import io.fovea.format.Calibration;
import io.fovea.format.Calibration.HeadUnit;
import io.fovea.format.Model;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.image.Image;
import io.fovea.image.ImageException;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Problems;
import io.fovea.run.SessionOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;

/**
 * Calibrates a detector on plain photos without any annotation: the mean activations that inactive sites read as, and the head gate.
 *
 * <p>The head gate is one linear unit per level of the head on the level's own input. Each is a logistic regression against "some row of
 * this site scores above a label", learnt on one part of the photos; its threshold is set on the other part, so that of the rows scoring
 * above {@code keepAbove} the share {@code keepShare} stays. A level without examples, or with fewer than {@value #LEAST_ROWS} such
 * rows to set the threshold by, keeps all its sites.
 *
 * <p>Photos are read one by one; what is kept of them is bounded ({@link SiteSample}; at most {@value #MOST_HELD_OUT} photos are held
 * out). The same photos, settings and kernels give the same calibration, in whatever order they are named.
 */
public final class Calibrator {
    /** Fewer rows than this say little about a share of some thousandths. */
    static final int LEAST_ROWS = 100;
    /** Outputs of this many photos are kept to set thresholds by. */
    static final int MOST_HELD_OUT = 2000;
    /** Fewer positives than this do not make a regression. */
    private static final int LEAST_POSITIVES = 50;

    private final Model model;
    private final CalibrationSettings settings;
    private final IntConsumer progress;
    private final Problems problems = new Problems();
    private final ChannelMeans means = new ChannelMeans();

    private Calibrator(Model model, CalibrationSettings settings, IntConsumer progress) {
        this.model = model;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Calibrates a detector.
     *
     * @param model the detector; what it was calibrated with before is not used
     * @param photos files; one that cannot be read is counted and left out
     * @param settings how
     * @param progress told the number of photos done so far after each one
     * @throws DataException if none of the photos can be read
     * @throws IllegalStateException if the kernels asked for cannot run here
     */
    public static CalibrationReport run(Model model, List<Path> photos, CalibrationSettings settings,
            IntConsumer progress) {
        return new Calibrator(model, settings, progress).run(photos);
    }

    private CalibrationReport run(List<Path> photos) {
        List<Path> shuffled = new ArrayList<>(photos);
        shuffled.sort(Comparator.naturalOrder());
        Collections.shuffle(shuffled, new Random(settings.seed()));
        int held = (int) Math.min(MOST_HELD_OUT, Math.ceil(settings.heldOut() * shuffled.size()));
        List<Path> heldOut = shuffled.subList(0, held);
        List<Path> training = shuffled.subList(held, shuffled.size());
        try (NetProbe probe = new NetProbe(model, new SessionOptions(settings.threads(), settings.kernels()),
                Math.min(settings.label(), settings.keepAbove()))) {
            List<SiteSample> samples = new ArrayList<>();
            for (NetProbe.Level level : probe.levels()) {
                samples.add(new SiteSample(level.channels, settings.maxSites(), settings.seed() + samples.size()));
            }
            int trained = pass(probe, training, 0, () -> learn(probe, samples));
            List<LogisticFit> fits = new ArrayList<>();
            for (int l = 0; l < samples.size(); l++) {
                SiteSample sample = samples.get(l);
                boolean enough = sample.positives() >= LEAST_POSITIVES && sample.positives() < sample.size()
                        && !probe.levels().get(l).head.values().isEmpty();
                fits.add(enough ? LogisticFit.of(sample, settings.seed()) : null);
            }
            List<HeldOut> outputs = new ArrayList<>();
            samples.forEach(s -> outputs.add(new HeldOut()));
            int tested = pass(probe, heldOut, training.size(), () -> judge(probe, fits, outputs));
            if (trained + tested == 0) {
                throw new DataException(photos.isEmpty()
                        ? "no photo to calibrate on"
                        : "none of the "
                                + photos.size() + " photos can be read: " + String.join("; ", problems.lines()));
            }
            return report(probe, samples, fits, outputs, trained, tested);
        }
    }

    private int pass(NetProbe probe, List<Path> photos, int before, Runnable each) {
        int read = 0;
        for (int i = 0; i < photos.size(); i++) {
            Image photo = null;
            try {
                photo = Image.read(photos.get(i));
            } catch (ImageException e) {
                problems.add(Problems.Kind.PHOTO_UNREADABLE, e.getMessage());
            }
            if (photo != null) {
                probe.run(photo, means);
                each.run();
                read++;
            }
            progress.accept(before + i + 1);
        }
        return read;
    }

    private void learn(NetProbe probe, List<SiteSample> samples) {
        for (int l = 0; l < samples.size(); l++) {
            NetProbe.Level level = probe.levels().get(l);
            for (int site = 0; site < level.sites; site++) {
                samples.get(l).add(level.input, site * level.channels, level.best(site) > settings.label());
            }
        }
    }

    private void judge(NetProbe probe, List<LogisticFit> fits, List<HeldOut> outputs) {
        for (int l = 0; l < fits.size(); l++) {
            NetProbe.Level level = probe.levels().get(l);
            for (int site = 0; site < level.sites; site++) {
                float raw = fits.get(l) == null ? 0 : fits.get(l).raw(level.input, site * level.channels);
                outputs.get(l).add(raw, rowsToKeep(level, site));
            }
        }
    }

    private int rowsToKeep(NetProbe.Level level, int site) {
        int rows = 0;
        for (int r = site * level.rowsPerSite; r < (site + 1) * level.rowsPerSite; r++) {
            rows += level.scores[r] > settings.keepAbove() ? 1 : 0;
        }
        return rows;
    }

    /** Returns why a level keeps all its sites; empty when it does not. */
    private static String note(NetProbe.Level level, SiteSample sample, LogisticFit fit, HeldOut held) {
        if (level.head.values().isEmpty()) {
            return "all sites kept: the head reads the input itself";
        }
        if (fit == null) {
            return "all sites kept: " + sample.positivesSeen() + " examples among " + sample.seen() + " sites";
        }
        return held.rowCount() < LEAST_ROWS
                ? "all sites kept: " + held.rowCount() + " rows to set the threshold by"
                : "";
    }

    private CalibrationReport report(NetProbe probe, List<SiteSample> samples, List<LogisticFit> fits,
            List<HeldOut> outputs, int trained, int tested) {
        Graph graph = probe.plan().graph();
        List<HeadUnit> units = new ArrayList<>();
        List<LevelReport> levels = new ArrayList<>();
        for (int l = 0; l < samples.size(); l++) {
            NetProbe.Level level = probe.levels().get(l);
            SiteSample sample = samples.get(l);
            HeldOut held = outputs.get(l);
            LogisticFit fit = fits.get(l);
            String note = note(level, sample, fit, held);
            HeadUnit unit = note.isEmpty()
                    ? new HeadUnit(level.head.input(), fit.weights(), fit.bias(), held.threshold(settings.keepShare()))
                    : new HeadUnit(level.head.input(), new float[level.channels], 0, -Float.MAX_VALUE);
            units.add(unit);
            long macs = graph.nodes().stream().filter(n -> level.head.values().contains(n.output()))
                    .mapToLong(n -> Cost.of(graph, n).macs()).sum();
            levels.add(new LevelReport(unit.input(), level.sites, level.channels, sample.seen(),
                    sample.positivesSeen(), sample.size(), held.rowCount(), held.keptRows(unit.threshold()),
                    held.activeShare(unit.threshold()), unit.threshold(), macs, (long) level.sites * level.channels,
                    note));
        }
        boolean gates = levels.stream().anyMatch(level -> level.note().isEmpty());
        return new CalibrationReport(new Calibration(means.rows(), gates ? units : List.of()), settings, trained,
                tested, problems, levels, Cost.of(graph).macs());
    }
}
