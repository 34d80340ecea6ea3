package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Depthwise convolution and a projection with fewer multiplications. Units are groups of image rows; few sites are computed as in {@link CppBlock},
 * with weights packed when they first come.
 */
final class CppStrassenBlock implements RowKernel {
    private final Layer.Block layer;
    private final int levels;
    private final Arena arena;
    private final BlockArguments.Weights weights;
    private volatile CppBlock few;

    CppStrassenBlock(Layer.Block layer, Arena arena) {
        this.layer = layer;
        this.arena = arena;
        Layer.Conv d = layer.depthwise();
        Layer.Conv p = layer.project();
        levels = StrassenTier.levels(p);
        weights = new BlockArguments.Weights(null,
                Native.packDepthwise(d.weights(), d.bias(), d.outChannels(), d.window().taps(), arena),
                Native.packStrassen(p.weights(), p.bias(), p.outChannels(), p.inChannels(), levels, arena),
                null);
    }

    @Override
    public String name() {
        return "strassen/block";
    }

    @Override
    public int units(Operands o) {
        return groups(o) ? RowGroups.count(o) : few().units(o);
    }

    private boolean groups(Operands o) {
        return RowGroups.pays(o, layer.project());
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        if (!groups(o)) {
            few().run(o, from, to, scratch);
            return;
        }
        BlockArguments.check(o, layer);
        BlockArguments.Reads reads = BlockArguments.Reads.of(o.table, layer.depthwise().window());
        for (int group = from; group < to; group++) {
            int first = RowGroups.line(o, group);
            int end = RowGroups.line(o, group + 1);
            MemorySegment struct = BlockArguments.describe(o, layer, weights, reads, scratch, 0, 0,
                    s -> Native.blockGroupScratch(s, levels, first, end, o.table));
            Native.blockGroup(struct, levels, first, end, o, weights, reads,
                    layer.project().residual() ? o.in2 : MemorySegment.NULL);
        }
    }

    private CppBlock few() {
        if (few == null) {
            synchronized (this) {
                if (few == null) {
                    few = new CppBlock(layer, arena);
                }
            }
        }
        return few;
    }
}
