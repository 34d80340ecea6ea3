package io.fovea.run;

import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;

/**
 * A convolution whose tier does not apply its activation, and the kernel that does afterwards.
 *
 * @param convolution runs first
 * @param then runs over its output
 */
record ActivatedKernel(RowKernel convolution, RowKernel then) implements RowKernel {

    @Override
    public String name() {
        return convolution.name();
    }

    @Override
    public int units(Operands operands) {
        return convolution.units(operands);
    }

    @Override
    public long scratchFloats(Operands operands) {
        return convolution.scratchFloats(operands);
    }

    @Override
    public void run(Operands operands, int from, int to, Scratch scratch) {
        convolution.run(operands, from, to, scratch);
    }
}
