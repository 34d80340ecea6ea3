package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Pointwise convolution to one channel: a dot product per row. */
final class VectorDot implements RowKernel {
    private static final RowUnits UNITS = new RowUnits(64);
    private final Layer.Conv layer;
    private final int whole;

    VectorDot(Layer.Conv layer) {
        this.layer = layer;
        this.whole = SPECIES.loopBound(layer.inChannels());
    }

    @Override
    public String name() {
        return "vector/dot";
    }

    @Override
    public int units(Operands o) {
        return UNITS.count(o.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.inChannels();
        o.check(channels, channels, 1, layer.residual() ? 1 : 0);
        float low = layer.activation().low();
        float high = layer.activation().high();
        int end = UNITS.start(to, o.outRows);
        for (int row = UNITS.start(from, o.outRows); row < end; row++) {
            float sum = layer.bias()[0] + dot(o, row);
            if (layer.residual()) {
                sum += o.in2.getAtIndex(ValueLayout.JAVA_FLOAT, row);
            }
            o.out.setAtIndex(ValueLayout.JAVA_FLOAT, row, Math.min(Math.max(sum, low), high));
        }
    }

    private float dot(Operands o, int row) {
        float[] weights = layer.weights();
        int channels = layer.inChannels();
        int entry = o.table == null ? row : o.table.entry(row, 0);
        MemorySegment in = entry < o.inRows ? o.in : o.edge;
        long at = 4L * (entry < o.inRows ? entry : entry - o.inRows) * channels;
        FloatVector sum = FloatVector.zero(SPECIES);
        int c = 0;
        for (; c < whole; c += LENGTH) {
            sum = FloatVector.fromMemorySegment(SPECIES, in, at + 4L * c, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, weights, c), sum);
        }
        float rest = 0;
        for (; c < channels; c++) {
            rest = Math.fma(in.get(ValueLayout.JAVA_FLOAT, at + 4L * c), weights[c], rest);
        }
        return sum.reduceLanes(VectorOperators.ADD) + rest;
    }
}
