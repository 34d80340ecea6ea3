package io.fovea.kernel.onednn;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.plain.PlainKernels;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.Optional;

/** Convolutions by libdnnl: pointwise, k x k of one group, depthwise. Other layers by plain Java, or left to other tiers. */
public final class OneDnnTier implements KernelTier {
    private static final Logger LOG = System.getLogger("io.fovea.kernel");
    private final String version;

    /**
     * Loads libdnnl (the first time some tenths of a second, since 93 MB are unpacked).
     *
     * @throws IllegalStateException if it cannot run here; the message says why
     */
    public OneDnnTier() {
        DnnlLibrary.load();
        version = Dnnl.version();
    }

    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public String description() {
        return DnnlLibrary.description();
    }

    /** Returns the library's version, such as {@code 3.13.0}. */
    public String version() {
        return version;
    }

    /**
     * Looks whether the tier can be expected to run here, without loading anything.
     *
     * @return its description, or empty, which one log line at level DEBUG explains
     */
    public static Optional<String> probe() {
        try {
            DnnlLibrary.files();
            return Optional.of(DnnlLibrary.description());
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "kernels ''onednn'' are not used: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Returns whether a layer is of a kind that this tier may have a kernel for. Loads nothing. */
    public static boolean covers(Layer layer) {
        return layer instanceof Layer.Conv conv && conv.activation().isClip()
                && (conv.groups() == 1 || conv.isDepthwise());
    }

    @Override
    public Optional<RowKernel> prepare(Layer layer, Arena arena) {
        if (!covers(layer)) {
            return PlainKernels.of(layer);
        }
        try {
            return Optional.of(new OneDnnConv((Layer.Conv) layer, arena));
        } catch (Refusal e) {
            LOG.log(Level.DEBUG, "oneDNN is not used for {0} -> {1} channels, {2}: {3}", layer.inChannels(),
                    layer.outChannels(), ((Layer.Conv) layer).window(), e.getMessage());
            return Optional.empty();
        }
    }
}
