package io.fovea.lab.calibrate;

import java.util.Arrays;
import java.util.Random;

/**
 * Logistic regression on a {@link SiteSample}: minimises the weighted mean log loss plus a half of .0001 times the squared
 * weights of standardised features, with {@value #STEPS} steps of Adam (Kingma and Ba, 2015) over shuffled mini-batches and a learning rate that falls to zero.
 * Positives and negatives weigh as much in sum. Standardisation is folded back, so that the unit reads raw features. The same sample and
 * seed give the same unit.
 *
 * @param weights one per channel
 * @param bias added to the sum
 */
record LogisticFit(float[] weights, float bias) {
    private static final int STEPS = 1000;
    private static final int BATCH = 1024;
    private static final double RATE = .003;
    private static final double RIDGE = 1e-4;
    private static final double BETA1 = .9;
    private static final double BETA2 = .999;
    /** A channel that varies less than this is constant. */
    private static final double LEAST_DEVIATION = 1e-6;

    static LogisticFit of(SiteSample sample, long seed) {
        int channels = sample.channels();
        float[] mean = new float[channels];
        float[] inverse = new float[channels];
        standardise(sample, mean, inverse);
        double positiveWeight = sample.size() / (2.0 * sample.positives());
        double negativeWeight = sample.size() / (2.0 * (sample.size() - sample.positives()));
        // The last entry is the bias, whose feature is 1 and which is not shrunk.
        double[] w = new double[channels + 1];
        double[] gradient = new double[channels + 1];
        double[] first = new double[channels + 1];
        double[] second = new double[channels + 1];
        float[] x = new float[channels];
        int[] order = new int[sample.size()];
        Arrays.setAll(order, i -> i);
        Random random = new Random(seed);
        int next = order.length;
        for (int step = 1; step <= STEPS; step++) {
            Arrays.fill(gradient, 0);
            for (int i = 0; i < BATCH; i++) {
                if (next == order.length) {
                    shuffle(order, random);
                    next = 0;
                }
                int site = order[next++];
                sample.read(site, x);
                double sum = w[channels];
                for (int c = 0; c < channels; c++) {
                    x[c] = (x[c] - mean[c]) * inverse[c];
                    sum += w[c] * x[c];
                }
                boolean positive = sample.isPositive(site);
                double weight = (positive ? positiveWeight : negativeWeight) / BATCH;
                double slope = weight * (1 / (1 + Math.exp(-sum)) - (positive ? 1 : 0));
                for (int c = 0; c < channels; c++) {
                    gradient[c] += slope * x[c];
                }
                gradient[channels] += slope;
            }
            double rate = RATE * (1 - (step - 1.0) / STEPS) * Math.sqrt(1 - Math.pow(BETA2, step))
                    / (1 - Math.pow(BETA1, step));
            for (int c = 0; c <= channels; c++) {
                double g = gradient[c] + (c < channels ? RIDGE * w[c] : 0);
                first[c] = BETA1 * first[c] + (1 - BETA1) * g;
                second[c] = BETA2 * second[c] + (1 - BETA2) * g * g;
                w[c] -= rate * first[c] / (Math.sqrt(second[c]) + 1e-8);
            }
        }
        float[] weights = new float[channels];
        double bias = w[channels];
        for (int c = 0; c < channels; c++) {
            weights[c] = (float) (w[c] * inverse[c]);
            bias -= w[c] * inverse[c] * mean[c];
        }
        return new LogisticFit(weights, (float) bias);
    }

    /** Computes mean and 1 / standard deviation of every channel; a constant channel gets 0, so that it takes no part. */
    private static void standardise(SiteSample sample, float[] mean, float[] inverse) {
        int channels = sample.channels();
        float[] x = new float[channels];
        double[] sums = new double[channels];
        double[] squares = new double[channels];
        for (int i = 0; i < sample.size(); i++) {
            sample.read(i, x);
            for (int c = 0; c < channels; c++) {
                sums[c] += x[c];
                squares[c] += (double) x[c] * x[c];
            }
        }
        for (int c = 0; c < channels; c++) {
            double m = sums[c] / sample.size();
            double deviation = Math.sqrt(Math.max(0, squares[c] / sample.size() - m * m));
            mean[c] = (float) m;
            inverse[c] = deviation > LEAST_DEVIATION ? (float) (1 / deviation) : 0;
        }
    }

    private static void shuffle(int[] order, Random random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
    }

    /** Returns the raw output for the channels that start at {@code at}. */
    float raw(float[] values, int at) {
        double sum = bias;
        for (int c = 0; c < weights.length; c++) {
            sum += (double) weights[c] * values[at + c];
        }
        return (float) sum;
    }
}
