package io.fovea.bench;

import io.fovea.image.Image;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Makes a fixed camera's frames look as from a hand: a window that wanders over them by up to so many pixels a frame. */
final class Shake {
    private static final int MARGIN = 16;
    private final int most;
    private final Random random = new Random(7);
    private int x = MARGIN;
    private int y = MARGIN;

    Shake(int most) {
        this.most = most;
    }

    /** Returns the window of the next frame; the frame itself when nothing shakes. */
    Image next(Image frame) {
        if (most == 0) {
            return frame;
        }
        x = Math.clamp(x + random.nextInt(2 * most + 1) - most, 0, 2 * MARGIN);
        y = Math.clamp(y + random.nextInt(2 * most + 1) - most, 0, 2 * MARGIN);
        int width = frame.width() - 2 * MARGIN;
        int height = frame.height() - 2 * MARGIN;
        MemorySegment pixels = frame.pixels();
        byte[] window = new byte[3 * width * height];
        for (int row = 0; row < height; row++) {
            MemorySegment.copy(pixels, ValueLayout.JAVA_BYTE, 3L * ((y + row) * frame.width() + x), window,
                    3 * width * row, 3 * width);
        }
        return Image.ofRgb(window, width, height, 3 * width);
    }
}
