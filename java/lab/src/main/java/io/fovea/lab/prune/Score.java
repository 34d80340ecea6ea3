package io.fovea.lab.prune;

/**
 * What an anchor set is judged by.
 *
 * @param ap COCO average precision on the search photos, the larger the better
 * @param macs multiply-accumulates of the head
 * @param boxes head rows
 * @param millis modelled time of head and non-maximum suppression, 0 when not measured
 */
public record Score(double ap, long macs, long boxes, double millis) {

    /** Returns whether this is at least as good in everything and better in something; equal scores dominate neither way. */
    public boolean dominates(Score other) {
        return noWorse(other) && !sameAs(other);
    }

    /** Returns whether this is at least as good in everything. */
    public boolean noWorse(Score other) {
        return ap >= other.ap && macs <= other.macs && boxes <= other.boxes && millis <= other.millis;
    }

    /** Returns whether all values are equal. */
    public boolean sameAs(Score other) {
        return ap == other.ap && macs == other.macs && boxes == other.boxes && millis == other.millis;
    }
}
