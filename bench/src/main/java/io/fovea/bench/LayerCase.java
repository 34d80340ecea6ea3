package io.fovea.bench;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/** One layer on a whole map of noise, ready to be run by any kernel. */
final class LayerCase {
    private final Operands operands = new Operands();
    private final Scratch scratch = new Scratch();

    LayerCase(LayerShape shape, Layer.Conv layer, Arena arena) {
        SiteSet in = new SiteSet(SiteGrid.of(shape.height(), shape.width(), List.of(layer.window())), false, arena);
        in.fill();
        SiteSet out = in;
        if (!layer.isPointwise()) {
            out = new SiteSet(SiteGrid.of(layer.window().outHeight(shape.height()),
                    layer.window().outWidth(shape.width()), List.of()), false, arena);
            out.fill();
            operands.table = new NeighbourTable(layer.window(), in, out, arena);
            operands.table.build();
            operands.edgeRows = in.edgeRows();
            operands.edge = arena.allocate(4L * operands.edgeRows * shape.in() + 64, 64);
        }
        operands.inRows = in.count();
        operands.outRows = out.count();
        operands.in = noise(in.count() * shape.in(), 1, arena);
        operands.in2 = shape.residual() ? noise(out.count() * shape.out(), 2, arena) : null;
        operands.out = noise(out.count() * shape.out(), 3, arena);
    }

    private static MemorySegment noise(int values, long seed, Arena arena) {
        MemorySegment segment = arena.allocate(4L * values + 64, 64).asSlice(0, 4L * values);
        Random random = new Random(seed);
        for (int i = 0; i < values; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, 2 * random.nextFloat() - 1);
        }
        return segment;
    }

    /** Runs a kernel over all rows on the calling thread. */
    MemorySegment run(RowKernel kernel) {
        kernel.run(operands, 0, kernel.units(operands), scratch);
        return operands.out;
    }

    /** Returns the output rows after a run. */
    float[] output(RowKernel kernel) {
        return run(kernel).toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Returns the number of output rows. */
    int rows() {
        return operands.outRows;
    }
}
