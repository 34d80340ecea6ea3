package io.fovea.lab.calibrate;

import io.fovea.format.Calibration;
import io.fovea.lab.data.Problems;
import java.util.List;

/**
 * A calibration and how it came about.
 *
 * @param calibration what goes into the model file
 * @param settings how it was made
 * @param trainingPhotos photos learnt from
 * @param heldOutPhotos photos that set the thresholds
 * @param problems photos that could not be read
 * @param levels one per level of the head; empty when the head has no levels that can be gated
 * @param denseMacs multiply-accumulates of the net at all sites
 */
public record CalibrationReport(Calibration calibration, CalibrationSettings settings, int trainingPhotos,
        int heldOutPhotos, Problems problems, List<LevelReport> levels, long denseMacs) {

    public CalibrationReport {
        levels = List.copyOf(levels);
    }

    /** Returns executed over dense multiply-accumulates on the held-out photos, with a dense body, the units included. */
    public double executedShare() {
        double macs = denseMacs;
        for (LevelReport level : levels) {
            macs += level.unitMacs() - (1 - level.activeShare()) * level.headMacs();
        }
        return macs / denseMacs;
    }
}
