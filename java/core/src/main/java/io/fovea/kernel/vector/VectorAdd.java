package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** Sum of two values and a clamp; rows are contiguous, so a unit is one long vector loop. */
final class VectorAdd implements RowKernel {
    private static final RowUnits UNITS = new RowUnits(64);
    private final Layer.Add layer;

    VectorAdd(Layer.Add layer) {
        this.layer = layer;
    }

    @Override
    public String name() {
        return "vector/add";
    }

    @Override
    public int units(Operands o) {
        return UNITS.count(o.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(layer.channels(), layer.channels(), layer.channels(), layer.channels());
        long i = (long) UNITS.start(from, o.outRows) * layer.channels();
        long end = (long) UNITS.start(to, o.outRows) * layer.channels();
        float low = layer.activation().low();
        float high = layer.activation().high();
        for (; i + LENGTH <= end; i += LENGTH) {
            FloatVector.fromMemorySegment(SPECIES, o.in, 4 * i, ORDER)
                    .add(FloatVector.fromMemorySegment(SPECIES, o.in2, 4 * i, ORDER)).max(low).min(high)
                    .intoMemorySegment(o.out, 4 * i, ORDER);
        }
        for (; i < end; i++) {
            float sum = o.in.getAtIndex(ValueLayout.JAVA_FLOAT, i) + o.in2.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            o.out.setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.min(Math.max(sum, low), high));
        }
    }
}
