package io.fovea.testing;

import io.fovea.sites.Mask;

/** A mask at one resolution by counting pixels one by one, as {@link io.fovea.sites.MaskPool} documents it. */
public final class PlainPool {
    private PlainPool() {
    }

    /** Returns one flag per site of a map of {@code height x width}, row-major. */
    public static boolean[] flags(Mask mask, int height, int width, double coarseShare) {
        int inputHeight = mask.inputHeight();
        int inputWidth = mask.inputWidth();
        boolean fine = (long) height * mask.cell() >= inputHeight && (long) width * mask.cell() >= inputWidth;
        boolean[] flags = new boolean[height * width];
        for (int i = 0; i < flags.length; i++) {
            int top = start(i / width, inputHeight, height);
            int left = start(i % width, inputWidth, width);
            int bottom = Math.max(top + 1, start(i / width + 1, inputHeight, height));
            int right = Math.max(left + 1, start(i % width + 1, inputWidth, width));
            int foreground = 0;
            for (int y = top; y < bottom; y++) {
                for (int x = left; x < right; x++) {
                    foreground += mask.get(y / mask.cell(), x / mask.cell()) ? 1 : 0;
                }
            }
            flags[i] = foreground > (fine ? 0 : coarseShare * (bottom - top) * (right - left));
        }
        return flags;
    }

    private static int start(int site, int pixels, int sites) {
        return (int) ((long) site * pixels / sites);
    }
}
