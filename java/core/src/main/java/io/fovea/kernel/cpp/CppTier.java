package io.fovea.kernel.cpp;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowBlend;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.plain.PlainKernels;
import io.fovea.sites.RunTeller;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * Compiled kernels for convolutions, fused inverted residuals, sums, pools, element-wise functions and scaling by squeeze and excite; other layers by plain Java, or left to other tiers. The instruction set is
 * the best of this processor, or the one that system property {@code fovea.native.isa} names (avx512, avx2, neon, generic).
 */
public final class CppTier implements KernelTier {
    private static final int MOST_TAPS = 1 << 10;
    private static final int MOST_INPUTS = 1 << 20;
    private static final int LARGEST_DEPTHWISE = 9;
    private static final String REASON = start();

    /**
     * Makes the tier.
     *
     * @throws IllegalStateException if the library is missing or cannot run here; the message says why
     */
    public CppTier() {
        if (REASON != null) {
            throw new IllegalStateException(REASON);
        }
    }

    /** Loads the library; returns why it cannot be used, or null. */
    private static String start() {
        try {
            Native.start(System.getProperty("fovea.native.isa"));
            return null;
        } catch (ExceptionInInitializerError e) {
            return String.valueOf(e.getCause().getMessage());
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    @Override
    public String name() {
        return "cpp";
    }

    @Override
    public String description() {
        return "cpp " + isa();
    }

    /** Returns the name of the instruction set in use. */
    public String isa() {
        return Native.isa();
    }

    @Override
    public Optional<RowKernel> prepare(Layer layer, Arena arena) {
        return switch (layer) {
            case Layer.Conv conv when !NativeActivation.exists(conv.activation()) -> Optional.empty();
            case Layer.Conv conv when conv.groups() == 1 && fits(conv) -> Optional.of(new CppConv(conv, arena));
            case Layer.Conv conv when conv.isDepthwise() && fitsDepthwise(conv) ->
                Optional.of(new CppDepthwise(conv, arena));
            case Layer.Block block when CppBlock.fits(block) -> Optional.of(new CppBlock(block, arena));
            case Layer.Add add when add.activation().isClip() -> Optional.of(new CppAdd(add));
            case Layer.Activate act when NativeActivation.exists(act.activation()) -> Optional.of(new CppActivate(act));
            case Layer.Affine affine -> Optional.of(new CppAffine(affine, arena));
            case Layer.Binary binary when CppScale.fits(binary) -> Optional.of(new CppScale(binary));
            case Layer.Pool pool when pool.window().taps() > MOST_TAPS && CppGlobalAverage.fits(pool) ->
                PlainKernels.of(pool).map(k -> new CppGlobalAverage(pool, k));
            case Layer.Pool pool when CppGlobalAverage.fits(pool) ->
                Optional.of(new CppGlobalAverage(pool, new CppPool(pool)));
            case Layer.Pool pool when pool.window().taps() <= MOST_TAPS -> Optional.of(new CppPool(pool));
            case Layer.Sample sample when CppSample.fits(sample) -> Optional.of(new CppSample(sample, arena));
            case Layer.Conv conv when PlainKernels.merges(conv) ->
                Optional.of(new CppConv(PlainKernels.merged(conv), arena));
            default -> PlainKernels.of(layer);
        };
    }

    @Override
    public Optional<RunTeller> runTeller() {
        return Optional.of(Native::tellRuns);
    }

    @Override
    public Optional<RowBlend> blend() {
        return Optional.of(NativeRows::blend);
    }

    static boolean fits(Layer.Conv conv) {
        int taps = conv.window().taps();
        return taps <= MOST_TAPS && (long) taps * conv.inChannels() <= MOST_INPUTS
                && conv.outChannels() <= MOST_INPUTS;
    }

    static boolean fitsDepthwise(Layer.Conv conv) {
        return conv.window().kernelH() <= LARGEST_DEPTHWISE && conv.window().kernelW() <= LARGEST_DEPTHWISE;
    }
}
