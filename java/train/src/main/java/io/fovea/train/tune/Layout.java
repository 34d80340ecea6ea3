package io.fovea.train.tune;

import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.plan.HeadLevel;
import io.fovea.train.tune.TuneSettings.Layers;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What is kept of a view, part by part: first what the trained part reads, then the targets of scores and boxes, then what learning under masks
 * needs.
 *
 * @param values what the trained part reads
 * @param features values that the heads' branches start from, of which the teacher's are kept as targets; empty when they teach nothing
 * @param lengths values of each part
 * @param isMasked whether masks are made while learning, so that the small picture and the gate's logits are kept
 */
record Layout(List<String> values, List<String> features, int[] lengths, boolean isMasked) {

    /**
     * Lays out.
     *
     * @param cut where the student is cut
     * @param gate under which everything learns, or null
     */
    static Layout of(Model student, Cut cut, GateModel gate, TuneSettings settings) {
        boolean masked = gate != null && settings.layers() == Layers.ALL;
        List<String> features = settings.featureWeight() > 0 ? features(student) : List.of();
        List<Integer> lengths = new ArrayList<>();
        cut.values().forEach(v -> lengths.add(student.graph().shape(v).values()));
        lengths.add(student.spec().rows() * student.spec().classes().size());
        lengths.add(student.spec().rows() * 5);
        features.forEach(v -> lengths.add(student.graph().shape(v).values()));
        if (masked) {
            GateLoop.Look look = GateLoop.size(student, gate);
            lengths.add(look.picture().length);
            lengths.add(look.logits().length);
        }
        return new Layout(cut.values(), features, lengths.stream().mapToInt(Integer::intValue).toArray(), masked);
    }

    private static List<String> features(Model student) {
        return List.copyOf(new LinkedHashSet<>(HeadLevel
                .of(student.graph(), student.spec().boxesOutput(), student.spec().scoresOutput()).stream()
                .map(HeadLevel::input).toList()));
    }

    /** Returns the part with the targets of the scores. */
    int scores() {
        return values.size();
    }

    /** Returns the part with the targets of the boxes. */
    int boxes() {
        return values.size() + 1;
    }

    /** Returns the part with a feature's target. */
    int feature(int index) {
        return values.size() + 2 + index;
    }

    /** Returns the part with the small copy of the picture. */
    int picture() {
        return lengths.length - 2;
    }

    /** Returns the part with the gate's logits. */
    int logits() {
        return lengths.length - 1;
    }
}
