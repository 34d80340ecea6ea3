package io.fovea.lab.calibrate;

/**
 * How the head gate of one level came out.
 *
 * @param input name of the value that the unit reads
 * @param sites sites of the map
 * @param channels channels that the unit reads
 * @param trainingSites sites of the training photos
 * @param positives of them those with a row above the label
 * @param sampled sites that were learnt from
 * @param rows rows of the held-out photos that score above what must be kept
 * @param keptRows of them those at active sites
 * @param activeShare share of active sites in the held-out photos, 0..1
 * @param threshold on the raw side
 * @param headMacs multiply-accumulates of the level's head at all sites
 * @param unitMacs multiply-accumulates of the unit
 * @param note why every site is kept, or empty
 */
public record LevelReport(String input, int sites, int channels, long trainingSites, long positives, int sampled,
        int rows, int keptRows, double activeShare, float threshold, long headMacs, long unitMacs, String note) {

    /** Returns the share of rows that stay, 1 when there are none. */
    public double keptShare() {
        return rows == 0 ? 1 : (double) keptRows / rows;
    }
}
