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
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Another thread frees a buffer while kernels work on it: the one or the other is refused. The buffer is a mapped file, whose addresses
 * are gone at once when it is freed, so that a kernel that still reads them ends the JVM.
 */
final class FreedUnderWay {
    private static final int SIZE = 24;
    private static final int CHANNELS = 16;
    private static final int TIMES = 60;

    private FreedUnderWay() {
    }

    /** Returns how often a buffer was freed. */
    static long run(String tier, long seed) throws InterruptedException, IOException {
        Path file = Files.createTempFile("fovea-hammer", ".rows");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return run(tier, seed, channel);
        } finally {
            Files.delete(file);
        }
    }

    private static long run(String tier, long seed, FileChannel file) throws InterruptedException, IOException {
        Window window = Window.square(3, 1, 1);
        Layer.Conv pointwise = conv(Window.POINTWISE, 1, true);
        Layer.Block block = new Layer.Block(conv(Window.POINTWISE, 1, false), conv(window, CHANNELS, false), pointwise);
        long freed = 0;
        try (Arena arena = Arena.ofShared()) {
            SiteSet in = new SiteSet(SiteGrid.of(SIZE, SIZE, List.of(window)), true, arena);
            SiteSet out = new SiteSet(SiteGrid.of(SIZE, SIZE, List.of()), false, arena);
            in.fill();
            out.fill();
            NeighbourTable table = new NeighbourTable(window, in, out, arena);
            table.build();
            Random random = new Random(seed);
            for (Layer layer : List.of(pointwise, conv(window, CHANNELS, true), conv(window, 1, true), block,
                    new Layer.Add(CHANNELS, Activation.RELU))) {
                RowKernel kernel = KernelTiers.find(tier).getFirst().prepare(layer, arena).orElse(null);
                for (int i = 0; kernel != null && i < TIMES; i++) {
                    freed += once(kernel, layer, table, random, arena, file);
                }
            }
        }
        return freed;
    }

    private static Layer.Conv conv(Window window, int groups, boolean residual) {
        return new Layer.Conv(CHANNELS, CHANNELS, window, groups,
                Values.gaussian(3, CHANNELS * (CHANNELS / groups) * window.taps()), Values.gaussian(4, CHANNELS),
                Activation.RELU6, residual);
    }

    private static int once(RowKernel kernel, Layer layer, NeighbourTable table, Random random, Arena arena,
            FileChannel file) throws InterruptedException, IOException {
        Arena doomed = Arena.ofShared();
        int which = random.nextInt(4);
        Operands o = new Operands();
        boolean reads = !(layer instanceof Layer.Add || layer instanceof Layer.Conv c && c.isPointwise());
        o.inRows = table.input().count();
        o.outRows = table.output().count();
        o.table = reads ? table : null;
        o.edgeRows = table.input().edgeRows();
        MemorySegment mapped = file.map(FileChannel.MapMode.READ_WRITE, 0,
                4L * Math.max(o.inRows, o.edgeRows) * CHANNELS, doomed);
        o.in = which == 0 ? mapped : rows(arena, o.inRows);
        o.in2 = which == 1 ? mapped : rows(arena, o.outRows);
        o.edge = which == 2 ? mapped : rows(arena, o.edgeRows);
        o.out = which == 3 ? mapped : rows(arena, o.outRows);
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
        return arena.allocate(4L * rows * CHANNELS, 64);
    }
}
