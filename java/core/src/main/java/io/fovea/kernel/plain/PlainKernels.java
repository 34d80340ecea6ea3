package io.fovea.kernel.plain;

import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import java.util.Optional;

/**
 * Kernels in plain Java arrays for layers that move or combine rows and cost little beside convolutions. Every tier but the scalar one
 * takes them where it has none of its own. Stateless and thread-safe.
 */
public final class PlainKernels {
    private static final int MOST_MERGED = 4;
    private static final int LEAST_MERGED = 8;

    private PlainKernels() {
    }

    /** Returns whether a convolution of few groups should be computed as one of a single group, see {@link #merged}. */
    public static boolean merges(Layer layer) {
        return layer instanceof Layer.Conv conv && conv.groups() > 1 && conv.groups() <= MOST_MERGED
                && !conv.isDepthwise() && conv.inChannels() / conv.groups() >= LEAST_MERGED
                && (long) conv.outChannels() * conv.inChannels() * conv.window().taps() < 1 << 24;
    }

    /** Returns a convolution of few groups as one of a single group with zeros between its blocks of weights. */
    public static Layer.Conv merged(Layer layer) {
        return PlainGroups.merged((Layer.Conv) layer);
    }

    /** Returns the kernel of a layer, or empty when there is none. */
    public static Optional<RowKernel> of(Layer layer) {
        return switch (layer) {
            case Layer.CopyColumns copy -> Optional.of(new PlainCopyColumns(copy));
            case Layer.Sample sample -> Optional.of(new PlainSample(sample));
            case Layer.Activate act -> Optional.of(new PlainElementwise("activate", act));
            case Layer.Affine affine -> Optional.of(new PlainElementwise("affine", affine));
            case Layer.PRelu prelu -> Optional.of(new PlainElementwise("prelu", prelu));
            case Layer.Softmax softmax -> Optional.of(new PlainElementwise("softmax", softmax));
            case Layer.Binary binary -> Optional.of(new PlainBinary(binary));
            case Layer.Reduce reduce -> Optional.of(new PlainColumns("reduce", reduce));
            case Layer.SelectColumns select -> Optional.of(new PlainColumns("select", select));
            case Layer.Pool pool -> Optional.of(new PlainPool(pool));
            case Layer.Conv conv when conv.groups() > 1 && !conv.isDepthwise() && conv.activation().isClip() ->
                Optional.of(new PlainGroups(conv));
            default -> Optional.empty();
        };
    }
}
