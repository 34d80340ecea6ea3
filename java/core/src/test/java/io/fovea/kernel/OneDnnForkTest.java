package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.testing.Forked;
import io.fovea.testing.Tiers;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oneDNN tier in JVMs that lack something, and with lesser instruction sets. */
class OneDnnForkTest {
    private static final String ACCESS = "--enable-native-access=ALL-UNNAMED";

    /** What runs in the other JVM: asks for the tier by name, checks three layers, tells how it went. */
    public static void main(String[] args) {
        KernelTier tier;
        try {
            tier = KernelTiers.find("onednn").getFirst();
        } catch (IllegalStateException e) {
            System.out.println("REFUSED " + e.getMessage());
            System.out.println("AUTO " + KernelTiers.find("auto").stream().map(KernelTier::name).toList());
            return;
        }
        Window window = Window.square(3, 2, 1);
        for (Layer.Conv layer : List.of(conv(96, 200, Window.POINTWISE, 1), conv(24, 40, window, 1),
                conv(64, 64, window, 64))) {
            try (Arena arena = Arena.ofConfined()) {
                RowKernel kernel = tier.prepare(layer, arena).orElseThrow();
                for (double share : new double[]{0.5, 1}) {
                    new KernelCase(layer, layer.isPointwise() ? null : window, 30, 29, share, false, 3, arena)
                            .check(kernel);
                }
                System.out.println("OK " + kernel.name());
            }
        }
    }

    private static Layer.Conv conv(int in, int out, Window window, int groups) {
        Random random = new Random(in);
        float[] weights = new float[out * (in / groups) * window.taps()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() / 4;
        }
        return new Layer.Conv(in, out, window, groups, weights, new float[out], Activation.RELU6, groups == 1);
    }

    private static Forked fork(List<String> classPath, Map<String, String> environment, String... flags)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector"));
        arguments.addAll(List.of(flags));
        arguments.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), OneDnnForkTest.class.getName()));
        Forked forked = Forked.java(arguments, environment);
        assertEquals(0, forked.exit(), forked.text());
        return forked;
    }

    private static void refused(Forked forked, String reason) {
        String refusal = String.valueOf(forked.said("REFUSED"));
        assertTrue(refusal.startsWith("kernels 'onednn' cannot run here: ") && refusal.contains(reason), forked.text());
        String auto = forked.said("AUTO");
        assertTrue(auto.endsWith("scalar]") && !auto.contains("onednn"), forked.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSE41", "AVX2"})
    void lesserInstructionSets(String isa) throws Exception {
        Assumptions.assumeTrue(Tiers.here().contains("onednn"), "oneDNN does not run here");
        Forked forked = fork(Forked.classPath(), Map.of("ONEDNN_MAX_CPU_ISA", isa), ACCESS,
                "--illegal-native-access=deny");
        assertTrue(forked.text().lines().toList()
                .containsAll(List.of("OK onednn/matmul", "OK onednn/conv", "OK onednn/depthwise")), forked.text());
    }

    @Test
    void absentLibrary() throws Exception {
        List<String> without = Forked.classPath().stream().filter(p -> !p.endsWith("dnnl.jar")).toList();
        refused(fork(without, Map.of(), ACCESS),
                System.getProperty("os.name").startsWith("Linux") ? "add org.bytedeco:dnnl" : "Linux");
    }

    @Test
    void nativeAccessNotEnabled() throws Exception {
        Assumptions.assumeTrue(Tiers.here().contains("onednn"), "oneDNN does not run here");
        refused(fork(Forked.classPath(), Map.of()), ACCESS);
    }
}
