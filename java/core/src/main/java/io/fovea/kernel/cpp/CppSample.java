package io.fovea.kernel.cpp;

import io.fovea.graph.Sampling;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Weighted sums of the rows that a table names; units are row blocks. */
final class CppSample implements RowKernel {
    private static final int ROWS = 64;
    /** Rows that are worth a call of their own. */
    private static final int FEWEST = 4;
    private static final int MOST_TAPS = 64;
    private static final int MOST_WEIGHTS = 1 << 22;
    private final Layer.Sample layer;
    private final MemorySegment weights;

    CppSample(Layer.Sample layer, Arena arena) {
        this.layer = layer;
        Sampling s = layer.sampling();
        weights = arena.allocate(4L * s.taps() * s.vertical().size() * s.horizontal().size(), 64);
        for (int y = 0, i = 0; y < s.vertical().size(); y++) {
            for (int x = 0; x < s.horizontal().size(); x++) {
                for (int t = 0; t < s.taps(); t++, i++) {
                    weights.setAtIndex(ValueLayout.JAVA_FLOAT, i,
                            s.vertical().weight()[y * s.kernelH() + t / s.kernelW()]
                                    * s.horizontal().weight()[x * s.kernelW() + t % s.kernelW()]);
                }
            }
        }
    }

    /** Returns whether there is something to sum, in few taps, and the weights of all sites are not too many to keep. */
    static boolean fits(Layer.Sample layer) {
        Sampling s = layer.sampling();
        return !s.isCopy() && s.taps() <= MOST_TAPS
                && (long) s.taps() * s.vertical().size() * s.horizontal().size() <= MOST_WEIGHTS;
    }

    @Override
    public String name() {
        return "cpp/sample";
    }

    @Override
    public int units(Operands o) {
        return Split.shared(o.outRows, ROWS, FEWEST).pieces();
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.channels();
        o.check(channels, channels, channels, 0);
        int taps = layer.sampling().taps();
        Split rows = Split.shared(o.outRows, ROWS, FEWEST);
        int first = rows.start(from);
        int end = rows.start(to);
        boolean all = o.outRows == o.table.output().grid().sites();
        NativeRows.sample(o, channels, taps, all ? weights : packed(o, taps, first, end, scratch), first, end);
    }

    /** Returns the weights of packed rows, right for {@code first..end}. */
    private MemorySegment packed(Operands o, int taps, int first, int end, Scratch scratch) {
        MemorySegment packed = scratch.segment((long) o.outRows * taps);
        long row = 4L * taps;
        for (int r = first; r < end; r++) {
            MemorySegment.copy(weights, row * o.table.output().position(r), packed, row * r, row);
        }
        return packed;
    }
}
