package io.fovea.train.tune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Graph;
import io.fovea.image.Image;
import io.fovea.image.ImageException;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import io.fovea.lab.eval.Parallel;
import io.fovea.run.SessionOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Runs teacher and student's fixed part over all photos once and keeps what training needs: a file of views to learn from, a file of
 * held-out ones, and what the held-out photos show.
 */
final class Views implements AutoCloseable {
    private static final int CHUNK = 16;

    private final Model student;
    private final Model teacher;
    private final TuneSettings settings;
    private final GateModel gate;
    private final Cut cut;
    private final Layout layout;
    private final RowMap map;
    private final Problems problems;
    private final List<TunePhoto> training;
    private final List<TunePhoto> heldPhotos;
    private final ThreadLocal<TargetMaker> makers;
    private final List<TargetMaker> allMakers = Collections.synchronizedList(new ArrayList<>());
    private final List<PhotoDetections> plain = new ArrayList<>();
    private final List<PhotoDetections> averaged = new ArrayList<>();
    private final HeldOut judge;
    private ViewFile views;
    private ViewFile held;

    /** What was seen of one photo. */
    private record Seen(View view, View mirrored, Answer answer, Answer plain, List<Known> known) {}

    /** What is learnt from one view: values of the student and of the teacher, targets, and what masks are made of, or null. */
    private record View(Map<String, float[]> values, Map<String, float[]> teacher, Targets targets,
            GateLoop.Look look) {}

    private Views(Model student, Model teacher, GateModel gate, TuneSettings settings, List<TunePhoto> photos,
            Problems problems) {
        this.gate = gate;
        this.student = student;
        this.teacher = teacher;
        this.settings = settings;
        this.problems = problems;
        cut = Cut.of(student, settings.layers(), settings.fixed());
        layout = Layout.of(student, cut, gate, settings);
        map = RowMap.of(student.spec(), teacher.spec());
        makers = ThreadLocal.withInitial(() -> {
            TargetMaker made = new TargetMaker(student.spec(), teacher.spec(), map);
            allMakers.add(made);
            return made;
        });
        List<TunePhoto> shuffled = new ArrayList<>(photos);
        Collections.shuffle(shuffled, new Random(settings.seed()));
        List<TunePhoto> known = shuffled.stream().filter(p -> p.truths() != null && !p.truths().isEmpty()).toList();
        boolean byKnown = known.size() >= HeldOut.LEAST_KNOWN;
        List<TunePhoto> from = byKnown ? known : shuffled;
        int count = Math.min(settings.holdout(), byKnown ? from.size() : Math.max(1, from.size() / 2));
        heldPhotos = List.copyOf(from.subList(0, count));
        training = new ArrayList<>(shuffled);
        training.removeAll(heldPhotos);
        judge = new HeldOut(teacher.spec(), byKnown, settings.threads());
    }

    /**
     * Sees all photos.
     *
     * @param gate under which the student computes, or null for all of every photo
     * @param identity what the photos and models are; views of the same are taken from the files as they are
     * @param file of the views to learn from; that of the held-out ones stands beside it
     * @throws DataException if no photo, or only one, can be read
     */
    static Views see(Model student, Model teacher, GateModel gate, TuneSettings settings, List<TunePhoto> photos,
            String identity,
            Path file,
            Problems problems, Runnable step) throws IOException {
        if (photos.size() < 2) {
            throw new DataException("tuning needs at least two photos, there are " + photos.size());
        }
        Views all = new Views(student, teacher, gate, settings, photos, problems);
        try {
            all.collect(identity, file, step);
        } catch (IOException | RuntimeException e) {
            all.close();
            if (all.held != null) {
                all.held.remove();
            }
            if (all.views != null && !all.views.isFinished()) {
                all.views.remove();
            }
            throw e;
        }
        return all;
    }

    private void collect(String identity, Path file, Runnable step) throws IOException {
        boolean shared = (gate == null || layout.isMasked()) && cut.sharedWith(student.graph(), teacher.graph());
        SessionOptions options = new SessionOptions(1, settings.kernels());
        List<String> wanted = new ArrayList<>(layout.features());
        if (shared) {
            wanted.addAll(cut.values());
        }
        checkFeatures();
        try (GateLoop loop = gate == null
                ? null
                : GateLoop.open(student, gate, settings.masks().threshold(), settings.kernels());
                Runner ofTeacher = new Runner(teacher, wanted, null, options);
                Runner ofStudent = shared
                        ? null
                        : new Runner(student, cut.values(), layout.isMasked() ? null : loop, options)) {
            Eyes eyes = new Eyes(ofTeacher, ofStudent, layout.isMasked() ? loop : null);
            held = ViewFile.create(file.resolveSibling(file.getFileName() + ".held"), layout.lengths());
            pass(heldPhotos, eyes, (seen) -> {
                held.add(record(seen.view()));
                judge.add(seen.answer(), seen.known());
                plain.add(judge.detections(plain.size(), seen.plain(), teacher.spec(), null));
                averaged.add(judge.detections(averaged.size(), seen.answer(), teacher.spec(), null));
            }, step);
            held.finish(identity);
            views = ViewFile.open(file, layout.lengths(), identity);
            if (views == null) {
                views = ViewFile.create(file, layout.lengths());
                pass(training, eyes, seen -> {
                    views.add(record(seen.view()));
                    if (seen.mirrored() != null) {
                        views.add(record(seen.mirrored()));
                    }
                }, step);
                views.finish(identity);
            }
        }
        if (views.count() == 0 || held.count() == 0) {
            throw new DataException("no photo to tune on can be read: " + String.join("; ", problems.lines()));
        }
    }

    /** What looks at photos: the teacher, the student unless it sees what the teacher sees, and the gate if masks are made later. */
    private record Eyes(Runner teacher, Runner student, GateLoop gate) {}

    private void checkFeatures() {
        for (String feature : layout.features()) {
            Graph other = teacher.graph();
            if (other.writer(feature) == null
                    || other.shape(feature).values() != student.graph().shape(feature).values()) {
                throw new ModelFormatException("the teacher has no value '" + feature
                        + "' of the student's size to learn features from");
            }
        }
        if (settings.featureWeight() > 0 && layout.features().size() != student.spec().featureMaps().size()) {
            throw new ModelFormatException(
                    "features cannot be learnt: the student's head does not read one value per feature map");
        }
    }

    private float[][] record(View view) {
        float[][] parts = new float[layout.lengths().length][];
        for (int i = 0; i < cut.values().size(); i++) {
            parts[i] = view.values().get(cut.values().get(i));
        }
        parts[layout.scores()] = view.targets().scores();
        parts[layout.boxes()] = view.targets().boxes();
        for (int i = 0; i < layout.features().size(); i++) {
            parts[layout.feature(i)] = view.teacher().get(layout.features().get(i));
        }
        if (layout.isMasked()) {
            parts[layout.picture()] = view.look().picture();
            parts[layout.logits()] = view.look().logits();
        }
        return parts;
    }

    /** Takes what was seen of a photo, in the order of the photos. */
    private interface Taker {
        void take(Seen seen) throws IOException;
    }

    private void pass(List<TunePhoto> photos, Eyes eyes, Taker taker, Runnable step) throws IOException {
        for (int first = 0; first < photos.size(); first += CHUNK) {
            List<TunePhoto> chunk = photos.subList(first, Math.min(photos.size(), first + CHUNK));
            Seen[] seen = new Seen[chunk.size()];
            Parallel.forEach(seen.length, settings.threads(), i -> {
                seen[i] = look(chunk.get(i), eyes);
                step.run();
            });
            for (Seen one : seen) {
                if (one != null) {
                    taker.take(one);
                }
            }
        }
    }

    private Seen look(TunePhoto photo, Eyes eyes) {
        Image image;
        try {
            image = Image.read(photo.file());
        } catch (ImageException e) {
            synchronized (problems) {
                problems.add(Files.exists(photo.file()) ? Problems.Kind.PHOTO_UNREADABLE : Problems.Kind.PHOTO_MISSING,
                        e.getMessage());
            }
            return null;
        }
        int width = teacher.spec().input().width();
        List<Known> known = known(photo, image);
        Runner.Result ofPhoto = eyes.teacher().run(image);
        Answer own = answer(ofPhoto.values());
        if (!settings.mirrors()) {
            return new Seen(view(image, ofPhoto, own, settings.plain() ? null : known, eyes), null, own, own, known);
        }
        Image mirror = Runner.mirrored(image);
        Runner.Result ofMirror = eyes.teacher().run(mirror);
        Answer mirrored = answer(ofMirror.values());
        Answer both = own.averaged(mirrored, map.mirror(), width);
        Answer bothMirrored = mirrored.averaged(own, map.mirror(), width);
        List<Known> knownMirrored = known == null ? null : known.stream().map(k -> k.mirrored(width)).toList();
        return settings.plain()
                ? new Seen(view(image, ofPhoto, own, null, eyes), view(mirror, ofMirror, mirrored, null, eyes), both,
                        own,
                        known)
                : new Seen(view(image, ofPhoto, both, known, eyes),
                        view(mirror, ofMirror, bothMirrored, knownMirrored, eyes), both, own, known);
    }

    private View view(Image image, Runner.Result ofTeacher, Answer target, List<Known> known, Eyes eyes) {
        Runner.Result read = eyes.student() == null ? ofTeacher : eyes.student().run(image);
        Targets targets = makers.get().of(target, known, rows(read, eyes.student() != null));
        return new View(read.values(), ofTeacher.values(), targets,
                eyes.gate() == null ? null : eyes.gate().logits(image));
    }

    /** Returns which of the student's rows were computed. */
    private boolean[] rows(Runner.Result read, boolean byStudent) {
        if (byStudent) {
            return read.computed();
        }
        boolean[] all = new boolean[student.spec().rows()];
        Arrays.fill(all, true);
        return all;
    }

    private Answer answer(Map<String, float[]> values) {
        DetectorSpec spec = teacher.spec();
        return Answer.of(spec, values.get(spec.boxesOutput()), values.get(spec.scoresOutput()));
    }

    private List<Known> known(TunePhoto photo, Image image) {
        if (photo.truths() == null) {
            return null;
        }
        float x = (float) teacher.spec().input().width() / image.width();
        float y = (float) teacher.spec().input().height() / image.height();
        List<Known> known = new ArrayList<>();
        for (Truth t : photo.truths()) {
            known.add(new Known(t.category(), new float[]{(float) t.x() * x, (float) t.y() * y,
                    (float) (t.x() + t.width()) * x, (float) (t.y() + t.height()) * y}, t.crowd()));
        }
        return known;
    }

    Cut cut() {
        return cut;
    }

    Layout layout() {
        return layout;
    }

    RowMap map() {
        return map;
    }

    /** Returns the views to learn from. */
    ViewFile views() {
        return views;
    }

    /** Returns the held-out views, in the order of the judge's photos. */
    ViewFile held() {
        return held;
    }

    HeldOut judge() {
        return judge;
    }

    /** Returns the teacher's AP on the held-out photos: as it is, and with the mean of both views. */
    double[] teacherAp() {
        return new double[]{judge.judge(plain), judge.judge(averaged)};
    }

    /** Returns how many detections were handed to other rows, and how many found none. */
    int[] handed() {
        synchronized (allMakers) {
            return new int[]{allMakers.stream().mapToInt(TargetMaker::handed).sum(),
                    allMakers.stream().mapToInt(TargetMaker::lost).sum()};
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (views != null) {
                views.close();
            }
        } finally {
            if (held != null) {
                held.close();
            }
        }
    }
}
