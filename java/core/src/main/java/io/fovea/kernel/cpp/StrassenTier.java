package io.fovea.kernel.cpp;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * The compiled library's kernels with fewer multiplications for large 1x1 convolutions, alone or after a depthwise convolution:
 * Strassen's product in Winograd's form, once (7 multiplications for 8) or twice (49 for 64). Rows of a group share multiplications, so a row's last bits depend
 * on which rows are computed; see docs/performance.md for the bound.
 */
public final class StrassenTier implements KernelTier {
    private static final int LEAST_CHANNELS = 128;
    private static final int TWICE = 512;

    /**
     * Makes the tier.
     *
     * @throws IllegalStateException if the library is missing or cannot run here; the message says why
     */
    public StrassenTier() {
        new CppTier();
    }

    /** Returns whether a layer is of a kind that may gain by it: in small products the sums cost more than they save. */
    public static boolean pays(Layer layer) {
        return switch (layer) {
            case Layer.Conv conv ->
                conv.isPointwise() && NativeActivation.exists(conv.activation()) && isLarge(conv);
            case Layer.Block block -> block.expand() == null && CppBlock.fits(block) && isLarge(block.project());
            default -> false;
        };
    }

    private static boolean isLarge(Layer.Conv conv) {
        return conv.inChannels() >= LEAST_CHANNELS && conv.outChannels() >= LEAST_CHANNELS && levels(conv) > 0;
    }

    /** Returns how often a product is halved: where its parts stay large and fill whole cache lines; 0 for never. */
    static int levels(Layer.Conv conv) {
        int least = Math.min(conv.inChannels(), conv.outChannels());
        return least >= TWICE && fits(conv, 2) ? 2 : fits(conv, 1) ? 1 : 0;
    }

    private static boolean fits(Layer.Conv conv, int levels) {
        int unit = 16 << levels;
        return conv.inChannels() % unit == 0 && conv.outChannels() % unit == 0;
    }

    @Override
    public String name() {
        return "strassen";
    }

    @Override
    public boolean mixesRows() {
        return true;
    }

    @Override
    public Optional<RowKernel> prepare(Layer layer, Arena arena) {
        if (!pays(layer)) {
            return Optional.empty();
        }
        return Optional.of(layer instanceof Layer.Block block
                ? new CppStrassenBlock(block, arena)
                : new CppStrassen((Layer.Conv) layer, arena));
    }
}
