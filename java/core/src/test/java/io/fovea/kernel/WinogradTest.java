package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.kernel.cpp.WinogradTier;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.sites.Mask;
import io.fovea.testing.NetRun;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** 3x3 convolutions with fewer multiplications: which layers take them, and what they compute in a net. */
class WinogradTest {

    @BeforeAll
    static void needsTheLibrary() {
        assumeTrue(KernelTiers.ready("winograd").isPresent(), "SKIPPED: no compiled kernels here");
    }

    private static float[] values(int n, long seed) {
        Random random = new Random(seed);
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }

    private static Layer.Conv conv(int in, int out, Window window, boolean residual) {
        return new Layer.Conv(in, out, window, 1, values(out * in * 9, 1), values(out, 2), Activation.RELU, residual);
    }

    @Test
    void kernelsThatAdaptAreRightForFullAndSparseTiles() {
        Window dilated = new Window(3, 3, 1, 1, 3, 3, 3, 3, 3, 3);
        for (int side : new int[]{2, 4}) {
            for (Window window : List.of(Window.square(3, 1, 1), dilated)) {
                for (double share : new double[]{1, 0.6, 0.2, 0.02, 0}) {
                    try (Arena arena = Arena.ofConfined()) {
                        Layer layer = conv(18, 37, window, share > 0.5);
                        RowKernel kernel = new WinogradTier(side, true).prepare(layer, arena).orElseThrow();
                        new KernelCase(layer, window, 21, 18, share, share < 0.5, 3, arena).check(kernel);
                    }
                }
            }
        }
    }

    @Test
    void wholeNetsTakeThemByRuleUnlessToldNot() {
        Graph graph = net();
        assertEquals(Map.of("winograd/4x4", 2L, "cpp/conv", 1L), kernels(graph, Winograd.AUTO));
        assertEquals(Map.of("winograd2/2x2", 2L, "cpp/conv", 1L), kernels(graph, Winograd.SMALL));
        assertEquals(Map.of("cpp/conv", 3L), kernels(graph, Winograd.OFF));
    }

    private static Map<String, Long> kernels(Graph graph, Winograd winograd) {
        try (Session session = Session.open(graph, options(1, winograd))) {
            Map<String, Long> counts = new HashMap<>();
            session.plan().steps().forEach(s -> counts.merge(s.kernel().name(), 1L, Long::sum));
            return counts;
        }
    }

    private static SessionOptions options(int threads, Winograd winograd) {
        return new SessionOptions(threads, "auto", null, Tuning.OFF, winograd);
    }

    /** Three 3x3 convolutions on 40x36 sites; the first has too few channels for tiles. */
    private static Graph net() {
        GraphBuilder g = new GraphBuilder("net", "image", new Shape(40, 36, 3));
        String a = conv(g, "a", "image", 3, 24);
        String b = conv(g, "b", a, 24, 40);
        String c = conv(g, "c", b, 40, 16);
        return g.build(List.of(c));
    }

    private static String conv(GraphBuilder g, String name, String in, int from, int to) {
        float[] weights = values(to * from * 9, name.hashCode());
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= (float) Math.sqrt(from * 9);
        }
        return g.add(name, new Op.Conv(Window.square(3, 1, 1), 1, to, weights, values(to, 5), Activation.NONE),
                name + ".out", in);
    }

    @Test
    void netsComputeTheSameBitsOnAnyNumberOfThreadsAndUnderAFullMask() {
        Graph graph = net();
        float[] image = values(3 * 40 * 36, 9);
        float[] direct = NetRun.of(graph, options(1, Winograd.OFF), image, null);
        for (Winograd winograd : List.of(Winograd.AUTO, Winograd.SMALL)) {
            float[] one = NetRun.of(graph, options(1, winograd), image, null);
            assertClose(direct, one, winograd.toString());
            assertArrayEquals(one, NetRun.of(graph, options(2, winograd), image, null), winograd + ", two threads");
            Mask full = Mask.uniform(40, 36, 4, true);
            assertArrayEquals(one, NetRun.of(graph, options(1, winograd), image, full), winograd + ", full mask");
            Mask part = Mask.uniform(40, 36, 4, false).withRectangle(5, 9, 22, 30);
            assertClose(NetRun.of(graph, options(1, Winograd.OFF), image, part),
                    NetRun.of(graph, options(2, winograd), image, part), winograd + ", part of the map");
        }
    }

    /** The bound of docs/performance.md for outputs of this size: far below 1e-5 of the largest. */
    private static void assertClose(float[] want, float[] got, String what) {
        NetRun.assertClose(want, got, 1e-5, what);
    }

    @Test
    void layersThatDoNotGainAreLeftToOthers() {
        Window plain = Window.square(3, 1, 1);
        assertTrue(WinogradTier.pays(conv(16, 8, plain, false)));
        assertFalse(WinogradTier.pays(conv(15, 16, plain, false)));
        assertFalse(WinogradTier.pays(conv(16, 7, plain, false)));
        assertFalse(WinogradTier.pays(conv(16, 16, Window.square(3, 2, 1), false)));
        assertFalse(WinogradTier.pays(new Layer.Conv(16, 16, Window.POINTWISE, 1, new float[256], new float[16],
                Activation.NONE, false)));
        assertThrows(IllegalArgumentException.class, () -> new WinogradTier(3, false));
    }
}
