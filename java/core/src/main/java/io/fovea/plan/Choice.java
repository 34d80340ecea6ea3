package io.fovea.plan;

import io.fovea.kernel.Layer;
import java.util.Map;
import java.util.Set;

/**
 * Which kernels run a graph on one machine, as measured.
 *
 * @param tiers tier by step (see {@link #key})
 * @param fused names of the steps that run a whole block
 * @param breakEven share of executed MACs above which a masked run is not worth it
 */
public record Choice(Map<String, String> tiers, Set<String> fused, double breakEven) {

    /** Nothing measured: rules decide. */
    public static final Choice RULE = new Choice(Map.of(), Set.of(), 0.95);

    public Choice {
        tiers = Map.copyOf(tiers);
        fused = Set.copyOf(fused);
    }

    /** Returns whether nothing was measured. */
    public boolean isRule() {
        return tiers.isEmpty();
    }

    /** Returns the key of a step: its name and the kind of its layer, since a node may need two layers. */
    public static String key(String step, Layer layer) {
        return step + "/" + layer.getClass().getSimpleName();
    }
}
