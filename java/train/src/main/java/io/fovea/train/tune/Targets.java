package io.fovea.train.tune;

/**
 * What the student is to say to one view.
 *
 * @param scores {@code [student's rows][student's columns]}
 * @param boxes {@code [student's rows][5]}: the box in the row's code, and how much it weighs; {@link #ABSENT} for a row that a gate leaves
 * out
 */
record Targets(float[] scores, float[] boxes) {
    /** Weight of a row that is not computed: it says nothing and learns nothing. */
    static final float ABSENT = -1;
}
