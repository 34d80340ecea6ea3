package io.fovea.kernel;

import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A tier that is loaded when it is first asked for a kernel that it may have; when that fails, it has none.
 *
 * @param name its name
 * @param description its description, known beforehand
 * @param covers whether a layer is of a kind that it may have a kernel for
 * @param load loads it, or returns empty
 */
record LazyTier(String name, String description, Predicate<Layer> covers,
        Supplier<Optional<KernelTier>> load) implements KernelTier {

    @Override
    public Optional<RowKernel> prepare(Layer layer, Arena arena) {
        return covers.test(layer) ? load.get().flatMap(t -> t.prepare(layer, arena)) : Optional.empty();
    }
}
