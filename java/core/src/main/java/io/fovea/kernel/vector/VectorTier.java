package io.fovea.kernel.vector;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowBlend;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.plain.PlainKernels;
import java.lang.foreign.Arena;
import java.util.Optional;

/** Vector API kernels for convolutions and sums; other layers by plain Java, or left to the scalar tier. */
public final class VectorTier implements KernelTier {

    /** Makes the tier; fails with a NoClassDefFoundError when the incubator module is not there. */
    public VectorTier() {
        if (Lanes.LENGTH < 4) {
            throw new IllegalStateException("vectors of " + Lanes.SPECIES.vectorBitSize() + " bits are too narrow");
        }
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public String description() {
        return "vector " + Lanes.SPECIES.vectorBitSize();
    }

    @Override
    public Optional<RowKernel> prepare(Layer layer, Arena arena) {
        return switch (layer) {
            case Layer.Conv conv when !conv.activation().isClip() -> Optional.empty();
            case Layer.Conv conv when conv.isPointwise() && conv.outChannels() == 1 -> Optional.of(new VectorDot(conv));
            case Layer.Conv conv when conv.groups() == 1 -> Optional.of(new VectorConv(conv));
            case Layer.Conv conv when conv.isDepthwise() -> Optional.of(new VectorDepthwise(conv));
            case Layer.Activate act when VectorActivate.covers(act.activation()) ->
                Optional.of(new VectorActivate(act));
            case Layer.Add add when add.activation().isClip() -> Optional.of(new VectorAdd(add));
            case Layer.Conv conv when PlainKernels.merges(conv) ->
                Optional.of(new VectorConv(PlainKernels.merged(conv)));
            default -> PlainKernels.of(layer);
        };
    }

    @Override
    public Optional<RowBlend> blend() {
        return Optional.of(new VectorBlend());
    }
}
