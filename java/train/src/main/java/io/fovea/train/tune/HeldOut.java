package io.fovea.train.tune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.head.Candidates;
import io.fovea.head.Nms;
import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import io.fovea.lab.eval.CocoEvaluator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The photos that choose the best state: COCO's AP against the objects known in them, or, when too few are known, against what the
 * teacher finds. Boxes are in pixels of the net's input, which overlap as those in the photo do. Not thread-safe.
 */
final class HeldOut {
    /** With fewer photos whose objects are known, the teacher is the judge. */
    static final int LEAST_KNOWN = 30;
    private static final float LEAST_SCORE = .01f;
    /** Detections of the teacher above count as objects where it is the judge. */
    private static final float OBJECT = .3f;

    private final DetectorSpec teacher;
    private final int threads;
    private final boolean known;
    private final List<Photo> photos = new ArrayList<>();
    private final Set<Integer> used = new HashSet<>();
    private final Candidates candidates = new Candidates();
    private final Nms nms = new Nms();

    /**
     * Starts with no photo.
     *
     * @param known whether objects are known, and only photos where they are will be added
     */
    HeldOut(DetectorSpec teacher, boolean known, int threads) {
        this.teacher = teacher;
        this.known = known;
        this.threads = threads;
    }

    /** Returns whether known objects are the judge. */
    boolean known() {
        return known;
    }

    int photos() {
        return photos.size();
    }

    /** Returns the number of objects. */
    int objects() {
        return photos.stream().mapToInt(p -> p.truths().size()).sum();
    }

    /** Adds a photo with its known objects, or with what the teacher says. */
    void add(Answer answer, List<Known> objects) {
        List<Truth> truths = new ArrayList<>();
        if (known) {
            objects.forEach(o -> truths.add(truth(o.column(), o.box(), 0, o.crowd())));
        } else {
            answer.collect(teacher.backgroundIndex(), OBJECT, candidates);
            int count = suppress(teacher);
            for (int i = 0; i < count; i++) {
                truths.add(truth(candidates.classId(nms.kept(i)), candidates.boxes(), 4 * nms.kept(i), false));
            }
        }
        truths.forEach(t -> used.add(t.category()));
        photos.add(new Photo(photos.size(), "", 0, 0, truths));
    }

    private Truth truth(int column, float[] box, int at, boolean crowd) {
        double left = Math.clamp(box[at], 0, teacher.input().width());
        double top = Math.clamp(box[at + 1], 0, teacher.input().height());
        double w = Math.clamp(box[at + 2], 0, teacher.input().width()) - left;
        double h = Math.clamp(box[at + 3], 0, teacher.input().height()) - top;
        return new Truth(0, column, left, top, w, h, w * h, crowd, false);
    }

    /** Returns what suppression leaves of an answer, under the teacher's column numbers. */
    PhotoDetections detections(int photo, Answer answer, DetectorSpec spec, int[] columns) {
        answer.collect(spec.backgroundIndex(), LEAST_SCORE, candidates);
        int count = suppress(spec);
        int[] categories = new int[count];
        double[] scores = new double[count];
        double[] boxes = new double[4 * count];
        for (int i = 0; i < count; i++) {
            int c = nms.kept(i);
            float[] b = candidates.boxes();
            categories[i] = columns == null ? candidates.classId(c) : columns[candidates.classId(c)];
            scores[i] = candidates.score(c);
            float left = Math.clamp(b[4 * c], 0, spec.input().width());
            float top = Math.clamp(b[4 * c + 1], 0, spec.input().height());
            boxes[4 * i] = left;
            boxes[4 * i + 1] = top;
            boxes[4 * i + 2] = Math.clamp(b[4 * c + 2], 0, spec.input().width()) - left;
            boxes[4 * i + 3] = Math.clamp(b[4 * c + 3], 0, spec.input().height()) - top;
        }
        return new PhotoDetections(photo, categories, scores, boxes);
    }

    private int suppress(DetectorSpec spec) {
        NmsSpec n = spec.nms();
        return nms.run(candidates, spec.classes().size(), false, n.iouThreshold(), n.maxPerClass(), n.maxDetections());
    }

    /** Returns AP, -1 when there is no object. */
    double judge(List<PhotoDetections> found) {
        List<Category> categories = used.stream().sorted().map(c -> new Category(c, teacher.classes().get(c))).toList();
        Dataset data = new Dataset("held out", categories, photos, new Problems());
        return CocoEvaluator.evaluate(data, found, threads).figures().ap();
    }
}
