package io.fovea.gate;

import io.fovea.sites.Mask;
import java.util.Arrays;

/**
 * How far the camera has moved since the last key frame. The gradient of the key frame's brightness explains the difference to a later
 * frame by one translation, by least squares over the blocks of cells that were not computed since (Lucas and Kanade, 1981, one step over the
 * whole picture); a change of light that is the same everywhere is an intercept and takes no part. What moved by itself was computed, so it does
 * not count. Belongs to one stream; not thread-safe.
 */
final class CameraShift {
    private static final int CHANNELS = 3;
    /** Fewer blocks than this say nothing. */
    private static final int LEAST_BLOCKS = 64;
    /** A shift counts when it is so many standard errors. */
    private static final double SURE = 4;

    private final int rows;
    private final int columns;
    private final int blocksPerCell;
    private final int cellColumns;
    private final float[] key;
    private final float[] across;
    private final float[] down;
    private final boolean[] computed;

    /**
     * Makes a gauge.
     *
     * @param rows rows of blocks of a pooled frame
     * @param columns columns of blocks
     * @param blocksPerCell blocks along a cell's side
     */
    CameraShift(int rows, int columns, int blocksPerCell) {
        this.rows = rows;
        this.columns = columns;
        this.blocksPerCell = blocksPerCell;
        this.cellColumns = (columns + blocksPerCell - 1) / blocksPerCell;
        this.key = new float[rows * columns];
        this.across = new float[rows * columns];
        this.down = new float[rows * columns];
        this.computed = new boolean[cellColumns * ((rows + blocksPerCell - 1) / blocksPerCell)];
    }

    /** Begins anew with a key frame, pooled. */
    void begin(float[] frame) {
        for (int i = 0; i < key.length; i++) {
            key[i] = brightness(frame, i);
        }
        for (int r = 1; r < rows - 1; r++) {
            for (int i = r * columns + 1; i < (r + 1) * columns - 1; i++) {
                across[i] = (key[i + 1] - key[i - 1]) / 2;
                down[i] = (key[i + columns] - key[i - columns]) / 2;
            }
        }
        Arrays.fill(computed, false);
    }

    /** Says that the cells of a mask were computed since: they no longer show the key frame. */
    void computed(Mask mask) {
        for (int r = 0; r < mask.rows(); r++) {
            for (int c = 0; c < mask.columns(); c++) {
                computed[r * cellColumns + c] |= mask.get(r, c);
            }
        }
    }

    private static float brightness(float[] frame, int block) {
        int i = CHANNELS * block;
        return (frame[i] + frame[i + 1] + frame[i + 2]) / CHANNELS;
    }

    /**
     * Returns the length of the shift, in blocks; 0 when the picture is too plain or too busy to tell, or the shift is no larger than noise
     * makes it.
     *
     * @param frame pooled frame
     * @param changed cells that changed just now
     */
    double of(float[] frame, boolean[] changed) {
        double n = 0;
        double x = 0;
        double y = 0;
        double t = 0;
        double xx = 0;
        double xy = 0;
        double yy = 0;
        double xt = 0;
        double yt = 0;
        double tt = 0;
        for (int r = 1; r < rows - 1; r++) {
            int cellRow = r / blocksPerCell * cellColumns;
            for (int c = 1; c < columns - 1; c++) {
                int cell = cellRow + c / blocksPerCell;
                if (computed[cell] || changed[cell]) {
                    continue;
                }
                int i = r * columns + c;
                double gx = across[i];
                double gy = down[i];
                double d = key[i] - brightness(frame, i);
                n++;
                x += gx;
                y += gy;
                t += d;
                xx += gx * gx;
                xy += gx * gy;
                yy += gy * gy;
                xt += gx * d;
                yt += gy * d;
                tt += d * d;
            }
        }
        if (n < LEAST_BLOCKS) {
            return 0;
        }
        xx -= x * x / n;
        xy -= x * y / n;
        yy -= y * y / n;
        xt -= x * t / n;
        yt -= y * t / n;
        tt -= t * t / n;
        double determinant = xx * yy - xy * xy;
        if (!(determinant > 1e-6 * xx * yy)) {
            return 0;
        }
        double dx = (yy * xt - xy * yt) / determinant;
        double dy = (xx * yt - xy * xt) / determinant;
        double rest = Math.max(0, tt - dx * xt - dy * yt) / n;
        double error = Math.sqrt(rest * (xx + yy) / determinant);
        double length = Math.hypot(dx, dy);
        return length > SURE * error ? length : 0;
    }
}
