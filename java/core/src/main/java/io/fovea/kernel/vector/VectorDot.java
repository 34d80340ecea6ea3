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

/**
 * Pointwise convolution to one channel: a dot product per row. Lanes are added in an order of our own, since that of
 * {@code reduceLanes} is left open and differs between interpreted and compiled code.
 */
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
        float[] lanes = new float[LENGTH];
        for (int row = UNITS.start(from, o.outRows); row < end; row++) {
            float sum = layer.bias()[0] + dot(o, row, lanes);
            if (layer.residual()) {
                sum += o.in2.getAtIndex(ValueLayout.JAVA_FLOAT, row);
            }
            o.out.setAtIndex(ValueLayout.JAVA_FLOAT, row, Math.min(Math.max(sum, low), high));
        }
    }

    private float dot(Operands o, int row, float[] lanes) {
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
        sum.intoArray(lanes, 0);
        for (int half = LENGTH / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[i + half];
            }
        }
        return lanes[0] + rest;
    }
}
