package io.fovea.kernel.cpp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.SiteSet;
import java.lang.foreign.MemorySegment;
import java.util.function.ToLongFunction;

/** Writes the fields of {@code struct fovea_block} one after another: buffers with their lengths, then sizes, then activations. */
final class BlockArguments {
    /** Size of the struct: 17 buffers, 17 sizes, 3 activations of 3 words, 2 panels. */
    static final long BYTES = 17 * 16 + 17 * 4 + 9 * 4 + 2 * 4;
    /** Columns of padding on the left that lines may have. */
    private static final int MOST_PADDING = 9;
    private static final MemorySegment NULL = MemorySegment.NULL;
    private final MemorySegment struct;
    private long at;

    private BlockArguments(MemorySegment struct) {
        this.struct = struct;
    }

    /**
     * Packed weights of a block's three convolutions and the depthwise channels that its projection reads, all of one arena; expand is null
     * where there is none, kept where it reads all.
     */
    record Weights(MemorySegment expand, MemorySegment depthwise, MemorySegment project, MemorySegment kept) {}

    /**
     * What tells a block which rows its outputs read: the entries of a table, its runs, or what the input's image rows read as with the runs
     * of the output's sites. The others are null segments.
     */
    record Reads(MemorySegment table, MemorySegment runs, MemorySegment lines, MemorySegment sites) {

        static Reads of(NeighbourTable table, Window window) {
            boolean dense = table.input().isFull() && table.output().isFull();
            if (!dense && window.kernelH() == 3 && window.kernelW() == 3 && window.strideW() <= 2
                    && window.padLeft() <= MOST_PADDING) {
                return new Reads(NULL, NULL, table.input().lineList(), table.output().runList());
            }
            return table.hasRuns()
                    ? new Reads(NULL, table.runs(), NULL, NULL)
                    : new Reads(table.data(), NULL, NULL, NULL);
        }
    }

    /** Checks the buffers of a call, see {@link Operands#check}. */
    static void check(Operands o, Layer.Block layer) {
        o.check(layer.inChannels(), layer.depthwise().outChannels(), layer.outChannels(),
                layer.project().residual() ? layer.outChannels() : 0);
    }

    /**
     * Describes a call at the head of a worker's scratch and gives it the rest.
     *
     * @param fromPanel first panel of the projection's columns
     * @param toPanel end of the panels; 0 and 0 stand for all
     * @param floats length of scratch for a call so described
     */
    static MemorySegment describe(Operands o, Layer.Block layer, Weights weights, Reads reads, Scratch scratch,
            int fromPanel, int toPanel, ToLongFunction<MemorySegment> floats) {
        long head = (BYTES + 63) / 64 * 16; // floats, whole lines
        MemorySegment struct = scratch.segment(head);
        write(o, layer, weights, reads, fromPanel, toPanel, struct);
        MemorySegment whole = scratch.segment(head + floats.applyAsLong(struct));
        if (whole.address() != struct.address()) {
            write(o, layer, weights, reads, fromPanel, toPanel, whole);
        }
        new BlockArguments(whole).scratch(whole.asSlice(4 * head));
        return whole;
    }

    private static void write(Operands o, Layer.Block layer, Weights weights, Reads reads, int fromPanel, int toPanel,
            MemorySegment struct) {
        Layer.Conv d = layer.depthwise();
        Window w = d.window();
        SiteSet in = o.table.input();
        SiteSet out = o.table.output();
        BlockArguments a = new BlockArguments(struct);
        a.buffer(o.in).buffer(weights.expand()).buffer(null).buffer(null).buffer(o.edge)
                .buffer(reads.table()).buffer(reads.runs(), reads.runs() == NULL ? 0 : o.table.runsLength())
                .buffer(reads.lines(), reads.lines() == NULL ? 0 : in.lineListLength())
                .buffer(reads.sites(), reads.sites() == NULL ? 0 : out.runsLength()).buffer(weights.depthwise())
                .buffer(weights.project()).buffer(weights.kept())
                .buffer(layer.project().residual() ? o.in2 : null).buffer(o.out).buffer(in.rowStart())
                .buffer(out.rowStart()).buffer(null);
        a.size(o.inRows).size(1).size(0).size(o.inRows).size(layer.inChannels()).size(d.outChannels())
                .size(layer.outChannels()).size(o.edgeRows).size(o.outRows).size(in.grid().height())
                .size(out.grid().height()).size(w.kernelH()).size(w.kernelW()).size(w.strideH()).size(w.padTop())
                .size(w.padLeft()).size(out.grid().width());
        a.activation(layer.expand() == null ? Activation.NONE : layer.expand().activation());
        a.activation(d.activation());
        a.activation(layer.project().activation());
        a.size(fromPanel).size(toPanel);
    }

    private BlockArguments buffer(MemorySegment buffer) {
        struct.set(ADDRESS, at, buffer == null ? NULL : buffer);
        struct.set(JAVA_LONG, at + 8, buffer == null ? 0 : buffer.byteSize() / 4);
        at += 16;
        return this;
    }

    /** A buffer of which only the first {@code length} elements of four bytes are used. */
    private BlockArguments buffer(MemorySegment buffer, int length) {
        struct.set(ADDRESS, at, buffer);
        struct.set(JAVA_LONG, at + 8, length);
        at += 16;
        return this;
    }

    private BlockArguments size(int value) {
        struct.set(JAVA_INT, at, value);
        at += 4;
        return this;
    }

    private void activation(Activation activation) {
        NativeActivation f = NativeActivation.of(activation);
        struct.set(JAVA_INT, at, f.kind());
        struct.set(JAVA_FLOAT, at + 4, f.alpha());
        struct.set(JAVA_FLOAT, at + 8, f.beta());
        at += 12;
    }

    /** Overwrites the last buffer, the scratch. */
    private void scratch(MemorySegment scratch) {
        at = 16 * 16;
        buffer(scratch);
    }
}
