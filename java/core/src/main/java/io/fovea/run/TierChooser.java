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
import java.util.Set;
import java.util.stream.Stream;

/**
 * Follows a measured choice, or the rule: the first tier that has a kernel, and a fused block where the first tier offers one.
 */
final class TierChooser implements KernelChooser {
    private final List<KernelTier> tiers;
    private final Arena arena;
    private final boolean fuse;
    private final Choice choice;
    private final Set<String> heads;
    private final Map<Prepared, Optional<RowKernel>> prepared = new HashMap<>();

    /** Layers are equal when they are alike and hold the same arrays. */
    private record Prepared(String tier, Layer layer) {}

    /**
     * Makes a chooser.
     *
     * @param heads names of the nodes that compute the head's rows
     */
    TierChooser(List<KernelTier> tiers, Arena arena, boolean fuse, Choice choice, Set<String> heads) {
        this.tiers = tiers;
        this.arena = arena;
        this.fuse = fuse;
        this.choice = choice;
        this.heads = heads;
    }

    @Override
    public RowKernel choose(String name, Layer layer) {
        String wanted = choice.tiers().get(Choice.key(name, layer));
        return Stream.concat(tiers.stream().filter(t -> t.name().equals(wanted)), tiers.stream())
                .flatMap(t -> prepare(t, name, layer).or(() -> inTwo(t, name, layer)).stream()).findFirst()
                .orElseThrow(() -> new IllegalStateException("no kernel for step '" + name + "'"));
    }

    /** A tier's kernel of a convolution, and after it that of an activation that the tier does not apply itself. */
    private Optional<RowKernel> inTwo(KernelTier tier, String name, Layer layer) {
        if (!(layer instanceof Layer.Conv conv) || conv.activation().isClip()) {
            return Optional.empty();
        }
        Layer.Activate after = new Layer.Activate(conv.outChannels(), conv.activation());
        return prepare(tier, name, conv.with(Activation.NONE))
                .flatMap(kernel -> Stream.concat(Stream.of(tier), tiers.stream())
                        .flatMap(t -> prepare(t, name, after).stream()).findFirst()
                        .map(second -> new ActivatedKernel(kernel, second)));
    }

    @Override
    public RowKernel fuse(String name, Layer.Block layer) {
        if (!fuse || !choice.isRule() && !choice.fused().contains(name)) {
            return null;
        }
        Optional<RowKernel> kernel = preferred(name, layer);
        for (KernelTier tier : tiers) {
            if (kernel.isPresent()) {
                break;
            }
            kernel = prepare(tier, name, layer);
            if (!Winograd.isTier(tier.name())) {
                break;
            }
        }
        return kernel.orElse(null);
    }

    private Optional<RowKernel> preferred(String name, Layer layer) {
        String wanted = choice.tiers().get(Choice.key(name, layer));
        return tiers.stream().filter(t -> t.name().equals(wanted)).findFirst().flatMap(t -> prepare(t, name, layer));
    }

    /** Steps that share their weights (the head's, on all levels of a pyramid) share a kernel. */
    private Optional<RowKernel> prepare(KernelTier tier, String name, Layer layer) {
        if (tier.mixesRows() && heads.contains(name)) {
            return Optional.empty();
        }
        Prepared key = new Prepared(tier.name(), layer);
        Optional<RowKernel> known = prepared.get(key);
        if (known == null) {
            known = tier.prepare(layer, arena);
            prepared.put(key, known);
        }
        return known;
    }
}
