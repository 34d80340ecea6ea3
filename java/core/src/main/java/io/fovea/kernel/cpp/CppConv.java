package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Convolution of one group: a matrix product, through the table where there is one. Units are row blocks when the activations are
 * larger than the weights; otherwise panels of output columns times a few row blocks, so that each worker reads a part of the weights.
 */
final class CppConv implements RowKernel {
    private static final int ROWS = 48;
    /** Rows for which it is worth reading the weights. */
    private static final int FEWEST = 12;
    private final Layer.Conv layer;
    private final MemorySegment packed;
    private final int taps;
    private final int panels;
    private final NativeActivation activation;

    CppConv(Layer.Conv layer, Arena arena) {
        this.layer = layer;
        this.taps = layer.window().taps();
        this.packed = Native.packConv(layer.weights(), layer.bias(), layer.outChannels(), layer.inChannels(), taps,
                arena);
        int columns = Native.panelColumns();
        this.panels = (layer.outChannels() + columns - 1) / columns;
        this.activation = NativeActivation.of(layer.activation());
    }

    @Override
    public String name() {
        return layer.isPointwise() ? "cpp/gemm" : "cpp/conv";
    }

    @Override
    public int units(Operands o) {
        return rows(o).pieces() * (byColumns(o) ? panels : 1);
    }

    private Split rows(Operands o) {
        return byColumns(o) ? Split.of(o.outRows, ROWS) : Split.even(o.outRows, ROWS, FEWEST);
    }

    private boolean byColumns(Operands o) {
        return o.outRows < layer.outChannels() && panels > 1;
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(layer.inChannels(), layer.inChannels(), layer.outChannels(),
                layer.residual() ? layer.outChannels() : 0);
        Split rows = rows(o);
        if (!byColumns(o)) {
            part(o, rows.start(from), rows.start(to), 0, panels, scratch);
            return;
        }
        // Unit u is row block u % pieces of panel u / pieces; whole panels side by side are one call.
        int pieces = rows.pieces();
        int unit = from;
        while (unit < to) {
            int panel = unit / pieces;
            int block = unit % pieces;
            int whole = block == 0 ? (to - unit) / pieces : 0;
            if (whole > 0) {
                part(o, 0, o.outRows, panel, panel + whole, scratch);
                unit += whole * pieces;
            } else {
                int end = Math.min(pieces, block + to - unit);
                part(o, rows.start(block), rows.start(end), panel, panel + 1, scratch);
                unit += end - block;
            }
        }
    }

    private void part(Operands o, int from, int to, int fromPanel, int toPanel, Scratch scratch) {
        MemorySegment in2 = layer.residual() ? o.in2 : MemorySegment.NULL;
        if (o.table == null) {
            Native.gemm(o, layer.inChannels(), packed, layer.outChannels(), in2, activation, from, to, fromPanel,
                    toPanel);
        } else {
            MemorySegment work = scratch.segment(Native.convScratch(layer.inChannels(), taps));
            Native.conv(o, layer.inChannels(), layer.window(), packed, layer.outChannels(), in2, activation, from, to,
                    fromPanel, toPanel, work);
        }
    }
}
