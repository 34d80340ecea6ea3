package io.fovea.kernel.scalar;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the scalar kernels share: a row at a time, sizes checked first. */
abstract class ScalarKernel implements RowKernel {
    private static final RowUnits UNITS = new RowUnits(16);
    private final String name;
    private final int inChannels;
    private final int outChannels;
    private final int in2Channels;

    ScalarKernel(String name, Layer layer, boolean readsTwo) {
        this.name = "scalar/" + name;
        this.inChannels = layer.inChannels();
        this.outChannels = layer.outChannels();
        this.in2Channels = readsTwo ? layer.outChannels() : 0;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int units(Operands operands) {
        return UNITS.count(operands.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(inChannels, inChannels, outChannels, in2Channels);
        int end = UNITS.start(to, o.outRows);
        for (int row = UNITS.start(from, o.outRows); row < end; row++) {
            row(o, row);
        }
    }

    /** Computes one output row. */
    abstract void row(Operands o, int row);

    static float at(MemorySegment segment, long index) {
        return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    static void put(MemorySegment segment, long index, double value) {
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
    }

    /** Returns channel c of the row that a table entry names. */
    static float tap(Operands o, int entry, int channels, int c) {
        return entry < o.inRows
                ? at(o.in, (long) entry * channels + c)
                : at(o.edge, (long) (entry - o.inRows) * channels + c);
    }
}
