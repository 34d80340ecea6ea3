package io.fovea.train.tune;

import ai.djl.ndarray.NDManager;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.lab.data.Problems;
import io.fovea.train.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Teaches a detector to give what its teacher gives, on photos without annotation (Hinton et al., Distilling the knowledge in a neural
 * network, 2015). The student may lack anchors that the teacher has: {@link TargetMaker} hands their detections to others.
 *
 * <p>{@link NovoGrad}, with a rate that falls as a cosine over the time given; the weights' moving average is judged on held-out photos, and the best
 * one is kept, the untrained one among them. Every judged state is written to a file, from which a stopped run goes on.
 */
public final class Tuner {
    private final Model student;
    private final TuneSettings settings;
    private final Path stateFile;
    private final String recipe;
    private final Progress progress;
    private final List<TuneReport.Point> points = new ArrayList<>();
    private Map<String, float[]> best;
    private String stopped;

    /** Is told how far tuning is. */
    public interface Progress {
        /** A photo was seen. */
        void photo();

        /** A state was judged. */
        void judged(TuneReport.Point point);

        /**
         * A step was made.
         *
         * @param share of the time that is over, 0..1
         * @param loss of the step
         */
        void step(double share, double loss);
    }

    private Tuner(Model student, TuneSettings settings, Path stateFile, String recipe, Progress progress) {
        this.student = student;
        this.settings = settings;
        this.stateFile = stateFile;
        this.recipe = recipe;
        this.progress = progress;
    }

    /**
     * Tunes.
     *
     * @param student the detector that learns
     * @param teacher the detector it learns from: all anchors and classes of the student's, coded in the same way
     * @param gate under which the student will run: its body computes what the gate lets through, and rows outside learn nothing; null for all
     * of every photo
     * @param photos what to learn from
     * @param identity what tells these models and photos from others, for example hashes
     * @param views file for what is kept of the photos, float16: for SSDLite's head .9 MB a view; taken as it is when it is of the same
     * identity
     * @param state file for the state after each evaluation
     * @param resume whether to go on from it
     * @param problems receives photos that cannot be read
     * @throws io.fovea.lab.data.DataException if there are fewer than two photos that can be read
     * @throws IOException if a file cannot be written, or there is nothing to go on from
     * @throws IllegalStateException if PyTorch or the kernels asked for cannot run here
     */
    public static TuneReport run(Model student, Model teacher, GateModel gate, List<TunePhoto> photos,
            TuneSettings settings,
            String identity,
            Path views, Path state, boolean resume, Problems problems, Progress progress) throws IOException {
        String seen = identity + " layers " + settings.layers() + " mirrors " + settings.mirrors() + " holdout "
                + settings.holdout() + " seed " + settings.seed()
                + (gate == null ? "" : " gate " + gate.spec().threshold() + " at " + settings.masks().threshold())
                + (settings.featureWeight() > 0 ? " features" : "") + (settings.plain() ? " plain" : "");
        TuneState before = resume ? TuneState.read(state) : null;
        Tuner tuner = new Tuner(student, settings, state, seen + " " + settings.recipe(), progress);
        if (before != null && !before.recipe().equals(tuner.recipe)) {
            throw new IOException(state + ": is the state of another tuning (other models, photos or settings)");
        }
        MaskedForward masked = gate != null && settings.layers() == TuneSettings.Layers.ALL
                ? new MaskedForward(student, gate)
                : null;
        try (NDManager manager = Torch.manager(settings.threads());
                Views all = Views.see(student, teacher, gate, settings, photos, seen, views, problems,
                        progress::photo)) {
            return tuner.train(manager, all, masked, before, problems);
        }
    }

    private TuneReport train(NDManager manager, Views views, MaskedForward masked, TuneState before, Problems problems)
            throws IOException {
        Student net = new Student(student, views.cut(), views.layout(), masked, settings, manager);
        int steps = 0;
        double spent = 0;
        if (before != null) {
            net.restore(before);
            points.addAll(before.points());
            best = before.best();
            steps = before.steps();
            spent = before.seconds();
        } else {
            judge(net, views, 0, 0, Double.NaN);
        }
        steps(net, views, steps, spent);
        double[] teacher = views.teacherAp();
        int[] handed = views.handed();
        return new TuneReport(net.with(best), points, teacher[0], teacher[1], views.held().count(),
                views.judge().known(),
                views.views().count(), handed[0], handed[1], stopped, problems);
    }

    private void steps(Student net, Views views, int done, double spent) throws IOException {
        double budget = 60 * settings.minutes();
        int size = Math.min(settings.batch(), views.views().count());
        int perEpoch = views.views().count() / size;
        int[] order = null;
        double sum = 0;
        int since = 0;
        double next = budget / settings.evaluations();
        while (next <= spent) {
            next += budget / settings.evaluations();
        }
        double seconds = spent;
        for (int step = done; seconds < budget; step++) {
            long start = System.nanoTime();
            if (order == null || step % perEpoch == 0) {
                order = order(views.views().count(), step / perEpoch);
            }
            int[] batch = new int[size];
            System.arraycopy(order, step % perEpoch * size, batch, 0, size);
            double share = seconds / budget;
            double rate = settings.rate() * .5 * (1 + Math.cos(Math.PI * share)) * Math.min(1, (step + 1) / 30.0);
            double loss = net.step(views.views(), batch, rate,
                    Math.min(settings.average(), (step + 1.0) / (step + 10)),
                    new Random(settings.seed() * 1_000_003 + step));
            if (!Double.isFinite(loss)) {
                stopped = "the loss became " + loss + " in step " + (step + 1) + "; the best state before is kept";
                return;
            }
            sum += loss;
            since++;
            seconds += (System.nanoTime() - start) / 1e9;
            progress.step(Math.min(1, seconds / budget), loss);
            if (seconds >= next || seconds >= budget) {
                start = System.nanoTime();
                judge(net, views, step + 1, seconds, sum / since);
                seconds += (System.nanoTime() - start) / 1e9;
                sum = 0;
                since = 0;
                while (next <= seconds) {
                    next += budget / settings.evaluations();
                }
            }
        }
    }

    private int[] order(int count, int epoch) {
        int[] order = new int[count];
        Random random = new Random(31 * settings.seed() + epoch);
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private void judge(Student net, Views views, int steps, double seconds, double loss) throws IOException {
        Student.Judged judged = net.judge(views.held(), views.judge(), views.map().columns());
        double top = points.stream().mapToDouble(TuneReport.Point::ap).max().orElse(Double.NEGATIVE_INFINITY);
        TuneReport.Point point = new TuneReport.Point(steps, seconds, loss, judged.loss(), judged.ap());
        points.add(point);
        if (best == null || judged.ap() > top) {
            best = net.average();
        }
        new TuneState(recipe, steps, seconds, points, net.optimizer(), net.weights(), net.average(), best)
                .write(stateFile);
        progress.judged(point);
    }

    /** Returns whether a state to go on from is there. */
    public static boolean resumable(Path state) {
        return Files.isRegularFile(state);
    }
}
