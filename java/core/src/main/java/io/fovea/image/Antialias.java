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
     * Per target position: the first source position, how many there are, and their weights times 2^22, {@code taps} apart.
     */
    record Filter(int[] first, int[] count, int[] weights, int taps) {
        static Filter of(int in, int out) {
            double scale = in / (double) out;
            double support = Math.max(1, scale);
            int taps = 2 * (int) Math.ceil(support) + 1;
            var filter = new Filter(new int[out], new int[out], new int[out * taps], taps);
            double[] weights = new double[taps];
            for (int i = 0; i < out; i++) {
                double center = (i + 0.5) * scale;
                int first = Math.max(0, (int) (center - support + 0.5));
                int count = Math.min(in, (int) (center + support + 0.5)) - first;
                double sum = 0;
                for (int k = 0; k < count; k++) {
                    weights[k] = Math.max(0, 1 - Math.abs((first + k - center + 0.5) * (1 / support)));
                    sum += weights[k];
                }
                filter.first[i] = first;
                filter.count[i] = count;
                for (int k = 0; k < count; k++) {
                    filter.weights[i * taps + k] = (int) (0.5 + weights[k] / sum * (1 << PRECISION));
                }
            }
            return filter;
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
        private int stride;
        private Filter across;
        private Filter down;

        AntialiasRows(int width, int taps) {
            this.width = width;
            this.ring = new int[taps][3 * width];
            this.sums = new int[3 * width];
        }

        void start(Image image, Filter across, Filter down) {
            this.pixels = image.packed();
            this.stride = 3 * image.width();
            this.across = across;
            this.down = down;
            this.next = 0;
        }

        @Override
        public void row(int y, float[] target) {
            int first = down.first[y];
            int end = first + down.count[y];
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

        private void stretch(int sourceRow, int[] target) {
            byte[] p = pixels;
            int[] weights = across.weights;
            int start = sourceRow * stride;
            for (int x = 0, t = 0; x < width; x++, t += 3) {
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                int at = start + 3 * across.first[x];
                int w = x * across.taps;
                for (int end = w + across.count[x]; w < end; w++, at += 3) {
                    int weight = weights[w];
                    red += (p[at] & 0xFF) * weight;
                    green += (p[at + 1] & 0xFF) * weight;
                    blue += (p[at + 2] & 0xFF) * weight;
                }
                target[t] = clamp(red);
                target[t + 1] = clamp(green);
                target[t + 2] = clamp(blue);
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
