package io.fovea.train.tune;

/**
 * What the student is to say to one view.
 *
 * @param scores {@code [student's rows][student's columns]}
 * @param boxes {@code [student's rows][5]}: the box in the row's code, and how much it weighs
 */
record Targets(float[] scores, float[] boxes) {}
