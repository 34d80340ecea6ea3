package io.fovea.run;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import io.fovea.plan.KernelChooser;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/** The rule: the first tier that has a kernel, and a fused block where the first tier that has convolutions offers one. */
final class TierChooser implements KernelChooser {
    private final List<KernelTier> tiers;
    private final Arena arena;
    private final boolean fuse;

    TierChooser(List<KernelTier> tiers, Arena arena, boolean fuse) {
        this.tiers = tiers;
        this.arena = arena;
        this.fuse = fuse;
    }

    @Override
    public RowKernel choose(String name, Layer layer) {
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
        return fuse ? tiers.getFirst().prepare(layer, arena).orElse(null) : null;
    }
}
