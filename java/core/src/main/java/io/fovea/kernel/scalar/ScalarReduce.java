package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import java.util.stream.IntStream;

/** One value from all channels of a row. */
final class ScalarReduce extends ScalarKernel {
    private final Layer.Reduce layer;

    ScalarReduce(Layer.Reduce layer) {
        super("reduce", layer, false);
        this.layer = layer;
    }

    @Override
    void row(Operands o, int row) {
        long first = (long) row * layer.inChannels();
        put(o.out, row, layer.kind()
                .apply(IntStream.range(0, layer.inChannels()).mapToDouble(c -> at(o.in, first + c))));
    }
}
