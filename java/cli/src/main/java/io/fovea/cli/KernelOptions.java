package io.fovea.cli;

import io.fovea.DetectorOptions;
import io.fovea.kernel.Winograd;
import picocli.CommandLine.Option;

/** Which kernels compute; shared by the commands that run a model. */
public final class KernelOptions {
    @Option(names = "--kernels", paramLabel = "TIER", defaultValue = "auto", //
            description = "Which kernels compute: auto, cpp, vector, onednn, scalar; default: ${DEFAULT-VALUE}.")
    private String kernels;

    @Option(names = "--winograd", paramLabel = "auto|small|off", defaultValue = "auto", //
            description = "Kernels with fewer multiplications for 3x3 and large 1x1 convolutions, which round differently, among those that "
                    + "--kernels auto may take: tiles of 4x4 outputs, of 2x2, or none; default: ${DEFAULT-VALUE}.")
    private Winograd winograd;

    /** Used by picocli. */
    public KernelOptions() {
    }

    /** Returns the tier asked for. */
    public String tier() {
        return kernels;
    }

    /** Sets what was asked for and returns the builder. */
    public DetectorOptions.Builder apply(DetectorOptions.Builder builder) {
        return builder.kernels(kernels).winograd(winograd);
    }
}
