package io.fovea.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
    /** Counts its calls. */
    private static final class Counter implements Engine {
        private int prepared;
        private int runs;

        @Override
        public String name() {
            return "counter";
        }

        @Override
        public String tier() {
            return "none";
        }

        @Override
        public void prepare() {
            prepared++;
        }

        @Override
        public void run() {
            runs++;
        }

        @Override
        public Map<String, float[]> outputs() {
            return Map.of();
        }

        @Override
        public void close() {
        }
    }

    @Test
    void everyEngineIsPreparedBeforeEachRunAndCountedAsOften() throws Exception {
        Counter first = new Counter();
        Counter second = new Counter();
        List<Sample> samples = new Rounds(3, 4).measure(List.of(first, second));
        assertEquals(2, samples.size());
        for (Sample sample : samples) {
            assertEquals(12, sample.count());
        }
        assertEquals(first.runs, first.prepared);
        assertTrue(first.runs >= 3 * 5 && second.runs >= 3 * 5, first.runs + " and " + second.runs + " runs");
    }

    @Test
    void quantiles() {
        Sample sample = new Sample(new double[]{4, 1, 3, 2});
        assertEquals(2.5, sample.median());
        assertEquals(1, sample.min());
        assertEquals(3.7, sample.p90(), 1e-12);
    }

    @Test
    void severalInputsCountAlike() {
        Sample sample = new Sample(new double[]{10, 1, 12, 3, 14, 2, 5}, new int[]{7, 0, 7, 0, 7, 0, 0});
        assertEquals((12 + 2.5) / 2, sample.median());
        assertEquals((10 + 1) / 2.0, sample.min());
        assertEquals(7, sample.count());
    }

    @Test
    void agreement() {
        Map<String, float[]> a = Map.of("boxes", new float[]{1, 2}, "scores", new float[]{Float.NaN});
        assertEquals(0, Agreement.largestDifference(a, a));
        Map<String, float[]> b = Map.of("boxes", new float[]{1, 2.5f}, "scores", new float[]{Float.NaN});
        assertEquals(0.5, Agreement.largestDifference(a, b));
        assertEquals(Double.POSITIVE_INFINITY,
                Agreement.largestDifference(a, Map.of("boxes", new float[]{1, 2}, "scores", new float[]{0})));
        assertEquals(Double.POSITIVE_INFINITY, Agreement.largestDifference(Map.of(), a));
    }

    @Test
    void channelsFirst() {
        float[] nchw = Layouts.toMaps(new float[]{1, 2, 3, 4}, new io.fovea.graph.Shape(1, 2, 2));
        assertArrayEquals(new float[]{1, 3, 2, 4}, nchw);
    }
}
