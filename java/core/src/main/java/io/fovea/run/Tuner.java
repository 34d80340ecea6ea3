package io.fovea.run;

import io.fovea.graph.Graph;
import io.fovea.kernel.KernelTier;
import io.fovea.kernel.KernelTiers;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Winograd;
import io.fovea.plan.Choice;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Chooses kernels by measured time. The whole net runs with every tier, fused and unfused, in alternating rounds, so that each step is
 * timed with the caches as they are in the net; in each round once dense and once under a mask, since a kernel that is fast over a
 * whole map may be slow over rows that a table names. The least sums of both times decide, as {@link TierPick} says. Last, the whole plan races the
 * rule's, as {@link PlanRace} says.
 */
final class Tuner {
    private static final int ROUNDS = 9;
    private static final int WARM_RUNS = 40;
    private static final long WARM_NANOS = 1_500_000_000L;
    /** Nets of a second a run are measured in fewer rounds. */
    private static final long ENOUGH_NANOS = 10_000_000_000L;
    private static final int LEAST_ROUNDS = 2;

    private Tuner() {
    }

    /** One way of running the net. */
    private record Variant(String tier, Session session, Workspace workspace, Gating gating, long[][] dense,
            long[][] masked) {

        /** Returns a step's least time over a whole map plus its least time under the mask. */
        long nanos(int step) {
            return least(dense[step]) + least(masked[step]);
        }
    }

    /** Returns the choice for a graph: from the cache, measured now, or the rule when nothing is to be chosen. */
    static Choice choice(Graph graph, SessionOptions options) {
        if (options.tuning() == Tuning.OFF || !options.kernels().equals("auto")) {
            return Choice.RULE;
        }
        List<KernelTier> tiers = KernelTiers.find("auto", options.winograd()).stream()
                .filter(t -> !t.name().equals("scalar")).toList();
        if (tiers.isEmpty()) {
            return Choice.RULE;
        }
        TuningCache cache = new TuningCache(graph, options, tiers);
        Choice known = options.tuning() == Tuning.AGAIN ? null : cache.read();
        if (known == null) {
            known = measure(graph, options, tiers);
            cache.write(known);
        }
        return known;
    }

    private static Choice measure(Graph graph, SessionOptions options, List<KernelTier> tiers) {
        List<Variant> variants = new ArrayList<>();
        try {
            for (KernelTier tier : tiers) {
                if (KernelTiers.ready(tier.name()).isEmpty()) {
                    continue;
                }
                boolean partial = Winograd.isTier(tier.name());
                for (boolean fuse : new boolean[]{true, false}) {
                    SessionOptions forced = new SessionOptions(options.threads(), tier.name());
                    Session session = Session.open(graph, forced, fuse, Choice.RULE);
                    boolean pointless = session.plan().steps().stream()
                            .noneMatch(s -> (!partial || isOf(tier.name(), s))
                                    && (!fuse || s.layer() instanceof Layer.Block));
                    if (pointless) {
                        session.close();
                        continue;
                    }
                    Workspace workspace = session.lease();
                    noise(workspace.input());
                    int steps = session.plan().steps().size();
                    variants.add(new Variant(tier.name(), session, workspace, zeros(session), unknown(steps),
                            unknown(steps)));
                }
            }
            Mask mask = halfMask(graph);
            for (Variant v : variants) {
                long warm = System.nanoTime() + WARM_NANOS;
                for (int i = 0; i < WARM_RUNS && System.nanoTime() < warm; i++) {
                    v.workspace().run();
                    v.workspace().run(mask, v.gating());
                }
            }
            long end = System.nanoTime() + ENOUGH_NANOS;
            for (int round = 0; round < ROUNDS && (round < LEAST_ROUNDS || System.nanoTime() < end); round++) {
                for (Variant v : variants) {
                    v.workspace().run(new Clock(v.dense(), round));
                    v.workspace().run(mask, v.gating(), new Clock(v.masked(), round));
                }
            }
            return pick(graph, options, variants);
        } finally {
            for (Variant v : variants) {
                v.workspace().close();
                v.session().close();
            }
        }
    }

    private static long[][] unknown(int steps) {
        long[][] nanos = new long[steps][ROUNDS];
        for (long[] step : nanos) {
            Arrays.fill(step, Long.MAX_VALUE);
        }
        return nanos;
    }

    private static boolean isOf(String tier, Step step) {
        return step.kernel().name().startsWith(tier + "/");
    }

    /** Fills the input with seeded noise. */
    static void noise(MemorySegment input) {
        Random random = new Random(1);
        for (long i = 0; i < input.byteSize() / 4; i++) {
            input.setAtIndex(ValueLayout.JAVA_FLOAT, i, 2 * random.nextFloat() - 1);
        }
    }

    /** Writes down how long each step of one run took. */
    private static final class Clock implements StepObserver {
        private final long[][] nanos;
        private final int round;
        private long last;

        private Clock(long[][] nanos, int round) {
            this.nanos = nanos;
            this.round = round;
        }

        @Override
        public void before() {
            last = System.nanoTime();
        }

        @Override
        public void after(int index, Step step, MemorySegment out) {
            long now = System.nanoTime();
            nanos[index][round] = now - last;
            last = now;
        }
    }

    private static long least(long[] nanos) {
        return Arrays.stream(nanos).min().orElseThrow();
    }

    private static Choice pick(Graph graph, SessionOptions options, List<Variant> variants) {
        TierPick pick = new TierPick();
        Map<String, String> names = new HashMap<>();
        for (Variant v : variants) {
            List<Step> steps = v.session().plan().steps();
            for (int s = 0; s < steps.size(); s++) {
                Step step = steps.get(s);
                if (Winograd.isTier(v.tier()) && !isOf(v.tier(), step)) {
                    continue;
                }
                String key = Choice.key(step.name(), step.layer());
                pick.add(key, v.tier(), v.nanos(s));
                if (step.layer() instanceof Layer.Block) {
                    pick.block(key, step.nodes().stream().map(n -> n.name() + "/Conv").toList());
                    names.put(key, step.name());
                }
            }
        }
        TierPick.Picked picked = pick.pick(Winograd::isTier);
        Set<String> fused = new HashSet<>();
        picked.fused().forEach(key -> fused.add(names.get(key)));
        return PlanRace.winner(graph, options, new Choice(picked.tiers(), fused, Choice.RULE.breakEven()));
    }

    /** Returns gated mode over zeros. */
    static Gating zeros(Session session) {
        Map<String, float[]> zeros = new HashMap<>();
        for (Plan.Value value : session.plan().values()) {
            zeros.put(value.name(), new float[value.shape().channels()]);
        }
        return Gating.gated(new MeanBackground("zeros", zeros));
    }

    /** Returns a rectangle of two thirds of each side. */
    static Mask halfMask(Graph graph) {
        int height = graph.inputShape().height();
        int width = graph.inputShape().width();
        return Mask.uniform(height, width, Mask.DEFAULT_CELL, false).withRectangle(width / 6f, height / 6f,
                width * 5 / 6f, height * 5 / 6f);
    }
}
