package io.fovea.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * From measured times to tiers. The rule is the first tier, and a fused block where it offers one; the clock is noisy, so something else has to
 * win clearly: a step goes to a later tier that is 8 % faster, a block is taken apart when that is 8 % faster, and a later tier is
 * used at all when the whole net gains 3 % by it, since loading it costs time at every start.
 */
final class TierPick {
    private static final double WORTH_A_CHANGE = 0.92;
    private static final double WORTH_A_TIER = 0.97;

    private final Map<String, Map<String, Long>> times = new HashMap<>();
    private final Set<String> tiers = new LinkedHashSet<>();
    private final Map<String, List<String>> blocks = new HashMap<>();

    /** What was picked. */
    record Picked(Map<String, String> tiers, Set<String> fused, long nanos) {}

    /**
     * Adds a measured step; a tier measured twice keeps its least time.
     *
     * @param key the step
     * @param tier who ran it; tiers are preferred in the order in which they are named first
     * @param nanos its time
     */
    void add(String key, String tier, long nanos) {
        tiers.add(tier);
        times.computeIfAbsent(key, k -> new HashMap<>()).merge(tier, nanos, Math::min);
    }

    /** Says that a step is a block, and which steps it stands for. */
    void block(String key, List<String> parts) {
        blocks.put(key, parts);
    }

    /**
     * Picks.
     *
     * @param free tiers that cost nothing to use beside the first one
     */
    Picked pick(Predicate<String> free) {
        List<String> used = new ArrayList<>();
        Picked best = null;
        for (String tier : tiers) {
            List<String> more = new ArrayList<>(used);
            more.add(tier);
            Picked with = pick(more);
            if (best == null || free.test(tier) || with.nanos() < best.nanos() * WORTH_A_TIER
                    || with.tiers().size() > best.tiers().size()) {
                best = with;
                used = more;
            }
        }
        return best == null ? new Picked(Map.of(), Set.of(), 0) : best;
    }

    private Picked pick(List<String> allowed) {
        Map<String, String> chosen = new HashMap<>();
        Map<String, Long> nanos = new HashMap<>();
        times.forEach((key, byTier) -> {
            for (String tier : allowed) {
                Long time = byTier.get(tier);
                Long rival = nanos.get(key);
                if (time != null && (rival == null || time < rival * WORTH_A_CHANGE)) {
                    chosen.put(key, tier);
                    nanos.put(key, time);
                }
            }
        });
        Set<String> fused = new HashSet<>();
        Set<String> replaced = new HashSet<>();
        blocks.forEach((key, parts) -> {
            if (!nanos.containsKey(key)) {
                return;
            }
            boolean known = nanos.keySet().containsAll(parts);
            long apart = known ? parts.stream().mapToLong(nanos::get).sum() : Long.MAX_VALUE;
            if (nanos.get(key) * WORTH_A_CHANGE <= apart) {
                fused.add(key);
                replaced.addAll(parts);
            } else {
                replaced.add(key);
            }
        });
        long sum = nanos.entrySet().stream().filter(e -> !replaced.contains(e.getKey())).mapToLong(Map.Entry::getValue)
                .sum();
        return new Picked(chosen, fused, sum);
    }
}
