package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Activation;
import io.fovea.graph.ConstantChannels;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.sites.Mask;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Channels that are constants are found where arithmetic proves it and nowhere else, and leaving them out changes nothing. */
class ConstantChannelsTest {
    private static final float NONE = Float.NaN;
    private static final int WIDE = 24;
    private static final Window THREE = Window.square(3, 1, 1);

    /** A map in 0..6, and a depthwise convolution of it whose channels are the given filters' (one weight, the rest zeros) and biases. */
    private static Graph pair(Activation before, Activation after, float[] weights, float[] bias) {
        GraphBuilder net = new GraphBuilder("pair", "image", new Shape(4, 5, weights.length));
        float[] filters = new float[9 * weights.length];
        for (int c = 0; c < weights.length; c++) {
            filters[9 * c + 4] = weights[c];
        }
        net.add("before", new Op.Activate(before), "map", "image");
        net.add("depthwise", new Op.Conv(THREE, weights.length, weights.length, filters, bias, after), "out", "map");
        return net.build(List.of("out"));
    }

    private static float[] constants(Graph graph) {
        return ConstantChannels.of(graph, graph.writer("out"));
    }

    @Test
    void findsWhatAClampCutsOff() {
        // Of a map in 0..6 that may be read as -96..102.
        float[] weights = {.01f, .01f, 0, 0, -.01f, .01f, -1};
        float[] bias = {-1.1f, -1, 2, -2, 8, 6.9f, -1};
        assertArrayEquals(new float[]{0, NONE, 2, 0, 6, NONE, NONE},
                constants(pair(Activation.RELU6, Activation.RELU6, weights, bias)));
    }

    @Test
    void needsARange() {
        float[] weights = {.001f, 0};
        float[] bias = {-9, -9};
        assertArrayEquals(new float[]{NONE, 0}, constants(pair(Activation.RELU, Activation.RELU, weights, bias)));
        assertNull(constants(pair(Activation.RELU, Activation.RELU, new float[]{1, 2}, bias)));
        assertNull(constants(pair(Activation.RELU6, Activation.of(Activation.Kind.SIGMOID), weights, bias)));
    }

    /** Two heads on one map, each with some channels that are constants; {@code dead} of them in the mean. */
    private static Graph heads(Random random, double dead) {
        GraphBuilder net = new GraphBuilder("heads", "image", new Shape(13, 11, 3));
        net.add("first", new Op.Conv(THREE, 1, WIDE, Values.gaussian(random, WIDE * 27, .4),
                Values.gaussian(random, WIDE, 1), Activation.RELU6), "wide", "image");
        for (int head = 0; head < 2; head++) {
            float[] filters = Values.gaussian(random, WIDE * 9, .5);
            float[] bias = Values.gaussian(random, WIDE, 1);
            for (int c = 0; c < WIDE; c++) {
                if (random.nextDouble() < dead) {
                    for (int t = 0; t < 9; t++) {
                        filters[9 * c + t] *= 1e-6f;
                    }
                    bias[c] = random.nextBoolean() ? -.5f : 9;
                }
            }
            int out = 1 + random.nextInt(40);
            net.add("depthwise" + head, new Op.Conv(THREE, WIDE, WIDE, filters, bias, Activation.RELU6),
                    "filtered" + head, "wide");
            net.add("project" + head, new Op.Conv(Window.POINTWISE, 1, out, Values.gaussian(random, out * WIDE, .3),
                    Values.gaussian(random, out, 1), Activation.NONE), "out" + head, "filtered" + head);
        }
        return net.build(List.of("out0", "out1"));
    }

    @Test
    void leavingThemOutChangesNothing() {
        boolean narrower = false;
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Graph graph = heads(random, new double[]{0, .3, .6, 1}[seed % 4]);
            Mask mask = seed % 3 == 0 ? null : mask(random);
            float[] image = Values.gaussian(random, graph.inputShape().values(), 1);
            Map<String, float[]> rows = Map.of("image", Values.gaussian(random, 3, 1), "wide",
                    Values.gaussian(random, WIDE, 10));
            try (Session oracle = Session.open(graph, new SessionOptions(1, "scalar"))) {
                Map<String, float[]> expected = run(oracle, image, mask, rows);
                assertEquals(oracle.denseMacs(), oracle.issuedMacs());
                for (String tier : Tiers.fast()) {
                    try (Session session = Session.open(graph, new SessionOptions(1, tier))) {
                        String repro = "seed " + seed + " " + tier;
                        run(session, image, mask, rows).forEach((name, values) -> assertArrayEquals(expected.get(name),
                                values, 2e-4f, () -> name + ", " + repro));
                        assertEquals(oracle.denseMacs(), session.denseMacs(), repro);
                        narrower |= checkBooks(session, image, repro);
                    }
                }
            }
        }
        assertTrue(narrower || !Tiers.here().contains("cpp"), "no projection read less");
    }

    /** Returns whether a projection of the plan leaves channels out; then the books must say so. */
    private static boolean checkBooks(Session session, float[] image, String repro) {
        long left = session.plan().steps().stream().map(s -> s.layer())
                .mapToLong(layer -> layer instanceof Layer.Block b && b.kept() != null
                        ? 143L * (WIDE - b.kept().length) * b.outChannels()
                        : 0)
                .sum();
        Books books = Books.of(session, rows -> rows.copyFrom(MemorySegment.ofArray(image)), null,
                null, true, 0);
        assertEquals(session.denseMacs() - left, books.executed(), repro);
        assertEquals(session.issuedMacs(), books.executed(), repro);
        assertEquals(session.denseMacs(), books.dense(), repro);
        return left > 0;
    }

    private static Mask mask(Random random) {
        boolean[] cells = new boolean[7 * 6];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = random.nextInt(3) > 0;
        }
        return Mask.of(13, 11, 2, cells);
    }

    private static Map<String, float[]> run(Session session, float[] image, Mask mask, Map<String, float[]> rows) {
        try (Workspace workspace = session.lease()) {
            MemorySegment.copy(image, 0, workspace.input(),
                    ValueLayout.JAVA_FLOAT, 0, image.length);
            if (mask == null) {
                workspace.run();
            } else {
                workspace.run(mask, Gating.gated(new MeanBackground("any", background(session, rows))), false);
            }
            Map<String, float[]> outputs = new HashMap<>();
            session.plan().outputs().forEach(o -> outputs.put(o.name(), workspace.output(o.name())));
            return outputs;
        }
    }

    private static Map<String, float[]> background(Session session, Map<String, float[]> rows) {
        Map<String, float[]> all = new HashMap<>(rows);
        session.plan().values().forEach(v -> all.putIfAbsent(v.name(), new float[v.shape().channels()]));
        return all;
    }
}
