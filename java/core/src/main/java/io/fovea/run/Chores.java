package io.fovea.run;

import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.util.function.IntConsumer;

/** Things to do that a {@link Team} can share though they are no kernel's: numbered, independent of each other. */
record Chores(String name, int count, IntConsumer one) implements RowKernel {

    @Override
    public int units(Operands operands) {
        return count;
    }

    @Override
    public void run(Operands operands, int from, int to, Scratch scratch) {
        for (int i = from; i < to; i++) {
            one.accept(i);
        }
    }
}
