package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** 1x1 convolution with fewer multiplications. Units are groups of rows; few rows are computed one by one, with weights packed when they first come. */
final class CppStrassen implements RowKernel {
    private final Layer.Conv layer;
    private final int levels;
    private final NativeActivation activation;
    private final Arena arena;
    private final MemorySegment packed;
    private volatile CppConv few;

    CppStrassen(Layer.Conv layer, Arena arena) {
        this.layer = layer;
        this.levels = StrassenTier.levels(layer);
        this.activation = NativeActivation.of(layer.activation());
        this.arena = arena;
        this.packed = Native.packStrassen(layer.weights(), layer.bias(), layer.outChannels(), layer.inChannels(),
                levels, arena);
    }

    @Override
    public String name() {
        return "strassen/gemm";
    }

    @Override
    public int units(Operands o) {
        return groups(o) ? RowGroups.count(o) : few().units(o);
    }

    /** Rows that a table names are gathered by the plain kernel. */
    private boolean groups(Operands o) {
        return o.table == null && RowGroups.pays(o, layer);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        if (!groups(o)) {
            few().run(o, from, to, scratch);
            return;
        }
        int in = layer.inChannels();
        int out = layer.outChannels();
        o.check(in, in, out, layer.residual() ? out : 0);
        MemorySegment in2 = layer.residual() ? o.in2 : MemorySegment.NULL;
        for (int group = from; group < to; group++) {
            int first = RowGroups.start(o, group);
            int end = RowGroups.start(o, group + 1);
            MemorySegment work = scratch.segment(Native.strassenScratch(in, out, levels, end - first));
            Native.strassen(o, in, packed, levels, out, in2, activation, first, end, work);
        }
    }

    private CppConv few() {
        if (few == null) {
            synchronized (this) {
                if (few == null) {
                    few = new CppConv(layer, arena);
                }
            }
        }
        return few;
    }
}
