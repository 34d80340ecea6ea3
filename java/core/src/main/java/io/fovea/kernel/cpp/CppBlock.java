package io.fovea.kernel.cpp;

import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Inverted residual whose expanded rows stay in cache. Units are bands of output image rows with about as many sites each; there are few of them, because the
 * expanded rows that two bands share are computed by both. Without expansion, and where rows are so few that reading the weights takes
 * longest, units are parts of the columns.
 */
final class CppBlock implements RowKernel {
    private static final int BAND = 18;
    private static final int MOST_BANDS = 4;
    /** Rows up to which a large projection is shared by columns. */
    private static final int FEW_ROWS = 24;
    private static final int LARGE = 1 << 16;
    private static final int COLUMN_PARTS = 2;
    private final Layer.Block layer;
    private final BlockArguments.Weights weights;
    private final int panels;
    private final boolean large;

    CppBlock(Layer.Block layer, Arena arena) {
        this.layer = layer;
        Layer.Conv e = layer.expand();
        Layer.Conv d = layer.depthwise();
        Layer.Conv p = layer.project();
        int columns = Native.panelColumns();
        panels = (p.outChannels() + columns - 1) / columns;
        large = e == null && panels >= COLUMN_PARTS && (long) p.inChannels() * p.outChannels() >= LARGE;
        weights = new BlockArguments.Weights(
                e == null ? null : Native.packConv(e.weights(), e.bias(), e.outChannels(), e.inChannels(), 1, arena),
                Native.packDepthwise(d.weights(), d.bias(), d.outChannels(), d.window().taps(), arena),
                Native.packConv(p.weights(), p.bias(), p.outChannels(), p.inChannels(), 1, arena),
                layer.kept() == null ? null : arena.allocateFrom(ValueLayout.JAVA_INT, layer.kept()));
    }

    /** Returns whether the library can run the block. */
    static boolean fits(Layer.Block block) {
        Layer.Conv e = block.expand();
        Layer.Conv d = block.depthwise();
        Window w = d.window();
        return (e == null || e.isPointwise() && !e.residual()) && d.isDepthwise() && !d.residual()
                && CppTier.fitsDepthwise(d) && w.strideH() == w.strideW() && w.dilationH() == 1 && w.dilationW() == 1
                && w.padTop() <= 9 && block.project().isPointwise()
                && (e == null || NativeActivation.exists(e.activation())) && NativeActivation.exists(d.activation())
                && NativeActivation.exists(block.project().activation());
    }

    @Override
    public String name() {
        return "cpp/block";
    }

    @Override
    public int units(Operands o) {
        return o.outRows == 0 ? 0 : byColumns(o) ? COLUMN_PARTS : bands(o);
    }

    private boolean byColumns(Operands o) {
        return large && o.outRows <= FEW_ROWS;
    }

    /** Two bands where rows allow it, so that a second worker has something to do, or four; image rows without sites do not count. */
    private static int bands(Operands o) {
        SiteSet out = o.table.output();
        int lines = 0;
        for (int y = 0; y < out.grid().height(); y++) {
            lines += out.firstRow(y + 1) > out.firstRow(y) ? 1 : 0;
        }
        // Not three: of two workers one would compute twice as much as the other.
        return Math.min(lines, Split.of(lines, BAND).pieces() < MOST_BANDS ? 2 : MOST_BANDS);
    }

    /** Returns the image row with which a band begins: bands hold about as many sites each. */
    private static int start(Operands o, int band, int bands) {
        SiteSet out = o.table.output();
        int height = out.grid().height();
        if (band == 0 || band == bands) {
            return band == 0 ? 0 : height;
        }
        long before = (long) o.outRows * band / bands;
        int y = 0;
        while (y < height && out.firstRow(y) < before) {
            y++;
        }
        // The nearer of the two image rows around the wanted number of sites.
        return before - out.firstRow(y - 1) < out.firstRow(y) - before ? y - 1 : y;
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        BlockArguments.check(o, layer);
        boolean columns = byColumns(o);
        Split parts = new Split(panels, COLUMN_PARTS);
        BlockArguments.Reads reads = BlockArguments.Reads.of(o.table, layer.depthwise().window());
        MemorySegment struct = BlockArguments.describe(o, layer, weights, reads, scratch,
                columns ? parts.start(from) : 0,
                columns ? parts.start(to) : 0, s -> Native.blockScratch(s, o.table));
        int bands = columns ? 1 : bands(o);
        Native.block(struct, columns ? 0 : start(o, from, bands), columns
                ? o.table.output().grid().height()
                : start(o, to, bands), o, weights, reads, layer.project().residual() ? o.in2 : MemorySegment.NULL);
    }
}
