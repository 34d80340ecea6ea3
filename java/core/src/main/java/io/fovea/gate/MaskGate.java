package io.fovea.gate;

import io.fovea.image.Image;
import io.fovea.sites.Mask;
import java.awt.image.BufferedImage;

/**
 * A picture of the foreground, stretched over every photo: a cell is foreground when it touches any pixel brighter than half. Immutable,
 * thread-safe.
 */
public final class MaskGate implements Gate {
    private final boolean[] bright;
    private final int width;
    private final int height;
    private final int cell;

    /**
     * Makes a gate.
     *
     * @param picture white (or bright) where objects can be
     * @param cell cell size of the masks in input pixels
     */
    public MaskGate(Image picture, int cell) {
        this.width = picture.width();
        this.height = picture.height();
        this.cell = cell;
        this.bright = new boolean[width * height];
        BufferedImage pixels = picture.toBufferedImage();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = pixels.getRGB(x, y);
                bright[y * width + x] = (rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255) > 3 * 127;
            }
        }
    }

    @Override
    public String name() {
        return "mask picture";
    }

    @Override
    public Mask mask(Image image, int inputHeight, int inputWidth) {
        int rows = (inputHeight + cell - 1) / cell;
        int columns = (inputWidth + cell - 1) / cell;
        boolean[] active = new boolean[rows * columns];
        for (int r = 0; r < rows; r++) {
            int top = (int) ((long) r * cell * height / inputHeight);
            int bottom = (int) Math.min(height, Math.ceilDiv((r + 1L) * cell * height, inputHeight));
            for (int c = 0; c < columns; c++) {
                int left = (int) ((long) c * cell * width / inputWidth);
                int right = (int) Math.min(width, Math.ceilDiv((c + 1L) * cell * width, inputWidth));
                active[r * columns + c] = any(left, top, right, bottom);
            }
        }
        return Mask.of(inputHeight, inputWidth, cell, active);
    }

    private boolean any(int left, int top, int right, int bottom) {
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                if (bright[y * width + x]) {
                    return true;
                }
            }
        }
        return false;
    }
}
