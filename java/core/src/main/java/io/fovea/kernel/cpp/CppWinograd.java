package io.fovea.kernel.cpp;

import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import io.fovea.sites.OutputTiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * 3x3 convolution of stride 1 by Winograd's minimal filtering (Lavin and Gray 2016): tiles of m x m outputs that hold an active site. Units
 * are groups of tiles; where the transformed weights are larger than the second-level cache, large groups and parts of the columns,
 * so that the weights are read few times; where tiles are few, parts of the columns too.
 */
final class CppWinograd implements RowKernel {
    private static final int MOST_CHANNELS = 1 << 20;
    private static final int TILES = 24;
    private static final int FEWEST_TILES = 4;
    private static final int HEAVY_TILES = 96;
    private static final int HEAVY_UNITS = 4;
    private static final long HEAVY_WEIGHTS = 1 << 19;

    private final Layer.Conv layer;
    private final int side;
    private final MemorySegment packed;
    private final int panels;
    private final boolean heavy;
    /** Whether there are columns enough to share, so that each thread reads a part of the weights. */
    private final boolean byColumns;
    private final NativeActivation activation;

    CppWinograd(Layer.Conv layer, int side, Arena arena) {
        this.layer = layer;
        this.side = side;
        this.packed = Native.packWinograd(layer.weights(), layer.bias(), layer.outChannels(), layer.inChannels(), side,
                arena);
        this.activation = NativeActivation.of(layer.activation());
        int columns = Native.panelColumns();
        this.panels = (layer.outChannels() + columns - 1) / columns;
        this.heavy = packed.byteSize() / 4 > HEAVY_WEIGHTS;
        this.byColumns = heavy && panels >= HEAVY_UNITS;
    }

    /** Returns whether the library can run the layer. */
    static boolean fits(Layer.Conv conv) {
        Window w = conv.window();
        return NativeActivation.exists(conv.activation()) && conv.groups() == 1 && w.kernelH() == 3 && w.kernelW() == 3
                && w.strideH() == 1 && w.strideW() == 1
                && conv.inChannels() <= MOST_CHANNELS && conv.outChannels() <= MOST_CHANNELS;
    }

    static String name(int side) {
        return (side == 4 ? "winograd/" : "winograd2/") + side + "x" + side;
    }

    @Override
    public String name() {
        return name(side);
    }

    @Override
    public int units(Operands o) {
        if (o.outRows == 0) {
            return 0;
        }
        Split tiles = groups(o);
        return tiles.pieces() * columnParts(tiles).pieces();
    }

    private Split groups(Operands o) {
        int tiles = o.table.tiles(side).count();
        return byColumns ? Split.of(tiles, HEAVY_TILES) : Split.even(tiles, heavy ? HEAVY_TILES : TILES, FEWEST_TILES);
    }

    private Split columnParts(Split tiles) {
        int wanted = byColumns ? HEAVY_UNITS : 2;
        int parts = tiles.pieces() < wanted ? (wanted + tiles.pieces() - 1) / tiles.pieces() : 1;
        return new Split(panels, Math.min(panels, parts));
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(layer.inChannels(), layer.inChannels(), layer.outChannels(),
                layer.residual() ? layer.outChannels() : 0);
        Split tiles = groups(o);
        Split parts = columnParts(tiles);
        // Unit u is tile group u % pieces of column part u / pieces; whole parts side by side are one call.
        int pieces = tiles.pieces();
        int unit = from;
        while (unit < to) {
            int part = unit / pieces;
            int group = unit % pieces;
            int whole = group == 0 ? (to - unit) / pieces : 0;
            if (whole > 0) {
                part(o, 0, tiles.length(), parts.start(part), parts.start(part + whole), scratch);
                unit += whole * pieces;
            } else {
                int end = Math.min(pieces, group + to - unit);
                part(o, tiles.start(group), tiles.start(end), parts.start(part), parts.start(part + 1), scratch);
                unit += end - group;
            }
        }
    }

    private void part(Operands o, int from, int to, int fromPanel, int toPanel, Scratch scratch) {
        OutputTiles tiles = o.table.tiles(side);
        MemorySegment in2 = layer.residual() ? o.in2 : MemorySegment.NULL;
        MemorySegment work = scratch
                .segment(Native.winogradScratch(layer.inChannels(), layer.outChannels(), side, to - from));
        Native.winograd(o, tiles, layer.inChannels(), packed, layer.outChannels(), in2, activation, from, to, fromPanel,
                toPanel, work);
    }
}
