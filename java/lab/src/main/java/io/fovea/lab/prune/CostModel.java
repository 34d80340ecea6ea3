package io.fovea.lab.prune;

/**
 * Cost of an anchor set: multiply-accumulates and boxes from the head's arithmetic, time from a model that is linear in both,
 * measured once. So a search that looks at time is still deterministic.
 *
 * @param head the head's arithmetic
 * @param nanosPerMac of the head's convolutions
 * @param nanosPerBox of score filter, decoding and suppression
 */
public record CostModel(HeadCost head, double nanosPerMac, double nanosPerBox) {

    /** A cost without a time. */
    public CostModel(HeadCost head) {
        this(head, 0, 0);
    }

    /** Which cost the search weighs average precision against. */
    public enum Axis {
        /** Multiply-accumulates of the head. */
        MACS,
        /** Head rows. */
        BOXES,
        /** Modelled time. */
        TIME
    }

    /** Returns the score of a set with a known average precision. */
    public Score score(AnchorSet kept, double ap) {
        long macs = head.macs(kept);
        long boxes = head.boxes(kept);
        return new Score(ap, macs, boxes, (macs * nanosPerMac + boxes * nanosPerBox) / 1e6);
    }

    /** Returns one cost of a score. */
    public static double cost(Score score, Axis axis) {
        return switch (axis) {
            case MACS -> score.macs();
            case BOXES -> score.boxes();
            case TIME -> score.millis();
        };
    }
}
