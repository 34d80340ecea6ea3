package io.fovea.kernel;

import io.fovea.sites.RunTeller;
import java.lang.foreign.Arena;
import java.util.Optional;

/** A family of kernels. Implementations are stateless and thread-safe. */
public interface KernelTier {

    /** Returns the tier's name: {@code scalar}, {@code vector}, {@code cpp} or {@code onednn}. */
    String name();

    /** Returns the name with what decides the speed of its kernels (instruction set, version), for the key of measured choices. */
    default String description() {
        return name();
    }

    /**
     * Prepares a layer: packs its weights, chooses its code.
     *
     * @param layer what to compute
     * @param arena owner of off-heap weights; outlives the kernel
     * @return the kernel, or empty when this tier has none for the layer
     */
    Optional<RowKernel> prepare(Layer layer, Arena arena);

    /**
     * Returns whether the last bits of a row depend on which other rows are computed. A head's rows are never computed by such a tier, since a head gate
     * promises the bits of the whole head.
     */
    default boolean mixesRows() {
        return false;
    }

    /** Returns what finds the runs of tables in this tier, or empty when it has nothing of its own for that. */
    default Optional<RunTeller> runTeller() {
        return Optional.empty();
    }

    /** Returns this tier's mixture of rows, or empty when it has none. */
    default Optional<RowBlend> blend() {
        return Optional.empty();
    }
}
