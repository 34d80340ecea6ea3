package io.fovea.kernel.plain;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the plain kernels share: blocks of rows are copied into arrays, computed there and copied back. Units are row blocks. */
abstract class PlainKernel implements RowKernel {
    /** Values of one block, so that its arrays stay in the first cache. */
    private static final int BLOCK_FLOATS = 1 << 11;
    private static final int MOST_ROWS = 64;
    private final String name;
    final int inChannels;
    final int outChannels;
    private final int second;
    private final RowUnits units;

    /**
     * @param second channels of {@link Operands#in2}, 0 when it is not read
     */
    PlainKernel(String name, Layer layer, int second) {
        this.name = "java/" + name;
        this.inChannels = layer.inChannels();
        this.outChannels = layer.outChannels();
        this.second = second;
        this.units = new RowUnits(Math.clamp(BLOCK_FLOATS / Math.max(inChannels, outChannels), 1, MOST_ROWS));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int units(Operands o) {
        return units.count(o.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(inChannels, inChannels, outChannels, 0);
        if (second > 0) {
            o.checkSecond(secondRows(o), second);
        }
        for (int unit = from; unit < to; unit++) {
            int first = units.start(unit, o.outRows);
            int end = units.start(unit + 1, o.outRows);
            float[] out = rows(o, first, end, scratch);
            MemorySegment.copy(out, 0, o.out, ValueLayout.JAVA_FLOAT, 4L * first * outChannels,
                    (end - first) * outChannels);
        }
    }

    /** Returns the rows of the second operand that are read. */
    int secondRows(Operands o) {
        return o.outRows;
    }

    /** Computes output rows {@code first..end-1} into the head of an array of the scratch. */
    abstract float[] rows(Operands o, int first, int end, Scratch scratch);

    /** Copies rows of a segment into an array. */
    static void load(MemorySegment from, int firstRow, int channels, float[] to, int at, int rows) {
        MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, 4L * firstRow * channels, to, at, rows * channels);
    }
}
