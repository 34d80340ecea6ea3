package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.kernel.onednn.OneDnnTier;
import io.fovea.testing.Tiers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@link KernelTest} does not reach in the oneDNN tier: several blocks and bands, many threads, wrong use. */
class OneDnnKernelTest {
    private static final Activation[] CLAMPS = {Activation.NONE, Activation.RELU, Activation.RELU6,
            Activation.clip(-0.5f, Float.POSITIVE_INFINITY), Activation.clip(Float.NEGATIVE_INFINITY, 0.25f)};

    @BeforeAll
    static void tierRunsHere() {
        Assumptions.assumeTrue(Tiers.here().contains("onednn"), "oneDNN does not run here");
    }

    private static KernelTier tier() {
        return KernelTiers.ready("onednn").orElseThrow();
    }

    private static Layer.Conv conv(int in, int out, Window window, int groups, boolean residual, long seed) {
        Random random = new Random(seed);
        float[] weights = new float[out * (in / groups) * window.taps()];
        float[] bias = new float[out];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() / 4;
        }
        for (int i = 0; i < out; i++) {
            bias[i] = (float) random.nextGaussian();
        }
        return new Layer.Conv(in, out, window, groups, weights, bias, CLAMPS[(int) (seed % CLAMPS.length)], residual);
    }

    private static void check(Layer.Conv layer, Window table, int height, int width, double share, long seed) {
        try (Arena arena = Arena.ofConfined()) {
            RowKernel kernel = tier().prepare(layer, arena).orElseThrow();
            new KernelCase(layer, table, height, width, share, seed % 2 == 0, seed, arena).check(kernel);
        }
    }

    @Test
    void productsOfSeveralBlocks() {
        int[][] shapes = {{96, 576}, {160, 320}, {512, 512}, {24, 144}, {64, 1}, {3, 700}};
        int seed = 0;
        for (int[] shape : shapes) {
            for (int rows : new int[]{1, 47, 48, 49, 96, 145, 300}) {
                check(conv(shape[0], shape[1], Window.POINTWISE, 1, rows % 2 == 1, ++seed), null, rows, 1, 1, seed);
            }
        }
        for (int rows : new int[]{671, 672, 1351}) {
            check(conv(16, 96, Window.POINTWISE, 1, true, ++seed), null, rows, 1, 1, seed);
        }
    }

    @Test
    void mapsOfSeveralBandsAndTheSameLayersOnSomeSites() {
        List<Window> windows = List.of(Window.square(3, 1, 1), Window.same(3, 2, 41, 40), Window.square(5, 1, 2),
                Window.same(5, 2, 41, 40), new Window(3, 3, 1, 1, 2, 2, 2, 2, 2, 2),
                new Window(3, 2, 2, 3, 1, 0, 0, 2, 1, 1), new Window(1, 1, 2, 2, 0, 0, 0, 0, 1, 1));
        int seed = 100;
        for (Window window : windows) {
            for (double share : new double[]{1, 0.6}) {
                check(conv(72, 72, window, 72, ++seed % 2 == 0, seed), window, 41, 40, share, seed);
                check(conv(24, 40, window, 1, ++seed % 2 == 0, seed), window, 41, 40, share, seed);
            }
        }
    }

    @Test
    void pointwiseBetweenDifferentSites() {
        for (double share : new double[]{0, 0.3, 1}) {
            check(conv(32, 64, Window.POINTWISE, 1, true, 7), Window.POINTWISE, 30, 31, share, 7);
        }
    }

    @Test
    void manyThreadsCallOneKernel() throws Exception {
        Window window = Window.square(3, 1, 1);
        Layer.Conv depthwise = conv(64, 64, window, 64, true, 31);
        Layer.Conv dense = conv(16, 48, window, 1, false, 32);
        try (Arena arena = Arena.ofShared();
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
                ExecutorService platform = Executors.newFixedThreadPool(4)) {
            for (Layer.Conv layer : List.of(depthwise, dense)) {
                RowKernel kernel = tier().prepare(layer, arena).orElseThrow();
                float[][] want = new float[8][];
                for (int i = 0; i < want.length; i++) {
                    RowKernel alone = tier().prepare(layer, arena).orElseThrow();
                    want[i] = oneCase(layer, window, i, arena).run(alone, 1);
                }
                List<Future<float[]>> got = new ArrayList<>();
                for (int i = 0; i < 64; i++) {
                    KernelCase work = oneCase(layer, window, i % want.length, arena);
                    int pieces = 1 + i % 5;
                    Callable<float[]> task = () -> work.run(kernel, pieces);
                    got.add((i % 3 == 0 ? virtual : platform).submit(task));
                }
                for (int i = 0; i < got.size(); i++) {
                    assertArrayEquals(want[i % want.length], got.get(i).get(), 0f,
                            kernel.name() + " task " + i + " of " + layer.window());
                }
            }
        }
    }

    private static KernelCase oneCase(Layer layer, Window window, int i, Arena arena) {
        return new KernelCase(layer, window, 20, 21, i % 2 == 0 ? 1 : 0.4, false, 500 + i, arena);
    }

    @Test
    void wrongBuffersAreRefusedBeforeTheyReachTheLibrary() {
        Layer.Conv layer = conv(16, 32, Window.POINTWISE, 1, true, 9);
        try (Arena arena = Arena.ofConfined()) {
            RowKernel kernel = tier().prepare(layer, arena).orElseThrow();
            Operands o = operands(arena, 10);
            o.outRows = 11;
            o.inRows = 11;
            assertThrows(IndexOutOfBoundsException.class, () -> run(kernel, o));
            Operands fewer = operands(arena, 10);
            fewer.inRows = 9;
            assertThrows(IndexOutOfBoundsException.class, () -> run(kernel, fewer));
            Operands heap = operands(arena, 10);
            heap.in = MemorySegment.ofArray(new float[160]);
            assertThrows(IllegalArgumentException.class, () -> run(kernel, heap));
            Operands freed = operands(arena, 10);
            try (Arena other = Arena.ofConfined()) {
                freed.out = other.allocate(4L * 320, 64);
            }
            assertThrows(IllegalStateException.class, () -> run(kernel, freed));
        }
    }

    @Test
    void closedKernelRefusesToRun() {
        Layer.Conv layer = conv(16, 32, Window.POINTWISE, 1, true, 9);
        RowKernel kernel;
        try (Arena arena = Arena.ofConfined()) {
            kernel = tier().prepare(layer, arena).orElseThrow();
            run(kernel, operands(arena, 10));
        }
        try (Arena arena = Arena.ofConfined()) {
            Operands o = operands(arena, 10);
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> run(kernel, o));
            assertTrue(e.getMessage().contains("closed"), e.getMessage());
        }
    }

    private static Operands operands(Arena arena, int rows) {
        Operands o = new Operands();
        o.inRows = rows;
        o.outRows = rows;
        o.in = arena.allocate(4L * rows * 16, 64);
        o.in2 = arena.allocate(4L * rows * 32, 64);
        o.out = arena.allocate(4L * rows * 32, 64);
        return o;
    }

    private static void run(RowKernel kernel, Operands o) {
        kernel.run(o, 0, kernel.units(o), new Scratch());
    }

    @Test
    void otherLayersAreLeftToOtherTiers() {
        List<Layer> others = List.of(new Layer.Add(8, Activation.RELU),
                new Layer.Pool(8, Window.square(3, 2, 1), true, false),
                conv(8, 8, Window.square(3, 1, 1), 2, false, 1));
        try (Arena arena = Arena.ofConfined()) {
            for (Layer layer : others) {
                assertFalse(OneDnnTier.covers(layer), layer.toString());
                assertTrue(tier().prepare(layer, arena).map(kernel -> !kernel.name().startsWith("onednn")).orElse(true),
                        layer.toString());
            }
        }
    }

    @Test
    void knowsItsVersion() {
        assertEquals("3.13.0", new OneDnnTier().version());
        assertTrue(tier().description().matches("onednn [0-9a-f]{24}"), tier().description());
    }
}
