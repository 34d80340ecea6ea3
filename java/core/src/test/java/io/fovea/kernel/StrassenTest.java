package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.kernel.cpp.StrassenTier;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.sites.Mask;
import io.fovea.testing.Masks;
import io.fovea.testing.NetRun;
import io.fovea.testing.Values;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** 1x1 convolutions with fewer multiplications: which layers take them, and what they compute alone and in a net. */
class StrassenTest {
    private static final int HEIGHT = 37;
    private static final int WIDTH = 41;

    @BeforeAll
    static void needsTheLibrary() {
        assumeTrue(KernelTiers.ready("strassen").isPresent(), "SKIPPED: no compiled kernels here");
    }

    private static float[] values(int n, int inputs, long seed) {
        return Values.gaussian(new Random(seed), n, 1 / Math.sqrt(inputs));
    }

    private static Layer.Conv pointwise(int in, int out, boolean residual) {
        return new Layer.Conv(in, out, Window.POINTWISE, 1, values(out * in, in, 1), values(out, 1, 2),
                Activation.RELU6,
                residual);
    }

    private static Layer.Conv depthwise(int channels, Window window) {
        return new Layer.Conv(channels, channels, window, channels, values(channels * 9, 9, 3), values(channels, 1, 4),
                Activation.NONE, false);
    }

    @Test
    void rowsOfAnyNumberAreRight() {
        for (int rows : new int[]{1, 79, 80, 81, 95, 96, 97, 99, 191, 192, 193, 289, 575, 578}) {
            for (Layer.Conv layer : List.of(pointwise(128, 160, false), pointwise(160, 128, true))) {
                check(layer, rows);
            }
        }
        check(pointwise(512, 576, false), 203);
        check(pointwise(576, 512, true), 98);
    }

    private static void check(Layer layer, int rows) {
        try (Arena arena = Arena.ofConfined()) {
            RowKernel kernel = new StrassenTier().prepare(layer, arena).orElseThrow();
            new KernelCase(layer, null, rows, 1, 1, false, rows, arena).check(kernel);
        }
    }

    @Test
    void layersThatDoNotGainAreLeftToOthers() {
        Window window = Window.square(3, 1, 1);
        assertTrue(StrassenTier.pays(pointwise(128, 128, true)));
        assertFalse(StrassenTier.pays(pointwise(96, 128, false)));
        assertFalse(StrassenTier.pays(pointwise(128, 96, false)));
        assertFalse(StrassenTier.pays(pointwise(136, 128, false)), "halves do not fill lines");
        assertFalse(StrassenTier.pays(new Layer.Conv(128, 128, Window.square(1, 2, 0), 1, new float[128 * 128],
                new float[128], Activation.NONE, false)));
        assertTrue(StrassenTier.pays(new Layer.Block(null, depthwise(128, window), pointwise(128, 256, false))));
        assertFalse(StrassenTier.pays(new Layer.Block(pointwise(128, 128, false), depthwise(128, window),
                pointwise(128, 256, false))));
        assertFalse(StrassenTier.pays(new Layer.Block(null, depthwise(64, window), pointwise(64, 256, false))));
        assertFalse(StrassenTier.pays(depthwise(128, window)));
    }

    @Test
    void netsTakeThemByRuleUnlessToldNotAndNeverForTheHead() {
        Graph graph = net();
        Map<String, Long> plain = new TreeMap<>(Map.of("cpp/conv", 1L, "cpp/block", 2L, "cpp/gemm", 2L));
        assertEquals(plain, kernels(graph, Winograd.OFF));
        Map<String, Long> fewer = new TreeMap<>(
                Map.of("cpp/conv", 1L, "strassen/block", 2L, "strassen/gemm", 1L, "cpp/gemm", 1L));
        assertEquals(fewer, kernels(graph, Winograd.AUTO));
        assertEquals(fewer, kernels(graph, Winograd.SMALL));
    }

    private static Map<String, Long> kernels(Graph graph, Winograd winograd) {
        try (Session session = Session.open(graph, options(1, winograd))) {
            Map<String, Long> counts = new TreeMap<>();
            session.plan().steps().forEach(s -> counts.merge(s.kernel().name(), 1L, Long::sum));
            return counts;
        }
    }

    private static SessionOptions options(int threads, Winograd winograd) {
        return new SessionOptions(threads, "auto", null, Tuning.OFF, winograd);
    }

    /** Two separable convolutions, one of stride 2, a 1x1 with a residual, and a 1x1 as head. */
    private static Graph net() {
        GraphBuilder g = new GraphBuilder("net", "image", new Shape(HEIGHT, WIDTH, 3));
        String first = g.add("first", new Op.Conv(Window.square(3, 1, 1), 1, 128, values(128 * 27, 27, 5),
                values(128, 1, 6), Activation.RELU), "first.out", "image");
        String a = separable(g, "a", first, 128, 160, Window.square(3, 1, 1));
        String b = separable(g, "b", a, 160, 128, Window.square(3, 2, 1));
        String c = g.add("c", pointwiseOp(128, 128), "c.out", b);
        c = g.add("sum", new Op.Add(Activation.RELU), "sum.out", List.of(b, c));
        String head = g.add("head", pointwiseOp(128, 128), "head.out", c);
        return g.build(List.of(g.add("rows", new Op.HeadRows(4), "rows.out", head)));
    }

    private static String separable(GraphBuilder g, String name, String in, int from, int to, Window window) {
        String middle = g.add(name + ".depthwise", new Op.Conv(window, from, from, values(from * 9, 9, 7),
                values(from, 1, 8), Activation.RELU6), name + ".middle", in);
        return g.add(name, pointwiseOp(from, to), name + ".out", middle);
    }

    private static Op.Conv pointwiseOp(int from, int to) {
        return new Op.Conv(Window.POINTWISE, 1, to, values(to * from, from, to), values(to, 1, 9), Activation.NONE);
    }

    @Test
    void netsComputeTheSameBitsOnAnyNumberOfThreadsAndUnderAFullMask() {
        Graph graph = net();
        float[] image = values(3 * HEIGHT * WIDTH, 1, 10);
        float[] one = NetRun.of(graph, options(1, Winograd.AUTO), image, null);
        float[] direct = NetRun.of(graph, options(1, Winograd.OFF), image, null);
        assertClose(direct, one, "dense");
        assertFalse(Arrays.equals(direct, one), "no step had fewer multiplications");
        assertArrayEquals(one, NetRun.of(graph, options(2, Winograd.AUTO), image, null), "two threads");
        Mask full = Mask.uniform(HEIGHT, WIDTH, 4, true);
        assertArrayEquals(one, NetRun.of(graph, options(2, Winograd.AUTO), image, full), "full mask");
        for (long seed = 0; seed < 8; seed++) {
            Mask mask = seed == 0
                    ? Mask.uniform(HEIGHT, WIDTH, 4, false).withRectangle(5, 9, 12, 15)
                    : Masks.blobs(HEIGHT, WIDTH, 4, new Random(seed));
            float[] want = NetRun.of(graph, options(1, Winograd.OFF), image, mask);
            float[] got = NetRun.of(graph, options(1, Winograd.AUTO), image, mask);
            assertClose(want, got, "mask " + seed);
            assertArrayEquals(got, NetRun.of(graph, options(2, Winograd.AUTO), image, mask),
                    "two threads, mask " + seed);
        }
    }

    private static void assertClose(float[] want, float[] got, String what) {
        NetRun.assertClose(want, got, 3e-6, what);
    }
}
