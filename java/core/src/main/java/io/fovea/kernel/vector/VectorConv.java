package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.PANEL;
import static io.fovea.kernel.vector.Lanes.ROWS;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * Convolution of one group as a GEMM over gathered rows: blocks of output rows are copied tap by tap into a contiguous panel (through
 * the table, or straight for a pointwise window), then every column panel of the packed weights passes over them.
 *
 * <p>Few rows are split over workers by column panels, many by row blocks; neither changes a result.
 */
final class VectorConv implements RowKernel {
    private static final int BLOCK = 4 * ROWS;
    private static final int FEW_ROWS = 2 * BLOCK;
    private final Layer.Conv layer;
    private final int depth;
    private final int panels;
    private final float[] packed;
    private final float[] bias;
    private final float low;
    private final float high;

    VectorConv(Layer.Conv layer) {
        this.layer = layer;
        int taps = layer.window().taps();
        int in = layer.inChannels();
        int out = layer.outChannels();
        this.depth = in * taps;
        this.panels = (out + PANEL - 1) / PANEL;
        this.packed = new float[panels * depth * PANEL];
        this.bias = new float[panels * PANEL];
        for (int c = 0; c < out; c++) {
            int panel = c / PANEL * depth * PANEL + c % PANEL;
            for (int t = 0; t < taps; t++) {
                for (int i = 0; i < in; i++) {
                    packed[panel + (t * in + i) * PANEL] = layer.weights()[(c * in + i) * taps + t];
                }
            }
            bias[c] = layer.bias()[c];
        }
        this.low = layer.activation().low();
        this.high = layer.activation().high();
    }

    @Override
    public String name() {
        return layer.isPointwise() ? "vector/gemm" : "vector/conv";
    }

    @Override
    public int units(Operands o) {
        if (o.outRows == 0) {
            return 0;
        }
        return o.outRows <= FEW_ROWS ? panels : (o.outRows + BLOCK - 1) / BLOCK;
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(layer.inChannels(), layer.inChannels(), layer.outChannels(),
                layer.residual() ? layer.outChannels() : 0);
        float[] work = scratch.floats(BLOCK * depth + ROWS * PANEL);
        if (o.outRows <= FEW_ROWS) {
            for (int row = 0; row < o.outRows; row += BLOCK) {
                block(o, row, from, to, work, scratch);
            }
        } else {
            for (int unit = from; unit < to; unit++) {
                block(o, unit * BLOCK, 0, panels, work, scratch);
            }
        }
    }

    private void block(Operands o, int row, int fromPanel, int toPanel, float[] work, Scratch scratch) {
        int rows = Math.min(BLOCK, o.outRows - row);
        gather(o, row, rows, work, scratch);
        for (int p = fromPanel; p < toPanel; p++) {
            boolean wholePanel = (p + 1) * PANEL <= layer.outChannels();
            for (int r = 0; r < rows; r += ROWS) {
                GemmTile.run(work, r * depth, depth, packed, p * depth * PANEL, bias, p * PANEL, work, BLOCK * depth);
                if (wholePanel && r + ROWS <= rows) {
                    GemmTile.store(work, BLOCK * depth, layer.residual() ? o.in2 : null, low, high, o.out,
                            at(row + r, p), 4L * layer.outChannels());
                } else {
                    storePart(o, row + r, Math.min(ROWS, rows - r), p, work);
                }
            }
        }
    }

    private long at(int row, int panel) {
        return 4L * ((long) row * layer.outChannels() + (long) panel * PANEL);
    }

    private void gather(Operands o, int row, int rows, float[] work, Scratch scratch) {
        int in = layer.inChannels();
        if (o.table == null) {
            MemorySegment.copy(o.in, ValueLayout.JAVA_FLOAT, 4L * row * in, work, 0, rows * in);
            return;
        }
        int taps = layer.window().taps();
        int[] entries = scratch.ints(rows * taps);
        MemorySegment.copy(o.table.data(), ValueLayout.JAVA_INT, 4L * row * taps, entries, 0, rows * taps);
        int inRows = o.inRows;
        for (int e = 0; e < rows * taps;) {
            int entry = entries[e];
            int end = Math.min(rows * taps, e - e % taps + taps);
            int next = e + 1;
            while (next < end && entries[next] == entry + next - e && (entry >= inRows || entries[next] < inRows)) {
                next++;
            }
            if (entry < inRows) {
                copy(o.in, (long) entry * in, work, e * in, (next - e) * in);
            } else {
                copy(o.edge, (long) (entry - inRows) * in, work, e * in, (next - e) * in);
            }
            e = next;
        }
    }

    /** Copies a few floats as one vector (what it writes beyond them is overwritten by the next copy), many in bulk. */
    private static void copy(MemorySegment from, long first, float[] to, int at, int count) {
        if (count <= LENGTH && 4 * (first + LENGTH) <= from.byteSize()) {
            FloatVector.fromMemorySegment(SPECIES, from, 4 * first, ORDER).intoArray(to, at);
        } else {
            MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, 4 * first, to, at, count);
        }
    }

    /** Finishes a tile that hangs over the last row or column. */
    private void storePart(Operands o, int row, int rows, int panel, float[] work) {
        int tileAt = BLOCK * depth;
        int columns = Math.min(PANEL, layer.outChannels() - panel * PANEL);
        for (int r = 0; r < rows; r++) {
            long out = (long) (row + r) * layer.outChannels() + (long) panel * PANEL;
            int tile = tileAt + r * PANEL;
            if (layer.residual()) {
                for (int c = 0; c < columns; c++) {
                    work[tile + c] += o.in2.getAtIndex(ValueLayout.JAVA_FLOAT, out + c);
                }
            }
            for (int c = 0; c < columns; c++) {
                work[tile + c] = Math.min(Math.max(work[tile + c], low), high);
            }
            MemorySegment.copy(work, tile, o.out, ValueLayout.JAVA_FLOAT, 4L * out, columns);
        }
    }
}
