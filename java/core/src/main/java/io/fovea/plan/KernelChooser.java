package io.fovea.plan;

import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;

/** Picks the kernel of a layer. */
public interface KernelChooser {

    /**
     * Returns the kernel that runs a layer.
     *
     * @param name name of the step, for messages
     * @param layer what it computes
     * @throws IllegalStateException if no tier has one
     */
    RowKernel choose(String name, Layer layer);

    /** Returns the kernel that runs a whole block in one step, or null to run its layers one by one. */
    RowKernel fuse(String name, Layer.Block layer);
}
