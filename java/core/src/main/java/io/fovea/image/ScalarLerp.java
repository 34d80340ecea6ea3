package io.fovea.image;

/** The oracle, sample by sample. */
final class ScalarLerp implements PixelLerp {

    @Override
    public void across(byte[] rgb, int start, Bilinear.Axis axis, int from, int to, float[] target) {
        int[] lows = axis.low();
        int[] highs = axis.high();
        float[] shares = axis.share();
        for (int x = from, t = 3 * from; x < to; x++, t += 3) {
            int a = start + 3 * lows[x];
            int b = start + 3 * highs[x];
            float share = shares[x];
            float red = rgb[a] & 0xFF;
            float green = rgb[a + 1] & 0xFF;
            float blue = rgb[a + 2] & 0xFF;
            target[t] = red + ((rgb[b] & 0xFF) - red) * share;
            target[t + 1] = green + ((rgb[b + 1] & 0xFF) - green) * share;
            target[t + 2] = blue + ((rgb[b + 2] & 0xFF) - blue) * share;
        }
    }
}
