package io.fovea.hammer;

import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.kernel.KernelTiers;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import io.fovea.testing.Values;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Kernels given operands that do not fit: too small, of other sites, on the heap, freed, off a float's boundary, with ranges out of
 * range. Each call ends in an exception, or has computed something, and never writes outside its output.
 */
public final class WrongSizes {
    private static final int GUARD = 256;
    private static final float CANARY = 4711.25f;
    private static final int[] NUMBERS = {-1, 0, 1, 7, 1 << 20, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE};
    private final Random random;
    private final Arena arena;
    private final Layer layer;
    private final Window window;
    private final Operands operands;
    private final MemorySegment guarded;
    private final String what;

    private WrongSizes(long seed, Arena arena) {
        random = new Random(seed);
        this.arena = arena;
        window = List.of(Window.square(3, 1, 1), Window.square(3, 2, 1), Window.square(5, 1, 2))
                .get(random.nextInt(3));
        layer = layer();
        operands = new Operands();
        boolean table = !(layer instanceof Layer.Add || layer instanceof Layer.Conv c && c.isPointwise());
        SiteSet in = sites(window, 2 + random.nextInt(9));
        operands.inRows = in.count();
        operands.outRows = in.count();
        if (table) {
            SiteSet out = outputs(in);
            operands.table = new NeighbourTable(window, in, out, arena);
            operands.table.build();
            operands.outRows = out.count();
            operands.edgeRows = in.edgeRows();
            operands.edge = rows(operands.edgeRows, edgeChannels());
        }
        operands.in = rows(operands.inRows, layer.inChannels());
        operands.in2 = rows(operands.outRows, layer.outChannels());
        long floats = (long) operands.outRows * layer.outChannels();
        guarded = arena.allocate(4 * (floats + 2 * GUARD), 64);
        for (long i = 0; i < floats + 2 * GUARD; i++) {
            guarded.setAtIndex(ValueLayout.JAVA_FLOAT, i, CANARY);
        }
        operands.out = guarded.asSlice(4 * GUARD, 4 * floats);
        what = "seed " + seed + ", " + layer.getClass().getSimpleName() + " " + layer.inChannels() + " -> "
                + layer.outChannels() + " " + window;
    }

    /** Tries {@code args[1]} cases with the kernels of {@code args[0]}, from seed {@code args[2]} on if there is one. */
    public static void main(String[] args) throws InterruptedException, IOException {
        int refused = 0;
        int computed = 0;
        long first = args.length > 2 ? Long.parseLong(args[2]) : 1;
        for (long seed = first; seed < first + Long.parseLong(args[1]); seed++) {
            try (Arena arena = Arena.ofShared()) {
                WrongSizes one = new WrongSizes(seed, arena);
                var kernel = KernelTiers.find(args[0]).getFirst().prepare(one.layer, arena);
                if (kernel.isPresent()) {
                    if (one.refuses(kernel.get())) {
                        refused++;
                    } else {
                        computed++;
                    }
                }
            }
        }
        long closed = FreedUnderWay.run(args[0], first);
        System.out.println("DONE " + refused + " refused, " + computed + " computed, " + closed + " freed under way");
    }

    private Layer layer() {
        int in = 1 + random.nextInt(40);
        int out = 1 + random.nextInt(70);
        boolean residual = random.nextBoolean();
        return switch (random.nextInt(6)) {
            case 0 -> conv(in, out, Window.POINTWISE, 1, residual);
            case 1 -> conv(in, out, window, 1, residual);
            case 2 -> conv(in, in, window, in, residual);
            case 3 -> new Layer.Add(in, Activation.RELU6);
            case 4 -> new Layer.Pool(in, window, random.nextBoolean(), residual);
            default -> new Layer.Block(conv(in, 2 * in, Window.POINTWISE, 1, false),
                    conv(2 * in, 2 * in, window, 2 * in, false), conv(2 * in, out, Window.POINTWISE, 1, residual));
        };
    }

    private Layer.Conv conv(int in, int out, Window w, int groups, boolean residual) {
        return new Layer.Conv(in, out, w, groups, Values.gaussian(random, out * (in / groups) * w.taps(), 1),
                Values.gaussian(random, out, 1), Activation.RELU6, residual);
    }

    private int edgeChannels() {
        return layer instanceof Layer.Block b ? b.depthwise().outChannels() : layer.inChannels();
    }

    private SiteSet sites(Window w, int size) {
        SiteSet set = new SiteSet(SiteGrid.of(size, size + 1, List.of(w)), random.nextBoolean(), arena);
        set.set(flags(set.grid().sites()));
        return set;
    }

    private SiteSet outputs(SiteSet in) {
        SiteGrid grid = in.grid();
        SiteSet set = new SiteSet(
                SiteGrid.of(window.outHeight(grid.height()), window.outWidth(grid.width()), List.of()), false, arena);
        set.set(flags(set.grid().sites()));
        return set;
    }

    private boolean[] flags(int count) {
        boolean[] flags = new boolean[count];
        int share = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            flags[i] = random.nextInt(4) < share;
        }
        return flags;
    }

    private MemorySegment rows(int rows, int channels) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, Values.gaussian(random, Math.max(1, rows * channels), 1))
                .asSlice(0, 4L * rows * channels);
    }

    private boolean refuses(RowKernel kernel) {
        int from = 0;
        int to = 0;
        String how = "";
        try {
            to = kernel.units(operands);
            int faults = 1 + random.nextInt(2);
            for (int i = 0; i < faults; i++) {
                how += spoil() + "; ";
            }
            if (random.nextInt(4) == 0) {
                to = kernel.units(operands);
            }
            if (random.nextInt(4) == 0) {
                from = number();
                how += "from " + from + "; ";
            }
            if (random.nextInt(4) == 0) {
                to = number();
                how += "to " + to + "; ";
            }
            kernel.run(operands, from, Math.min(to, from < 0 ? 3 : from + 100_000), new Scratch());
            return false;
        } catch (RuntimeException e) {
            return true;
        } finally {
            checkGuards(kernel.name() + ": " + what + ", " + how);
        }
    }

    private int number() {
        return random.nextBoolean() ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextInt(-3, 12);
    }

    private String spoil() {
        switch (random.nextInt(9)) {
            case 0 -> operands.in = spoilt(operands.in);
            case 1 -> operands.in2 = spoilt(operands.in2);
            case 2 -> operands.edge = spoilt(operands.edge);
            case 3 -> operands.out = shorter(operands.out);
            case 4 -> operands.inRows = number();
            case 5 -> operands.outRows = number();
            case 6 -> operands.edgeRows = number();
            case 7 -> {
                if (operands.table != null && random.nextBoolean()) {
                    // Sites that changed after the table was built.
                    SiteSet set = random.nextBoolean() ? operands.table.input() : operands.table.output();
                    set.set(flags(set.grid().sites()));
                    return "sites changed";
                }
                Window w = random.nextBoolean() ? window : Window.square(7, 1, 3);
                SiteSet in = sites(w, 2 + random.nextInt(9));
                operands.table = random.nextInt(4) == 0 ? null : new NeighbourTable(w, in, in, arena);
                return "another table";
            }
            default -> {
                return "nothing";
            }
        }
        return "a buffer or a number";
    }

    /** A segment that is not what the kernel should get; reading it is harmless only if it is refused. */
    private MemorySegment spoilt(MemorySegment segment) {
        if (segment == null) {
            return rows(1, 1);
        }
        switch (random.nextInt(5)) {
            case 0 :
                return null;
            case 1 :
                return MemorySegment.ofArray(new float[(int) (segment.byteSize() / 4)]);
            case 2 :
                Arena gone = Arena.ofShared();
                MemorySegment freed = gone.allocate(Math.max(64, segment.byteSize()), 64);
                gone.close();
                return freed;
            case 3 :
                return arena.allocate(segment.byteSize() + 64, 64).asSlice(1 + random.nextInt(3), segment.byteSize());
            default :
                return shorter(segment);
        }
    }

    private MemorySegment shorter(MemorySegment segment) {
        return segment.asSlice(0, segment.byteSize() == 0 ? 0 : random.nextLong(segment.byteSize()));
    }

    private void checkGuards(String where) {
        long count = guarded.byteSize() / 4;
        for (int i = 0; i < GUARD; i++) {
            if (guarded.getAtIndex(ValueLayout.JAVA_FLOAT, i) != CANARY
                    || guarded.getAtIndex(ValueLayout.JAVA_FLOAT, count - 1 - i) != CANARY) {
                throw new AssertionError("written outside: " + where + " "
                        + Arrays.toString(new int[]{operands.inRows, operands.outRows, operands.edgeRows}));
            }
        }
    }
}
