package io.fovea.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Alternating rounds. In each round every engine runs a burst of times, in an order that moves on by one from round to round, so
 * that a slow spell of the machine hits all alike. Before a burst there is a pause in which the other engines' threads stop
 * spinning. The runs of a burst's first 20 ms, at least one, find cold caches and are not counted: the same time for every engine, since
 * a short run finds caches cold several times where a long one does once.
 *
 * @param rounds rounds, at least 1
 * @param burst counted runs of an engine per round, at least 1
 */
record Rounds(int rounds, int burst) {
    private static final long PAUSE_NANOS = 20_000_000;
    private static final long COLD_NANOS = 20_000_000;
    private static final int MAX_WARM_UP_BURSTS = 200;
    private static final long ENOUGH_NANOS = 3_000_000_000L;
    private static final long MAX_WARM_UP_NANOS = 10_000_000_000L;

    /** Returns one sample per engine, in their order. */
    List<Sample> measure(List<? extends Engine> engines) throws Exception {
        for (Engine engine : engines) {
            warmUp(engine);
        }
        double[][] times = new double[engines.size()][rounds * burst];
        int[][] variants = new int[engines.size()][rounds * burst];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < engines.size(); i++) {
                int index = (i + round) % engines.size();
                burst(engines.get(index), times[index], variants[index], round * burst, burst);
            }
        }
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < times.length; i++) {
            samples.add(new Sample(times[i], variants[i]));
        }
        return samples;
    }

    /**
     * Runs until three bursts in a row have medians within 3 % of each other, for at least ten bursts (compiled code settles late on the
     * JVM) or three seconds.
     */
    private void warmUp(Engine engine) throws Exception {
        long start = System.nanoTime();
        double[] last = new double[3];
        for (int i = 0; i < MAX_WARM_UP_BURSTS && System.nanoTime() - start < MAX_WARM_UP_NANOS; i++) {
            double[] some = new double[Math.min(10, Math.max(2, burst))];
            burst(engine, some, new int[some.length], 0, some.length);
            last[i % 3] = new Sample(some).median();
            double low = Arrays.stream(last).min().getAsDouble();
            double high = Arrays.stream(last).max().getAsDouble();
            boolean settled = i >= 9 || i >= 2 && System.nanoTime() - start > ENOUGH_NANOS;
            if (settled && high <= 1.03 * low) {
                return;
            }
        }
    }

    /** Writes the times of so many runs, and what each took, from {@code at}. */
    private static void burst(Engine engine, double[] millis, int[] variants, int at, int runs) throws Exception {
        LockSupport.parkNanos(PAUSE_NANOS);
        long begin = System.nanoTime();
        do {
            engine.prepare();
            engine.run();
        } while (System.nanoTime() - begin < COLD_NANOS);
        for (int i = at; i < at + runs; i++) {
            variants[i] = engine.variant();
            engine.prepare();
            long start = System.nanoTime();
            engine.run();
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
    }
}
