package io.fovea.run;

import io.fovea.graph.Graph;
import io.fovea.plan.Choice;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.sites.Mask;
import java.util.Arrays;
import java.util.List;

/**
 * The last word on a measured choice of kernels: as a whole plan it runs against the rule's plan, in alternating rounds, dense and masked. Steps
 * that won their races one by one by noise do not win this one. The winner's dense and masked times tell where masks stop paying.
 */
final class PlanRace {
    private static final int ROUNDS = 11;
    private static final int LEAST_ROUNDS = 2;
    /** Nets of a second a run are measured in fewer rounds. */
    private static final long ENOUGH_NANOS = 8_000_000_000L;
    private static final double LEAST_BREAK_EVEN = 0.5;
    /** Masks of many small pieces cost more than the rectangle that is measured. */
    private static final double MOST_BREAK_EVEN = 0.95;
    /** What a plan has to save: the rule's needs no other tier and no faith in the clock. */
    private static final double WORTH_IT = 0.99;

    private PlanRace() {
    }

    /** One plan and its times. */
    private static final class Runner implements AutoCloseable {
        private final Choice choice;
        private final Session session;
        private final Workspace workspace;
        private final Gating gating;
        private final long[] dense = new long[ROUNDS];
        private final long[] masked = new long[ROUNDS];
        private int rounds;

        Runner(Graph graph, SessionOptions options, Choice choice) {
            this.choice = choice;
            SessionOptions plain = new SessionOptions(options.threads(), "auto", null, Tuning.OFF, options.winograd());
            session = Session.open(graph, plain, true, choice);
            workspace = session.lease();
            Tuner.noise(workspace.input());
            gating = Tuner.zeros(session);
        }

        void run(Mask mask, boolean counts) {
            long start = System.nanoTime();
            workspace.run();
            long middle = System.nanoTime();
            workspace.run(mask, gating);
            long end = System.nanoTime();
            if (counts) {
                dense[rounds] = middle - start;
                masked[rounds++] = end - middle;
            }
        }

        /** Returns the time of a dense and a masked run: the lower quartile, which a busy machine moves least. */
        long nanos() {
            return quartile(dense) + quartile(masked);
        }

        private long quartile(long[] nanos) {
            long[] sorted = Arrays.copyOf(nanos, rounds);
            Arrays.sort(sorted);
            return sorted[rounds / 4];
        }

        /**
         * Returns the share of executed MACs at which a masked run takes as long as the dense one, supposing that its time is a fixed cost
         * plus a part that falls with the share.
         */
        double breakEven() {
            double executed = (double) workspace.executedMacs() / session.issuedMacs();
            double fixed = Math.max(0, (double) quartile(masked) / quartile(dense) - executed);
            return Math.max(LEAST_BREAK_EVEN, Math.min(MOST_BREAK_EVEN, 1 - fixed));
        }

        List<String> kernels() {
            return session.plan().steps().stream().map(s -> s.name() + ' ' + s.kernel().name()).toList();
        }

        @Override
        public void close() {
            workspace.close();
            session.close();
        }
    }

    /** Returns the faster of a choice and the rule, with its break-even share. */
    static Choice winner(Graph graph, SessionOptions options, Choice picked) {
        Mask mask = Tuner.halfMask(graph);
        try (Runner own = new Runner(graph, options, picked); Runner rule = new Runner(graph, options, Choice.RULE)) {
            List<Runner> field = own.kernels().equals(rule.kernels()) ? List.of(own) : List.of(own, rule);
            long begin = System.nanoTime();
            for (int round = 0; round < ROUNDS && System.nanoTime() - begin < ENOUGH_NANOS / 2; round++) {
                field.forEach(r -> r.run(mask, false));
            }
            begin = System.nanoTime();
            for (int round = 0; round < ROUNDS
                    && (round < LEAST_ROUNDS || System.nanoTime() - begin < ENOUGH_NANOS); round++) {
                field.forEach(r -> r.run(mask, true));
            }
            Runner best = field.size() == 1 || own.nanos() < WORTH_IT * rule.nanos() ? own : rule;
            return new Choice(best.choice.tiers(), best.choice.fused(), best.breakEven());
        }
    }
}
