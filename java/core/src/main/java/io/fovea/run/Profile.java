package io.fovea.run;

import io.fovea.graph.Shape;
import io.fovea.kernel.Layer;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.sites.Mask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where the time of a run goes: medians over rounds. In each round the net runs once with a look at the clock after every step, and once
 * without; the second is what a caller waits for.
 *
 * @param entries one per step of the plan, in its order
 * @param sitesMicros choosing sites for the mask and building tables, microseconds; 0 when everything is computed
 * @param wholeMicros the whole run, sites included, timed from outside, microseconds
 * @param masked whether the run was masked; false without a mask, with a full one, or when too little was left to save
 * @param rounds measured rounds
 * @param books arithmetic of the same run
 */
public record Profile(List<Entry> entries, double sitesMicros, double wholeMicros, boolean masked, int rounds,
        Books books) {
    private static final int WARM_RUNS = 150;
    private static final long WARM_NANOS = 1_500_000_000L;

    public Profile {
        entries = List.copyOf(entries);
    }

    /**
     * One step.
     *
     * @param name name of the step
     * @param operator what it computes
     * @param shape shapes of input and output, of a fused block with the channels between
     * @param kernel kernel that ran it, tier first
     * @param micros median time in microseconds; of a head gate's unit with the choice of its sites
     * @param active active sites of the output
     * @param sites all sites of the output
     * @param macs the step's books
     */
    public record Entry(String name, String operator, String shape, String kernel, double micros, int active, int sites,
            Books.Entry macs) {

        /** Returns executed multiply-accumulates per second, in thousands of millions; 0 when there are none. */
        public double gigaMacsPerSecond() {
            return micros == 0 ? 0 : (macs.executed() + macs.gate()) / micros / 1000;
        }
    }

    /**
     * Measures.
     *
     * @param session the planned net
     * @param fill writes the photo's input rows
     * @param mask foreground, not empty, or null to compute everything
     * @param gating how the mask is applied; not used without a mask
     * @param fallback whether a mask that leaves too little to save is ignored
     * @param frontGate MACs of the gate that made the mask
     * @param rounds rounds to measure, at least 1
     * @throws IllegalArgumentException if the mask is empty or there is no round
     */
    public static Profile of(Session session, Consumer<MemorySegment> fill, Mask mask, Gating gating, boolean fallback,
            long frontGate, int rounds) {
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds: " + rounds + " is below 1");
        }
        if (mask != null && mask.isEmpty()) {
            throw new IllegalArgumentException("the mask is empty: there is no run to profile");
        }
        Books books = Books.of(session, fill, mask, gating, fallback, frontGate);
        List<Step> steps = session.plan().steps();
        try (Arena arena = Arena.ofConfined(); Workspace workspace = session.lease()) {
            MemorySegment input = workspace.input();
            fill.accept(input);
            MemorySegment kept = arena.allocate(input.byteSize(), 64).copyFrom(input);
            Clock clock = new Clock(steps.size());
            long end = System.nanoTime() + WARM_NANOS;
            for (int i = 0; i < WARM_RUNS && System.nanoTime() < end; i++) {
                run(workspace, kept, mask, gating, fallback, i % 2 == 0 ? clock : null);
            }
            double[][] micros = new double[steps.size()][rounds];
            double[] sites = new double[rounds];
            double[] whole = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                long start = run(workspace, kept, mask, gating, fallback, clock);
                sites[round] = (clock.started - start) / 1e3;
                for (int s = 0; s < micros.length; s++) {
                    micros[s][round] = clock.nanos[s] / 1e3;
                }
                start = run(workspace, kept, mask, gating, fallback, null);
                whole[round] = (System.nanoTime() - start) / 1e3;
            }
            List<Entry> entries = new ArrayList<>();
            for (int s = 0; s < micros.length; s++) {
                Step step = steps.get(s);
                Shape out = session.plan().values().get(step.out()).shape();
                entries.add(new Entry(step.name(), step.label(), shape(session.plan(), step), step.kernel().name(),
                        median(micros[s]), workspace.outRows(s), out.sites(), books.entries().get(s)));
            }
            return new Profile(entries, mask == null || mask.isFull() ? 0 : median(sites), median(whole),
                    workspace.isMasked(), rounds, books);
        }
    }

    /** Returns the time at which the run began: the input is written before. */
    private static long run(Workspace workspace, MemorySegment input, Mask mask, Gating gating, boolean fallback,
            StepObserver observer) {
        workspace.input().copyFrom(input);
        long start = System.nanoTime();
        if (mask == null || mask.isFull()) {
            workspace.run(observer);
        } else {
            workspace.run(mask, gating, fallback, observer);
        }
        return start;
    }

    private static String shape(Plan plan, Step step) {
        String in = plan.values().get(step.in()).shape().toString();
        String out = plan.values().get(step.out()).shape().toString();
        return step.layer() instanceof Layer.Block block
                ? in + " > " + block.depthwise().inChannels() + " > " + out
                : in + " > " + out;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Returns the sum of the steps and of choosing the sites, microseconds. */
    public double sumMicros() {
        return sitesMicros + entries.stream().mapToDouble(Entry::micros).sum();
    }

    /** Times of the steps of one run. */
    private static final class Clock implements StepObserver {
        private final long[] nanos;
        private long started;
        private long last;

        private Clock(int steps) {
            nanos = new long[steps];
        }

        @Override
        public void before() {
            started = System.nanoTime();
            last = started;
        }

        @Override
        public void after(int index, Step step, MemorySegment out) {
            long now = System.nanoTime();
            nanos[index] = now - last;
            last = now;
        }
    }
}
