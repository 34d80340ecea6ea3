package io.fovea.run;

import io.fovea.graph.Activation;
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
import java.util.stream.Stream;

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
        String wanted = choice.tiers().get(Choice.key(name, layer));
        return Stream.concat(tiers.stream().filter(t -> t.name().equals(wanted)), tiers.stream())
                .flatMap(t -> prepare(t, layer).or(() -> inTwo(t, layer)).stream()).findFirst()
                .orElseThrow(() -> new IllegalStateException("no kernel for step '" + name + "'"));
    }

    /** A tier's kernel of a convolution, and after it that of an activation that the tier does not apply itself. */
    private Optional<RowKernel> inTwo(KernelTier tier, Layer layer) {
        if (!(layer instanceof Layer.Conv conv) || conv.activation().isClip()) {
            return Optional.empty();
        }
        Layer.Activate after = new Layer.Activate(conv.outChannels(), conv.activation());
        return prepare(tier, conv.with(Activation.NONE))
                .flatMap(kernel -> Stream.concat(Stream.of(tier), tiers.stream())
                        .flatMap(t -> prepare(t, after).stream()).findFirst()
                        .map(second -> new ActivatedKernel(kernel, second)));
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
