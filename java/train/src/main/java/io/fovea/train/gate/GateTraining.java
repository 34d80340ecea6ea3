package io.fovea.train.gate;

import io.fovea.format.GateSpec;
import io.fovea.format.Model;
import io.fovea.graph.Graph;
import io.fovea.image.Image;
import io.fovea.image.ImageException;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import io.fovea.train.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Trains a gate for a detector from plain photos: looks at every photo once with the dense detector and the small run, then learns the head from
 * what was kept. The same photos, settings, threads and kernels give the same gate. Used by one thread.
 */
public final class GateTraining {
    /** Training ends when the held-out loss has not fallen for so many passes. */
    static final int PATIENCE = 5;
    /** At least so many photos are held out, if there are twice as many. */
    private static final int LEAST_HELD_OUT = 8;

    private final Model model;
    private final TrainSettings settings;
    private final Run run;
    private final Watch watch;
    private final Problems problems = new Problems();

    /**
     * How training runs; none of it changes what is learnt, except that a run that ends early has learnt less.
     *
     * @param threads processors to use
     * @param kernels kernel tier of the detector
     * @param millis time after which no further pass begins; 0 for no limit
     * @param checkpoint file for the state after each pass, or null
     * @param resume whether to go on from that file if it exists
     */
    public record Run(int threads, String kernels, long millis, Path checkpoint, boolean resume) {}

    /** Follows a training; called by one thread at a time. */
    public interface Watch {
        /** One more photo was looked at. */
        void photo();

        /** A step of a pass, numbered from 1, is done. */
        void step(int epoch, int step, int steps, double loss);

        /** A pass, numbered from 1, is done. */
        void epoch(int epoch, double loss, double heldOutLoss, double recall, double share);

        /** Something that a person should know. */
        void note(String line);
    }

    private GateTraining(Model model, TrainSettings settings, Run run, Watch watch) {
        this.model = model;
        this.settings = settings;
        this.run = run;
        this.watch = watch;
    }

    /**
     * Trains.
     *
     * @param model the detector
     * @param photos files; one that cannot be read is counted and left out
     * @param truths annotated objects by file, in pixels of the photo
     * @throws DataException if no photo can be read, or the detector finds nothing in any of them
     * @throws IOException if the checkpoint cannot be written, or is not one to go on from
     * @throws IllegalStateException if training cannot run here
     */
    public static GateResult run(Model model, List<Path> photos, Map<Path, List<Truth>> truths,
            TrainSettings settings, Run run, Watch watch) throws IOException {
        return new GateTraining(model, settings, run, watch).run(photos, truths);
    }

    private GateResult run(List<Path> photos, Map<Path, List<Truth>> truths) throws IOException {
        long start = System.nanoTime();
        Torch.missing().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        if (photos.isEmpty()) {
            throw new DataException("no photo to learn from");
        }
        Trunk trunk = settings.trunk() == GateSpec.Trunk.OWN
                ? OwnTrunk.make(settings.inputSize(), settings.seed())
                : Trunk.of(model, settings.inputSize());
        CellGrid grid = new CellGrid(model.spec().input().height(), model.spec().input().width(), settings.cell());
        List<Path> shuffled = new ArrayList<>(photos);
        shuffled.sort(
                Comparator.comparing((Path p) -> p.getFileName().toString()).thenComparing(Comparator.naturalOrder()));
        Collections.shuffle(shuffled, new Random(settings.seed()));
        List<GateSample> all = read(trunk, shuffled, truths);
        if (all.isEmpty()) {
            throw new DataException("none of the " + photos.size() + " photos can be read: "
                    + String.join("; ", problems.lines()));
        }
        if (all.stream().flatMap(s -> s.marks().stream()).noneMatch(settings.rule()::marks)) {
            throw new DataException("the detector finds nothing above " + settings.rule().least() + " in any of the "
                    + all.size() + " photos, so there is nothing to learn");
        }
        int held = Math.min(all.size() / 2,
                Math.max(LEAST_HELD_OUT, (int) Math.ceil(settings.heldOut() * all.size())));
        if (all.size() < 2) {
            throw new DataException("one photo is too few: some are held out to judge by");
        }
        List<GateSample> test = all.subList(0, held);
        List<GateSample> training = all.subList(held, all.size());
        Graph gate = GateHead.append(trunk, settings.style(), settings.width(), settings.depth(), settings.seed());
        try (GateTrainer trainer = new GateTrainer(gate, trunk, grid, settings, Torch.manager(run.threads()))) {
            List<double[]> losses = learn(trainer, grid, training, test, start);
            List<float[]> logits = grown(grid, trainer.logits(test));
            return new GateResult(model, settings, trunk, grid, trainer.trained(), training.size(), test, logits,
                    losses, problems, (System.nanoTime() - start) / 1e9);
        }
    }

    private List<GateSample> read(Trunk trunk, List<Path> photos, Map<Path, List<Truth>> truths) {
        GateSample[] samples = new GateSample[photos.size()];
        ExecutorService workers = Executors.newFixedThreadPool(run.threads());
        try (PhotoReader reader = new PhotoReader(model, trunk, settings.rule().least(), 1, run.kernels())) {
            List<Future<?>> pending = new ArrayList<>();
            for (int i = 0; i < samples.length; i++) {
                int index = i;
                pending.add(workers.submit(() -> {
                    Path file = photos.get(index);
                    try {
                        samples[index] = reader.read(file, Image.read(file),
                                truths.getOrDefault(file, List.of()));
                    } catch (ImageException e) {
                        problems.add(Problems.Kind.PHOTO_UNREADABLE, e.getMessage());
                    }
                    synchronized (watch) {
                        watch.photo();
                    }
                }));
            }
            for (Future<?> each : pending) {
                each.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
        } finally {
            workers.shutdownNow();
        }
        return Arrays.stream(samples).filter(Objects::nonNull).toList();
    }

    /** What a checkpoint must share with a run to be continued by it. */
    private String recipe(List<GateSample> training, List<GateSample> test) {
        int names = 0;
        for (List<GateSample> part : List.of(training, test)) {
            for (GateSample s : part) {
                names = 31 * names + s.file().getFileName().toString().hashCode();
            }
        }
        return model.spec().name() + " " + settings + " " + training.size() + "+" + test.size() + " photos #" + names;
    }

    private List<double[]> learn(GateTrainer trainer, CellGrid grid, List<GateSample> training, List<GateSample> test,
            long start) throws IOException {
        String recipe = recipe(training, test);
        List<double[]> losses = new ArrayList<>();
        Map<String, float[]> best = trainer.state();
        if (run.resume() && run.checkpoint() != null && Files.exists(run.checkpoint())) {
            Checkpoint saved = Checkpoint.read(run.checkpoint());
            if (!saved.recipe().equals(recipe)) {
                throw new IOException(run.checkpoint() + ": was made with other photos or settings (" + saved.recipe()
                        + "); remove it or train without --resume");
            }
            trainer.restore(saved.state());
            losses.addAll(saved.losses());
            best = saved.best();
            watch.note("going on after pass " + saved.epochs());
        }
        for (int epoch = losses.size(); epoch < settings.epochs() && !stale(losses); epoch++) {
            if (run.millis() > 0 && !losses.isEmpty() && (System.nanoTime() - start) / 1_000_000 > run.millis()) {
                watch.note("time is up after pass " + epoch + " of " + settings.epochs());
                break;
            }
            double loss;
            int number = epoch + 1;
            try {
                loss = trainer.epoch(training, epoch, (step, of, mean) -> watch.step(number, step, of, mean));
            } catch (ArithmeticException e) {
                watch.note(e.getMessage() + ": training stops, the state of pass " + (bestPass(losses) + 1)
                        + " is kept");
                break;
            }
            double heldOut = trainer.loss(test);
            losses.add(new double[]{loss, heldOut});
            if (bestPass(losses) == epoch) {
                best = trainer.state();
            }
            if (run.checkpoint() != null) {
                new Checkpoint(recipe, number, losses, trainer.state(), best).write(run.checkpoint());
            }
            List<float[]> logits = grown(grid, trainer.logits(test));
            List<Coverage.Covered> marks = Coverage.of(grid, test, logits, settings.rule()::marks);
            float threshold = marks.isEmpty() ? 0 : Coverage.thresholdFor(marks, settings.recall());
            watch.epoch(number, loss, heldOut, Coverage.recall(marks, threshold), Coverage.share(logits, threshold));
        }
        trainer.restore(best);
        return losses;
    }

    private List<float[]> grown(CellGrid grid, List<float[]> logits) {
        return logits.stream().map(photo -> grid.grown(photo, settings.growth())).toList();
    }

    private static int bestPass(List<double[]> losses) {
        int best = -1;
        for (int e = 0; e < losses.size(); e++) {
            best = best < 0 || losses.get(e)[1] < losses.get(best)[1] ? e : best;
        }
        return best;
    }

    private static boolean stale(List<double[]> losses) {
        return losses.size() - 1 - bestPass(losses) >= PATIENCE;
    }
}
