package io.fovea.run;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Winograd;
import io.fovea.plan.Choice;
import io.fovea.plan.KernelChooser;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Follows a measured choice, or the rule: the first tier that has a kernel, and a fused block where the first tier offers one.
 */
final class TierChooser implements KernelChooser {
    private final List<KernelTier> tiers;
    private final Arena arena;
    private final boolean fuse;
    private final Choice choice;
    private final Map<Prepared, Optional<RowKernel>> prepared = new HashMap<>();

    /** Layers are equal when they are alike and hold the same arrays. */
    private record Prepared(String tier, Layer layer) {}

    TierChooser(List<KernelTier> tiers, Arena arena, boolean fuse, Choice choice) {
        this.tiers = tiers;
        this.arena = arena;
        this.fuse = fuse;
        this.choice = choice;
    }

    @Override
    public RowKernel choose(String name, Layer layer) {
        Optional<RowKernel> chosen = preferred(name, layer);
        if (chosen.isPresent()) {
            return chosen.get();
        }
        for (KernelTier tier : tiers) {
            Optional<RowKernel> kernel = prepare(tier, layer);
            if (kernel.isPresent()) {
                return kernel.get();
            }
        }
        throw new IllegalStateException("no kernel for step '" + name + "'");
    }

    @Override
    public RowKernel fuse(String name, Layer.Block layer) {
        if (!fuse || !choice.isRule() && !choice.fused().contains(name)) {
            return null;
        }
        return preferred(name, layer).or(() -> tiers.stream().filter(t -> !Winograd.isTier(t.name())).findFirst()
                .flatMap(t -> prepare(t, layer))).orElse(null);
    }

    private Optional<RowKernel> preferred(String name, Layer layer) {
        String wanted = choice.tiers().get(Choice.key(name, layer));
        return tiers.stream().filter(t -> t.name().equals(wanted)).findFirst().flatMap(t -> prepare(t, layer));
    }

    /** Steps that share their weights (the head's, on all levels of a pyramid) share a kernel. */
    private Optional<RowKernel> prepare(KernelTier tier, Layer layer) {
        Prepared key = new Prepared(tier.name(), layer);
        Optional<RowKernel> known = prepared.get(key);
        if (known == null) {
            known = tier.prepare(layer, arena);
            prepared.put(key, known);
        }
        return known;
    }
}
