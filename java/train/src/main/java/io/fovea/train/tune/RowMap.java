package io.fovea.train.tune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.ModelFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which head row and score column of the teacher each of the student's stands for: the same anchor at the same site, the same label.
 *
 * @param rows {@code [student's rows]}: row of the teacher
 * @param columns {@code [student's columns]}: column of the teacher
 * @param mirror {@code [teacher's rows]}: row of the same anchor at the site mirrored left to right
 */
record RowMap(int[] rows, int[] columns, int[] mirror) {

    /**
     * Maps.
     *
     * @throws ModelFormatException if the student has a map, an anchor or a class that the teacher lacks
     */
    static RowMap of(DetectorSpec student, DetectorSpec teacher) {
        if (!student.boxCoding().equals(teacher.boxCoding())
                || student.scoreActivation() != teacher.scoreActivation()
                || student.input().width() != teacher.input().width()
                || student.input().height() != teacher.input().height()) {
            throw new ModelFormatException(
                    "the teacher codes boxes, scores or its input in another way than the student");
        }
        if (student.featureMaps().size() != teacher.featureMaps().size()) {
            throw new ModelFormatException(
                    "the student has " + student.featureMaps().size() + " feature maps, the teacher "
                            + teacher.featureMaps().size());
        }
        int[] rows = new int[student.rows()];
        int at = 0;
        int first = 0;
        for (int l = 0; l < student.featureMaps().size(); l++) {
            FeatureMap own = student.featureMaps().get(l);
            FeatureMap other = teacher.featureMaps().get(l);
            if (own.height() != other.height() || own.width() != other.width()) {
                throw new ModelFormatException("feature map " + (l + 1) + " has other sizes in student and teacher");
            }
            int wide = other.anchors().size();
            int[] anchors = anchors(own, other, l);
            for (int site = 0; site < own.height() * own.width(); site++) {
                for (int a : anchors) {
                    rows[at++] = first + site * wide + a;
                }
            }
            first += other.rows();
        }
        return new RowMap(rows, columns(student, teacher), mirror(teacher));
    }

    private static int[] anchors(FeatureMap own, FeatureMap other, int level) {
        int[] found = new int[own.anchors().size()];
        for (int a = 0; a < found.length; a++) {
            found[a] = other.anchors().indexOf(own.anchors().get(a));
            if (found[a] < 0) {
                throw new ModelFormatException("the teacher has no anchor of " + own.anchors().get(a).width() + "x"
                        + own.anchors().get(a).height() + " on feature map " + (level + 1));
            }
        }
        return found;
    }

    private static int[] columns(DetectorSpec student, DetectorSpec teacher) {
        List<String> left = new ArrayList<>(teacher.classes());
        int[] columns = new int[student.classes().size()];
        for (int c = 0; c < columns.length; c++) {
            columns[c] = left.indexOf(student.classes().get(c));
            if (columns[c] < 0) {
                throw new ModelFormatException("the teacher has no class '" + student.classes().get(c) + "'");
            }
            left.set(columns[c], null);
        }
        return columns;
    }

    private static int[] mirror(DetectorSpec spec) {
        int[] mirror = new int[spec.rows()];
        int first = 0;
        for (FeatureMap map : spec.featureMaps()) {
            int n = map.anchors().size();
            for (int i = 0; i < map.rows(); i++) {
                int x = i / n % map.width();
                mirror[first + i] = first + i + (map.width() - 1 - 2 * x) * n;
            }
            first += map.rows();
        }
        return mirror;
    }

    /** Returns for each row of the teacher the student's row that stands for it, or -1. */
    int[] inverse() {
        int[] inverse = new int[mirror.length];
        Arrays.fill(inverse, -1);
        for (int k = 0; k < rows.length; k++) {
            inverse[rows[k]] = k;
        }
        return inverse;
    }
}
