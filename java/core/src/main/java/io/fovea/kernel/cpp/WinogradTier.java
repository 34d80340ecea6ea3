package io.fovea.kernel.cpp;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * The compiled library's kernels with fewer multiplications for 3x3 convolutions of stride 1: F(4x4,3x3), a quarter of them, or
 * F(2x2,3x3). Their results differ from a direct sum's by rounding, see docs/performance.md; a value that is not finite spoils the tile of
 * outputs around it.
 */
public final class WinogradTier implements KernelTier {
    private static final int LEAST_CHANNELS = 16;
    private static final int LEAST_OUTPUTS = 8;
    private final int side;
    private final boolean adaptive;

    /**
     * Makes the tier.
     *
     * @param side side of a tile of outputs: 4 or 2
     * @param adaptive whether its kernels compute row by row where tiles are ill filled: on small maps, under masks, with large dilations
     * @throws IllegalStateException if the library is missing or cannot run here; the message says why
     */
    public WinogradTier(int side, boolean adaptive) {
        if (side != 2 && side != 4) {
            throw new IllegalArgumentException("tiles of " + side + "x" + side + ": 2 or 4 only");
        }
        this.side = side;
        this.adaptive = adaptive;
        new CppTier();
    }

    /** Returns whether a layer is of a kind that gains by it: with few channels the transforms cost more than they save. */
    public static boolean pays(Layer layer) {
        return layer instanceof Layer.Conv conv && CppWinograd.fits(conv) && conv.inChannels() >= LEAST_CHANNELS
                && conv.outChannels() >= LEAST_OUTPUTS;
    }

    @Override
    public String name() {
        return side == 4 ? "winograd" : "winograd2";
    }

    @Override
    public Optional<RowKernel> prepare(Layer layer, Arena arena) {
        if (!(layer instanceof Layer.Conv conv) || !CppWinograd.fits(conv)) {
            return Optional.empty();
        }
        return Optional.of(
                adaptive && CppTier.fits(conv)
                        ? new CppConv3x3(conv, side, arena)
                        : new CppWinograd(conv, side, arena));
    }
}
