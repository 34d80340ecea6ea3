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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Another thread frees a buffer while kernels work on it: the one or the other is refused. */
final class FreedUnderWay {
    private static final int SIZE = 24;
    private static final int CHANNELS = 16;
    private static final int TIMES = 60;

    private FreedUnderWay() {
    }

    /** Returns how often a buffer was freed. */
    static long run(String tier, long seed) throws InterruptedException {
        Window window = Window.square(3, 1, 1);
        Layer.Conv pointwise = conv(Window.POINTWISE, 1);
        Layer.Conv depthwise = conv(window, CHANNELS);
        long freed = 0;
        try (Arena arena = Arena.ofShared()) {
            SiteSet in = new SiteSet(SiteGrid.of(SIZE, SIZE, List.of(window)), true, arena);
            SiteSet out = new SiteSet(SiteGrid.of(SIZE, SIZE, List.of()), false, arena);
            in.fill();
            out.fill();
            NeighbourTable table = new NeighbourTable(window, in, out, arena);
            table.build();
            Random random = new Random(seed);
            for (Layer layer : List.of(pointwise, depthwise, conv(window, 1),
                    new Layer.Block(pointwise, depthwise, pointwise), new Layer.Add(CHANNELS, Activation.RELU))) {
                RowKernel kernel = KernelTiers.find(tier).getFirst().prepare(layer, arena).orElse(null);
                for (int i = 0; kernel != null && i < TIMES; i++) {
                    freed += once(kernel, layer, table, random, arena);
                }
            }
        }
        return freed;
    }

    private static Layer.Conv conv(Window window, int groups) {
        return new Layer.Conv(CHANNELS, CHANNELS, window, groups,
                Values.gaussian(3, CHANNELS * (CHANNELS / groups) * window.taps()), Values.gaussian(4, CHANNELS),
                Activation.RELU6, true);
    }

    private static int once(RowKernel kernel, Layer layer, NeighbourTable table, Random random, Arena arena)
            throws InterruptedException {
        Arena doomed = Arena.ofShared();
        int which = random.nextInt(4);
        Operands o = new Operands();
        boolean reads = !(layer instanceof Layer.Add || layer instanceof Layer.Conv c && c.isPointwise());
        o.inRows = table.input().count();
        o.outRows = table.output().count();
        o.table = reads ? table : null;
        o.edgeRows = table.input().edgeRows();
        o.in = rows(which == 0 ? doomed : arena, o.inRows);
        o.in2 = rows(which == 1 ? doomed : arena, o.outRows);
        o.edge = rows(which == 2 ? doomed : arena, o.edgeRows);
        o.out = rows(which == 3 ? doomed : arena, o.outRows);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread worker = Thread.ofPlatform().start(() -> {
            Scratch scratch = new Scratch();
            try {
                while (!stop.get()) {
                    kernel.run(o, 0, kernel.units(o), scratch);
                }
            } catch (IllegalStateException e) {
                // The buffer is gone.
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        Thread.sleep(0, random.nextInt(900_000));
        int closed = 0;
        for (int i = 0; i < 1000 && closed == 0; i++) {
            try {
                doomed.close();
                closed = 1;
            } catch (IllegalStateException e) {
                Thread.onSpinWait(); // held by a call
            }
        }
        stop.set(true);
        worker.join();
        if (closed == 0) {
            doomed.close();
        }
        if (failure.get() != null) {
            throw new AssertionError(kernel.name() + ", buffer " + which, failure.get());
        }
        return closed;
    }

    private static MemorySegment rows(Arena arena, int rows) {
        MemorySegment segment = arena.allocate(4L * rows * CHANNELS, 64);
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1);
        return segment;
    }
}
