package io.fovea.lab.calibrate;

/**
 * How a detector is calibrated.
 *
 * @param label a site is an example of something when one of its rows scores above, in (0, 1)
 * @param keepAbove rows scoring above are those that the head gate must not lose, in (0, 1)
 * @param keepShare share of those rows that stays on held-out photos, in (0, 1]
 * @param heldOut share of the photos that sets thresholds and is not learnt from, in (0, 1)
 * @param maxSites sites that are kept to learn from, per level; see {@link SiteSample}
 * @param seed of every random choice
 * @param threads threads of the net, 0 for as many as there are processors
 * @param kernels kernel tier, {@code auto} for the best
 */
public record CalibrationSettings(double label, double keepAbove, double keepShare, double heldOut, int maxSites,
        long seed, int threads, String kernels) {

    /**
     * Of the rows above .2, 99.8 % stay; label .1; a fifth of the photos held out; 200,000 sites a level. On SSDLite and COCO photos
     * this label kept 22 % of the sites of the two fine maps for those rows; .05 kept 34 % and 46 %, .2 kept 25 % and 28 %.
     */
    public static final CalibrationSettings DEFAULT = new CalibrationSettings(.1, .2, .998, .2, 200_000, 1, 1, "auto");

    public CalibrationSettings {
        within("label", label, false);
        within("keep above", keepAbove, false);
        within("keep share", keepShare, true);
        within("held-out share", heldOut, false);
        if (maxSites < 1) {
            throw new IllegalArgumentException("max sites: " + maxSites + " is below 1");
        }
    }

    private static void within(String name, double value, boolean one) {
        if (!(value > 0 && (value < 1 || one && value == 1))) {
            throw new IllegalArgumentException(name + ": " + value + " is not between 0 and 1");
        }
    }

    /** Returns the settings with another score of the rows to keep, and half of it as the label. */
    public CalibrationSettings withKeepAbove(double value) {
        return new CalibrationSettings(value / 2, value, keepShare, heldOut, maxSites, seed, threads, kernels);
    }

    /** Returns the settings with another seed. */
    public CalibrationSettings withSeed(long value) {
        return new CalibrationSettings(label, keepAbove, keepShare, heldOut, maxSites, value, threads, kernels);
    }

    /** Returns the settings with other threads and kernels. */
    public CalibrationSettings with(int count, String tier) {
        return new CalibrationSettings(label, keepAbove, keepShare, heldOut, maxSites, seed, count, tier);
    }
}
