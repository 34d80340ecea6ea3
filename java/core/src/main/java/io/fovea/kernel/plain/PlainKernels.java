package io.fovea.kernel.plain;

import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import java.util.Optional;

/**
 * Kernels in plain Java arrays for layers that move or combine rows and cost little beside convolutions. Every tier but the scalar one
 * takes them where it has none of its own. Stateless and thread-safe.
 */
public final class PlainKernels {
    private PlainKernels() {
    }

    /** Returns the kernel of a layer, or empty when there is none. */
    public static Optional<RowKernel> of(Layer layer) {
        return switch (layer) {
            case Layer.CopyColumns copy -> Optional.of(new PlainCopyColumns(copy));
            case Layer.Sample sample -> Optional.of(new PlainSample(sample));
            default -> Optional.empty();
        };
    }
}
