package io.fovea.image;

/**
 * Bilinear interpolation between the four nearest pixels, in float, nothing rounded. Two ways to place the samples:
 * <ul>
 * <li>half-pixel centres, {@code source = (target + 1/2) * in / out - 1/2}: OpenCV INTER_LINEAR, PyTorch
 * {@code interpolate(mode="bilinear", align_corners=False)};
 * <li>asymmetric, {@code source = target * in / out}: TensorFlow 1 ResizeBilinear with its defaults.
 * </ul>
 * Samples outside read the edge pixel.
 */
final class Bilinear implements Resampler {
    private static final PixelLerp LERP = PixelLerp.best();
    private final int width;
    private final int height;
    private final TableCache<Axis> across;
    private final TableCache<Axis> down;

    Bilinear(int width, int height, boolean halfPixel) {
        this.width = width;
        this.height = height;
        this.across = new TableCache<>(extent -> Axis.of(extent, width, halfPixel));
        this.down = new TableCache<>(extent -> Axis.of(extent, height, halfPixel));
    }

    /** Per target position: the two source positions and the share of the second. */
    record Axis(int[] low, int[] high, float[] share) {
        static Axis of(int in, int out, boolean halfPixel) {
            int[] low = new int[out];
            int[] high = new int[out];
            float[] share = new float[out];
            // TensorFlow computes positions in float, and with equal weights a last bit decides which pixel is read.
            float floatScale = in / (float) out;
            double scale = in / (double) out;
            for (int i = 0; i < out; i++) {
                double at = halfPixel ? (i + 0.5) * scale - 0.5 : i * floatScale;
                at = Math.clamp(at, 0, in - 1);
                low[i] = (int) at;
                high[i] = Math.min(low[i] + 1, in - 1);
                share[i] = (float) (at - low[i]);
            }
            return new Axis(low, high, share);
        }
    }

    @Override
    public Rows rows(Image image, Rows reused) {
        var rows = reused == null ? new BilinearRows(width) : (BilinearRows) reused;
        rows.start(image, across.get(image.width()), down.get(image.height()));
        return rows;
    }

    private static final class BilinearRows implements Rows {
        private final int width;
        private float[] top;
        private float[] bottom;
        private int topAt;
        private int bottomAt;
        private byte[] pixels;
        private int stride;
        private Axis across;
        private Axis down;

        BilinearRows(int width) {
            this.width = width;
            this.top = new float[3 * width];
            this.bottom = new float[3 * width];
        }

        void start(Image image, Axis across, Axis down) {
            this.pixels = image.packed();
            this.stride = 3 * image.width();
            this.across = across;
            this.down = down;
            this.topAt = -1;
            this.bottomAt = -1;
        }

        @Override
        public void row(int y, float[] target) {
            int low = down.low[y];
            int high = down.high[y];
            float share = down.share[y];
            if (low == bottomAt) {
                float[] t = top;
                top = bottom;
                bottom = t;
                bottomAt = topAt;
                topAt = low;
            }
            if (low != topAt) {
                stretch(low, top);
                topAt = low;
            }
            if (share == 0) {
                System.arraycopy(top, 0, target, 0, target.length);
                return;
            }
            if (high != bottomAt) {
                stretch(high, bottom);
                bottomAt = high;
            }
            blend(top, bottom, share, target);
        }

        private static void blend(float[] top, float[] bottom, float share, float[] target) {
            for (int i = 0; i < target.length; i++) {
                target[i] = top[i] + (bottom[i] - top[i]) * share;
            }
        }

        private void stretch(int sourceRow, float[] target) {
            LERP.across(pixels, sourceRow * stride, across, 0, width, target);
        }

        @Override
        public void release() {
            pixels = null;
        }
    }
}
