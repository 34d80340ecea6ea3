package io.fovea.kernel.cpp;

import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import io.fovea.sites.EdgeLayout;
import io.fovea.sites.SiteSet;
import java.lang.foreign.MemorySegment;

/**
 * Mean over a whole map, without its table. Where all inactive sites read as one background row, only the active rows are read and that
 * row counts as often as there are such sites; where they have a row each, running sums over these tell what a stretch of
 * them adds. What a ring holds is read through the table by another kernel. One unit.
 */
final class CppGlobalAverage implements RowKernel {
    private final Layer.Pool layer;
    private final RowKernel throughTable;

    CppGlobalAverage(Layer.Pool layer, RowKernel throughTable) {
        this.layer = layer;
        this.throughTable = throughTable;
    }

    /** Returns whether a layer may be of this kind; whether the window covers the whole map shows in a call. */
    static boolean fits(Layer.Pool layer) {
        Window w = layer.window();
        return !layer.max() && w.taps() > 1 && w.padTop() + w.padLeft() + w.padBottom() + w.padRight() == 0;
    }

    @Override
    public String name() {
        return "cpp/global-average";
    }

    private boolean isWhole(Operands o) {
        SiteSet in = o.table.input();
        return o.outRows == 1 && o.table.output().grid().sites() == 1 && in.layout() != EdgeLayout.RING
                && in.grid().height() == layer.window().kernelH() && in.grid().width() == layer.window().kernelW();
    }

    @Override
    public int units(Operands o) {
        return isWhole(o) ? 1 : throughTable.units(o);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        if (!isWhole(o)) {
            throughTable.run(o, from, to, scratch);
            return;
        }
        if (from < to) {
            int channels = layer.channels();
            o.check(channels, channels, channels, 0);
            SiteSet sites = o.table.input();
            if (sites.layout() == EdgeLayout.PER_SITE && !sites.isFull()) {
                MemorySegment runs = scratch.segment(sites.runsLength());
                sites.writeRuns(runs);
                NativeRows.mapAverage(o, channels, o.edge.asSlice(4L * channels), sites.grid().sites(), o.edgeSums,
                        runs,
                        sites.runsLength());
                return;
            }
            int more = sites.grid().sites() - o.inRows;
            MemorySegment rest = more == 0 ? MemorySegment.NULL : o.edge.asSlice(4L * channels, 4L * channels);
            NativeRows.globalAverage(o, channels, rest, more);
        }
    }
}
