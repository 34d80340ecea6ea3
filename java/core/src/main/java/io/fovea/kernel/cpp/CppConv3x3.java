package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;

/**
 * 3x3 convolution of stride 1 that takes tiles where they are well filled and single rows elsewhere: small maps, masks that leave a few
 * sites of each tile, large dilations. A whole map always takes the same way. Weights of a way are packed when it is first taken.
 */
final class CppConv3x3 implements RowKernel {
    /**
     * A tile costs as much as this many rows (36 products against 9, for 4x4; 16 against 9 for 2x2), in quarters of a row.
     */
    private static final int TILE_4 = 16;
    private static final int TILE_2 = 8;
    /** Its weights are larger by so many, too, and have to be read once: in rows' time. */
    private static final int MORE_WEIGHTS = 15;

    private final Layer.Conv layer;
    private final int side;
    private final Arena arena;
    private volatile RowKernel tiles;
    private volatile RowKernel rows;

    CppConv3x3(Layer.Conv layer, int side, Arena arena) {
        this.layer = layer;
        this.side = side;
        this.arena = arena;
    }

    @Override
    public String name() {
        return CppWinograd.name(side);
    }

    @Override
    public int units(Operands o) {
        return o.outRows == 0 ? 0 : chosen(o).units(o);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        chosen(o).run(o, from, to, scratch);
    }

    /** Returns whether tiles are faster for the sites of a call. */
    static boolean takesTiles(int tiles, int rows, int side) {
        return (long) tiles * (side == 4 ? TILE_4 : TILE_2) + 4 * MORE_WEIGHTS < 4L * rows;
    }

    private RowKernel chosen(Operands o) {
        return takesTiles(o.table.tiles(side).count(), o.outRows, side) ? tiles() : rows();
    }

    private RowKernel tiles() {
        if (tiles == null) {
            synchronized (this) {
                if (tiles == null) {
                    tiles = new CppWinograd(layer, side, arena);
                }
            }
        }
        return tiles;
    }

    private RowKernel rows() {
        if (rows == null) {
            synchronized (this) {
                if (rows == null) {
                    rows = new CppConv(layer, arena);
                }
            }
        }
        return rows;
    }
}
