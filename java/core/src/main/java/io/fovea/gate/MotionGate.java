package io.fovea.gate;

import io.fovea.gate.Motion.Key;
import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Says which cells of a fixed camera's frame changed since they were last computed. It compares means of 4x4 pixels of the net's input with
 * those of the pixels that the net saw there last, so slow changes add up until they count. The difference of a cell is the largest over its
 * blocks and channels, less the median difference of the whole picture: a camera that adapts to the light moves nothing, up to a limit.
 * Changes too small for any cell are met as a whole: a light that drifted too far and a camera that moved ({@link CameraShift}) make a key frame.
 *
 * <p>Use: {@link #look} at each frame, then say what is going to be computed by {@link #accept} or {@link #acceptAll}. Belongs to one
 * stream; not thread-safe.
 */
public final class MotionGate {
    private static final int POOL = 4;
    private static final int CHANNELS = 3;

    private final MotionSettings settings;
    private final int height;
    private final int width;
    private final PooledFrame pooled;
    private final int blocksPerCell;
    private final int rows;
    private final int columns;
    private final boolean[] changed;
    private final float[] light = new float[CHANNELS];
    private final NoiseLevel noise = new NoiseLevel();
    private final PixelMemory exact;
    private final CameraShift camera;
    private final int pool;
    private float[] now;
    private float[] before;
    private final float[] reference;
    private boolean started;
    private int sinceKey;

    /**
     * Makes a gate.
     *
     * @param height height of the net's input
     * @param width width of the net's input
     * @param scale what a grey level is multiplied by on its way to the input, one value per channel
     * @param settings when something counts as a change
     */
    public MotionGate(int height, int width, List<Float> scale, MotionSettings settings) {
        this.settings = settings;
        this.height = height;
        this.width = width;
        int cell = settings.cell();
        this.pool = cell % POOL == 0 ? POOL : cell % 2 == 0 ? 2 : 1;
        this.blocksPerCell = cell / pool;
        float[] toGrey = new float[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
            toGrey[c] = 1 / scale.get(c);
        }
        this.pooled = new PooledFrame(height, width, pool, toGrey);
        this.rows = (height + cell - 1) / cell;
        this.columns = (width + cell - 1) / cell;
        this.changed = new boolean[rows * columns];
        this.now = new float[pooled.length()];
        this.before = new float[pooled.length()];
        this.reference = new float[pooled.length()];
        this.exact = settings.threshold() == 0 ? new PixelMemory(height, width, cell) : null;
        this.camera = exact == null && settings.shift() > 0
                ? new CameraShift(pooled.rows, pooled.columns, blocksPerCell)
                : null;
    }

    /** Returns the settings. */
    public MotionSettings settings() {
        return settings;
    }

    /** Forgets everything: the next frame is a key frame. */
    public void reset() {
        started = false;
        noise.reset();
    }

    /**
     * Compares a frame with what was computed last.
     *
     * @param input the net's input: float32, height x width x 3
     */
    public Motion look(MemorySegment input) {
        if (input.byteSize() < 4L * CHANNELS * height * width) {
            throw new IllegalArgumentException("motion gate for an input of " + width + "x" + height + " given "
                    + input.byteSize() + " bytes");
        }
        pooled.pool(input, now);
        if (!started) {
            return key(Key.FIRST, 1, 0);
        }
        double threshold = Math.max(settings.threshold(), settings.noiseFactor() * noise.sigma());
        noise.add(now, before);
        sinceKey++;
        float shift = 0;
        for (int c = 0; c < CHANNELS && exact == null; c++) {
            light[c] = noise.median(now, reference, c);
            shift = Math.max(shift, Math.abs(light[c]));
        }
        boolean drifted = shift > settings.driftShare() * threshold;
        if (drifted) {
            Arrays.fill(light, 0);
        }
        int count = exact != null ? exact.compare(input, changed) : compare((float) threshold);
        double share = (double) count / changed.length;
        if (settings.keyEvery() > 0 && sinceKey >= settings.keyEvery()) {
            return key(Key.PERIOD, share, threshold);
        }
        if (share > settings.cutShare()) {
            return key(Key.CUT, share, threshold);
        }
        if (drifted || moved()) {
            return key(Key.DRIFT, share, threshold);
        }
        Regions.dropSmall(changed, rows, columns, settings.minRegion());
        Mask mask = Mask.of(height, width, settings.cell(), changed)
                .dilate(settings.dilation() * settings.cell());
        return new Motion(mask, Key.NONE, share, noise.sigma(), threshold);
    }

    /** Returns whether the camera has moved too far since the last key frame. */
    private boolean moved() {
        return camera != null && pool * camera.of(now, changed) > settings.shift();
    }

    private Motion key(Key why, double share, double threshold) {
        return new Motion(Mask.uniform(height, width, settings.cell(), true), why, share, noise.sigma(), threshold);
    }

    /** Marks the cells in which a block differs by more than a threshold; returns how many. */
    private int compare(float threshold) {
        Arrays.fill(changed, false);
        int count = 0;
        int i = 0;
        for (int r = 0; r < pooled.rows; r++) {
            int cellRow = r / blocksPerCell * columns;
            for (int c = 0; c < pooled.columns; c++, i += CHANNELS) {
                float difference = Math.max(Math.abs(now[i] - reference[i] - light[0]),
                        Math.max(Math.abs(now[i + 1] - reference[i + 1] - light[1]),
                                Math.abs(now[i + 2] - reference[i + 2] - light[2])));
                if (difference * pooled.weights[r * pooled.columns + c] > threshold) {
                    int cell = cellRow + c / blocksPerCell;
                    count += changed[cell] ? 0 : 1;
                    changed[cell] = true;
                }
            }
        }
        return count;
    }

    /**
     * Says that the cells of a mask are computed from the frame that was looked at last.
     *
     * @param input the frame's input
     * @param mask foreground; may be larger than what {@link #look} asked for
     */
    public void accept(MemorySegment input, Mask mask) {
        if (exact != null) {
            exact.remember(input, mask);
        }
        if (camera != null) {
            camera.computed(mask);
        }
        for (int r = 0; r < pooled.rows; r++) {
            for (int c = 0; c < pooled.columns; c++) {
                if (mask.get(r / blocksPerCell, c / blocksPerCell)) {
                    int at = (r * pooled.columns + c) * CHANNELS;
                    System.arraycopy(now, at, reference, at, CHANNELS);
                }
            }
        }
        seen();
    }

    /**
     * Says that the frame that was looked at last is computed whole: the next period begins.
     *
     * @param input the frame's input
     */
    public void acceptAll(MemorySegment input) {
        if (exact != null) {
            exact.rememberAll(input);
        }
        seen();
        acceptedAll();
    }

    /** Says that the frame that was accepted last turned out to be computed whole. */
    public void acceptedAll() {
        System.arraycopy(before, 0, reference, 0, before.length);
        if (camera != null) {
            camera.begin(before);
        }
        started = true;
        sinceKey = 0;
    }

    private void seen() {
        float[] old = before;
        before = now;
        now = old;
    }
}
