package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.graph.Graph;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.kernel.Winograd;
import io.fovea.sites.Mask;
import io.fovea.testing.DenseNet;
import io.fovea.testing.GatedNet;
import io.fovea.testing.SharedFolder;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Detectors of other makers, where they are at hand: Open Model Zoo's in the shared folder, and those that torchvision exports into the
 * folder of system property {@code fovea.torchvision} or variable {@code FOVEA_TORCHVISION}. Every tier against their golden outputs,
 * gated runs against the slow reference.
 */
class ForeignNetTest {
    /** Above this the scalar tier (1 GMAC/s) is left out. */
    private static final long LARGE_MACS = 3_000_000_000L;
    private static final double TOLERANCE = 2e-4;
    /** Of the tiers that multiply in the transforms' domain. */
    private static final double WINOGRAD_TOLERANCE = 1e-3;

    static Stream<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        String exported = System.getProperty("fovea.torchvision", System.getenv("FOVEA_TORCHVISION"));
        for (Path folder : exported == null
                ? List.of(SharedFolder.of("models"))
                : List.of(SharedFolder.of("models"), Path.of(exported))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> in = Files.list(folder)) {
                    in.filter(f -> f.toString().endsWith(".onnx")).sorted().forEach(files::add);
                }
            } else {
                System.out.println("SKIPPED detectors of " + folder + ": no such folder");
            }
        }
        return files.isEmpty() ? Stream.of(Path.of("none")) : files.stream();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyTierGivesTheGoldenOutputs(Path file) throws IOException {
        Assumptions.assumeTrue(Files.exists(file), "skipped: no models");
        Model model = OnnxReader.read(file);
        String name = file.toString().replaceFirst("\\.onnx$", "");
        Shape in = model.graph().inputShape();
        float[] input = golden(model, in);
        Map<String, float[]> want = Map.of(
                model.spec().boxesOutput(), floats(Path.of(name + ".golden.boxes.bin")),
                model.spec().scoresOutput(), floats(Path.of(name + ".golden.scores.bin")));
        for (String tier : Tiers.here()) {
            try (Session session = Session.open(model.graph(), new SessionOptions(2, tier))) {
                if (tier.equals("scalar") && session.denseMacs() > LARGE_MACS) {
                    System.out.println("SKIPPED scalar on " + file.getFileName() + ": too slow");
                    continue;
                }
                Map<String, float[]> got = session.run(input);
                want.forEach((output, values) -> {
                    double worst = difference(values, got.get(output));
                    assertTrue(worst < tolerance(tier),
                            file.getFileName() + ", " + tier + ", " + output + ": difference " + worst);
                });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void gatedRunsEqualTheReference(Path file) throws IOException {
        Assumptions.assumeTrue(Files.exists(file), "skipped: no models");
        Model model = OnnxReader.read(file);
        Graph graph = Passes.optimise(model.graph());
        Shape shape = graph.inputShape();
        float[] photo = Values.channelsLast(golden(model, shape), shape);
        Mask mask = Mask.uniform(shape.height(), shape.width(), Mask.DEFAULT_CELL, false)
                .withRectangle(shape.width() / 5f, shape.height() / 4f, shape.width() * .7f, shape.height() * .8f);
        Map<String, float[]> means = means(graph);
        Map<String, float[]> want = new GatedNet(graph, mask, Gating.DEFAULT_COARSE_SHARE).run(photo,
                (value, site, channel) -> means.get(value)[channel], false);
        Gating gating = Gating.gated(new MeanBackground("made", means));
        for (String tier : Tiers.here()) {
            try (Session session = Session.open(model.graph(), new SessionOptions(2, tier));
                    Workspace workspace = session.lease()) {
                if (tier.equals("scalar") && session.denseMacs() > LARGE_MACS) {
                    System.out.println("SKIPPED scalar on gated " + file.getFileName() + ": too slow");
                    continue;
                }
                copy(photo, workspace.input());
                workspace.run(mask, gating);
                want.forEach((output, values) -> {
                    double worst = difference(values, workspace.output(output));
                    assertTrue(worst < tolerance(tier),
                            file.getFileName() + " gated, " + tier + ", " + output + ": difference " + worst);
                });
            }
        }
    }

    /** Background rows of all values, other than zero; the same at every call. */
    private static Map<String, float[]> means(Graph graph) {
        Random random = new Random(8);
        Map<String, float[]> means = new HashMap<>();
        means.put(graph.input(), new float[graph.inputShape().channels()]);
        graph.nodes().forEach(node -> means.put(node.output(),
                Values.gaussian(random, graph.shape(node.output()).channels(), .5)));
        return means;
    }

    private static double tolerance(String tier) {
        return Winograd.isTier(tier) ? WINOGRAD_TOLERANCE : TOLERANCE;
    }

    private static void copy(float[] from, MemorySegment to) {
        MemorySegment.copy(from, 0, to, ValueLayout.JAVA_FLOAT, 0, from.length);
    }

    /** Returns the largest difference relative to the largest absolute value wanted. */
    private static double difference(float[] want, float[] got) {
        assertTrue(want.length == got.length, got.length + " values, wanted " + want.length);
        double most = 0;
        double size = 0;
        for (int i = 0; i < want.length; i++) {
            double d = Math.abs((double) want[i] - got[i]);
            most = d <= most ? most : d;
            size = Math.max(size, Math.abs(want[i]));
        }
        return most / size;
    }

    /** The pattern of the goldens: blocks of 16 x 16 pixels plus noise, 0..254, normalised as the spec says. */
    private static float[] golden(Model model, Shape in) {
        InputSpec spec = model.spec().input();
        float[] x = new float[in.values()];
        int i = 0;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < in.height(); y++) {
                for (int at = 0; at < in.width(); at++, i++) {
                    int v = (mix((c * 4096 + y / 16) * 4096 + at / 16) & 127) + (mix(i) & 127);
                    x[i] = (v - spec.mean().get(c)) * spec.scale().get(c);
                }
            }
        }
        return x;
    }

    private static int mix(int k) {
        int h = k * 0x9E3779B1;
        h ^= h >>> 15;
        h *= 0x85EBCA77;
        return h ^ h >>> 13;
    }

    private static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
