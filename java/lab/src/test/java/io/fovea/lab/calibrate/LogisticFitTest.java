package io.fovea.lab.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LogisticFitTest {
    private static final float[] TRUE_WEIGHTS = {1, -0.5f, 0.25f, 0};

    /** Sites of four features of unlike spread, a constant one last; labels by chance around a planted rule. */
    private static SiteSample planted(int sites, long seed) {
        Random random = new Random(seed);
        SiteSample sample = new SiteSample(5, sites, seed);
        double[] spread = {1, 4, 0.1, 30};
        for (int i = 0; i < sites; i++) {
            float[] x = new float[5];
            double sum = -2;
            for (int c = 0; c < 4; c++) {
                double standard = random.nextGaussian();
                x[c] = (float) (standard * spread[c] + 7 * spread[c]);
                sum += TRUE_WEIGHTS[c] * standard;
            }
            x[4] = 3;
            sample.add(x, 0, random.nextDouble() < 1 / (1 + Math.exp(-sum)));
        }
        return sample;
    }

    @Test
    void findsThePlantedRule() {
        LogisticFit fit = LogisticFit.of(planted(60_000, 1), 1);
        double[] spread = {1, 4, 0.1, 30};
        double scale = fit.weights()[0] * spread[0] / TRUE_WEIGHTS[0];
        assertTrue(scale > 0.8 && scale < 1.2, "scale " + scale);
        for (int c = 0; c < 4; c++) {
            assertEquals(TRUE_WEIGHTS[c], fit.weights()[c] * spread[c] / scale, 0.08, "feature " + c);
        }
        assertEquals(0, fit.weights()[4], "a constant feature");
        // Weighted as if both classes were as frequent: at the mean of all features, where the planted logit is -2, it comes out
        // higher by the logarithm of the odds n- / n+, about 1.7.
        float[] mean = {7, 28, 0.7f, 210, 3};
        assertEquals(-0.3, fit.raw(mean, 0), 0.15);
    }

    @Test
    void theSameSampleAndSeedGiveTheSameBits() {
        LogisticFit first = LogisticFit.of(planted(3000, 2), 5);
        LogisticFit again = LogisticFit.of(planted(3000, 2), 5);
        assertArrayEquals(first.weights(), again.weights());
        assertEquals(first.bias(), again.bias());
    }

    /** A positive has the value 1 in its channel, a negative its number: nothing gets lost or mixed up. */
    @Property(seed = "300", tries = 200)
    void aSampleKeepsPositivesFirst(@ForAll @IntRange(min = 1, max = 60) int capacity,
            @ForAll @IntRange(min = 0, max = 100) int positives, @ForAll @IntRange(min = 0, max = 100) int negatives,
            @ForAll long seed) {
        SiteSample sample = new SiteSample(1, capacity, seed);
        Random random = new Random(seed);
        int left = positives;
        for (int i = 0; i < positives + negatives; i++) {
            boolean positive = random.nextInt(positives + negatives - i) < left;
            left -= positive ? 1 : 0;
            sample.add(new float[]{positive ? 1 : -2}, 0, positive);
        }
        assertEquals(Math.min(capacity, positives + negatives), sample.size());
        assertEquals(Math.min(capacity, positives), sample.positives());
        assertEquals(positives, sample.positivesSeen());
        assertEquals(positives + negatives, sample.seen());
        int counted = 0;
        float[] x = new float[1];
        for (int i = 0; i < sample.size(); i++) {
            sample.read(i, x);
            assertEquals(sample.isPositive(i) ? 1 : -2, x[0], "seed " + seed);
            counted += sample.isPositive(i) ? 1 : 0;
        }
        assertEquals(sample.positives(), counted);
    }

    /** Of 1000 negatives 100 stay while 50 positives arrive among them: early and late ones alike. */
    @Test
    void negativesAreSampledUniformly() {
        double early = 0;
        int kept = 0;
        for (int seed = 0; seed < 200; seed++) {
            SiteSample sample = new SiteSample(1, 150, seed);
            for (int i = 0; i < 1000; i++) {
                sample.add(new float[]{i}, 0, false);
                if (i % 20 == 10) {
                    sample.add(new float[]{-1}, 0, true);
                }
            }
            float[] x = new float[1];
            for (int i = 0; i < sample.size(); i++) {
                sample.read(i, x);
                if (!sample.isPositive(i)) {
                    early += x[0] < 500 ? 1 : 0;
                    kept++;
                }
            }
        }
        assertEquals(200 * 100, kept);
        // Standard deviation of the share: .5 / sqrt(20000) = .0035
        assertEquals(0.5, early / kept, 0.014);
    }

    @Test
    void theThresholdKeepsTheShareAskedFor() {
        HeldOut held = new HeldOut();
        for (int i = 0; i < 3000; i++) {
            held.add(i / 1000f, i >= 2000 ? 2 : 0);
        }
        assertEquals(2000, held.rowCount());
        // 4 of 2000 rows may go: those of sites 2000 and 2001.
        float threshold = held.threshold(.998);
        assertTrue(held.keptRows(threshold) >= 1996, held.keptRows(threshold) + " kept");
        assertTrue(threshold < 2.002f && threshold > 1.998f, "threshold " + threshold);
        assertEquals(2000, held.keptRows(held.threshold(1)));
        assertTrue(held.threshold(1) < 2);
        assertTrue(held.keptRows(held.threshold(.5)) >= 1000 && held.keptRows(held.threshold(.5)) < 1010);
        assertEquals(1.0 / 3, held.activeShare(1.9995f), 1e-12);
    }
}
