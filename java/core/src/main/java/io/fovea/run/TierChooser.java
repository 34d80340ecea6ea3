package io.fovea.run;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import io.fovea.plan.Choice;
import io.fovea.plan.KernelChooser;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/**
 * Follows a measured choice, or the rule: the first tier that has a kernel, and a fused block where the first tier offers one.
 */
final class TierChooser implements KernelChooser {
    private final List<KernelTier> tiers;
    private final Arena arena;
    private final boolean fuse;
    private final Choice choice;

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
            Optional<RowKernel> kernel = tier.prepare(layer, arena);
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
        return preferred(name, layer).or(() -> tiers.getFirst().prepare(layer, arena)).orElse(null);
    }

    private Optional<RowKernel> preferred(String name, Layer layer) {
        String wanted = choice.tiers().get(Choice.key(name, layer));
        return tiers.stream().filter(t -> t.name().equals(wanted)).findFirst().flatMap(t -> t.prepare(layer, arena));
    }
}
