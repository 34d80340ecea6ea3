package io.fovea.image;

import java.util.Arrays;

/**
 * Bilinear resampling with a triangle filter that widens when the picture shrinks, as Pillow's {@code Image.resize} with
 * {@code BILINEAR} does on 8-bit pictures: first across, then down, each pass in fixed point with 22 bits after the point and
 * rounded to 8 bits. The results equal Pillow's.
 */
final class Antialias implements Resampler {
    private static final int PRECISION = 22;
    private static final int HALF = 1 << PRECISION - 1;

    private final int width;
    private final int height;
    private final TableCache<Filter> across;
    private final TableCache<Filter> down;

    Antialias(int width, int height) {
        this.width = width;
        this.height = height;
        this.across = new TableCache<>(extent -> Filter.of(extent, width));
        this.down = new TableCache<>(extent -> Filter.of(extent, height));
    }

    /**
     * Per target position: the first source position and the weights times 2^22 of {@code taps} positions from there. Every
     * position has the same number of taps, which keeps the loops' branches predictable; the spare weights are 0.
     */
    record Filter(int[] first, int[] weights, int taps) {
        static Filter of(int in, int out) {
            double scale = in / (double) out;
            double support = Math.max(1, scale);
            int taps = 0;
            for (int i = 0; i < out; i++) {
                double center = (i + 0.5) * scale;
                taps = Math.max(taps, end(center, support, in) - first(center, support));
            }
            var filter = new Filter(new int[out], new int[out * taps], taps);
            double[] weights = new double[taps];
            for (int i = 0; i < out; i++) {
                double center = (i + 0.5) * scale;
                int first = first(center, support);
                int count = end(center, support, in) - first;
                double sum = 0;
                for (int k = 0; k < count; k++) {
                    weights[k] = Math.max(0, 1 - Math.abs((first + k - center + 0.5) * (1 / support)));
                    sum += weights[k];
                }
                filter.first[i] = Math.min(first, in - taps);
                int shift = i * taps + first - filter.first[i];
                for (int k = 0; k < count; k++) {
                    filter.weights[shift + k] = (int) (0.5 + weights[k] / sum * (1 << PRECISION));
                }
            }
            return filter;
        }

        private static int first(double center, double support) {
            return Math.max(0, (int) (center - support + 0.5));
        }

        private static int end(double center, double support, int in) {
            return Math.min(in, (int) (center + support + 0.5));
        }
    }

    @Override
    public Rows rows(Image image, Rows reused) {
        Filter filter = down.get(image.height());
        var rows = reused instanceof AntialiasRows known && known.ring.length >= filter.taps
                ? known
                : new AntialiasRows(width, filter.taps);
        rows.start(image, across.get(image.width()), filter);
        return rows;
    }

    private static final class AntialiasRows implements Rows {
        private final int width;
        /** The latest source rows after the pass across; source row s is at s modulo the length. */
        private final int[][] ring;
        private final int[] sums;
        private int next;
        private byte[] pixels;
        private int sourceWidth;
        private int stride;
        /** The source row at hand: red below, green above bit 32. */
        private long[] redGreen = {};
        private int[] blue = {};
        private Filter across;
        private Filter down;

        AntialiasRows(int width, int taps) {
            this.width = width;
            this.ring = new int[taps][3 * width];
            this.sums = new int[3 * width];
        }

        void start(Image image, Filter across, Filter down) {
            this.pixels = image.packed();
            this.sourceWidth = image.width();
            this.stride = 3 * sourceWidth;
            this.across = across;
            this.down = down;
            this.next = 0;
            if (redGreen.length < sourceWidth) {
                redGreen = new long[sourceWidth];
                blue = new int[sourceWidth];
            }
        }

        @Override
        public void row(int y, float[] target) {
            int first = down.first[y];
            int end = first + down.taps;
            for (next = Math.max(next, first); next < end; next++) {
                stretch(next, ring[next % ring.length]);
            }
            Arrays.fill(sums, HALF);
            for (int s = first, w = y * down.taps; s < end; s++, w++) {
                add(ring[s % ring.length], down.weights[w], sums);
            }
            finish(sums, target);
        }

        private static void add(int[] row, int weight, int[] sums) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += row[i] * weight;
            }
        }

        private static void finish(int[] sums, float[] target) {
            for (int i = 0; i < target.length; i++) {
                target[i] = Math.max(0, Math.min(255, sums[i] >> PRECISION));
            }
        }

        /**
         * The pass across one source row. Red and green share a long: no sum reaches 2^31, so the lower half never carries.
         */
        private void stretch(int sourceRow, int[] target) {
            spread(sourceRow);
            long[] twos = redGreen;
            int[] ones = blue;
            int[] weights = across.weights;
            int taps = across.taps;
            for (int x = 0, t = 0; x < width; x++, t += 3) {
                long two = HALF | (long) HALF << 32;
                int one = HALF;
                int at = across.first[x];
                for (int k = 0; k < taps; k++) {
                    int weight = weights[x * taps + k];
                    two += twos[at + k] * weight;
                    one += ones[at + k] * weight;
                }
                target[t] = clamp((int) two);
                target[t + 1] = clamp((int) (two >> 32));
                target[t + 2] = clamp(one);
            }
        }

        private void spread(int sourceRow) {
            byte[] p = pixels;
            int at = sourceRow * stride;
            for (int x = 0; x < sourceWidth; x++, at += 3) {
                redGreen[x] = p[at] & 0xFF | (long) (p[at + 1] & 0xFF) << 32;
                blue[x] = p[at + 2] & 0xFF;
            }
        }

        private static int clamp(int sum) {
            return Math.max(0, Math.min(255, sum >> PRECISION));
        }

        @Override
        public void release() {
            pixels = null;
        }
    }
}
