package io.fovea.lab.eval;

/**
 * What an evaluation found. The arrays are shared, not copied: treat them as read-only.
 *
 * @param figures the twelve figures and AP per category
 * @param precision {@code [10][101]}: precision by IoU threshold (.50:.05:.95) and recall (0:.01:1), mean over the categories that
 * have objects; all 0 when there are none
 */
public record CocoResult(CocoFigures figures, double[][] precision) {}
