package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.testing.Tiers;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
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

    private static List<String> fork(String classPath, Map<String, String> environment, String... flags)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", classPath, OneDnnForkTest.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text.lines().toList();
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static void refused(List<String> lines, String reason) {
        String text = String.join("\n", lines);
        assertTrue(lines.stream().anyMatch(
                l -> l.startsWith("REFUSED kernels 'onednn' cannot run here: ") && l.contains(reason)), text);
        String auto = lines.stream().filter(l -> l.startsWith("AUTO ")).findFirst().orElse("");
        assertTrue(auto.endsWith("scalar]") && !auto.contains("onednn"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSE41", "AVX2", "AVX512_CORE"})
    void lesserInstructionSets(String isa) throws Exception {
        Assumptions.assumeTrue(Tiers.here().contains("onednn"), "oneDNN does not run here");
        List<String> lines = fork(classPath(), Map.of("ONEDNN_MAX_CPU_ISA", isa), ACCESS);
        assertTrue(lines.containsAll(List.of("OK onednn/matmul", "OK onednn/conv", "OK onednn/depthwise")),
                String.join("\n", lines));
    }

    @Test
    void absentLibrary() throws Exception {
        String without = Arrays.stream(classPath().split(File.pathSeparator)).filter(p -> !p.endsWith("dnnl.jar"))
                .collect(Collectors.joining(File.pathSeparator));
        refused(fork(without, Map.of(), ACCESS),
                System.getProperty("os.name").startsWith("Linux") ? "add org.bytedeco:dnnl" : "Linux");
    }

    @Test
    void nativeAccessNotEnabled() throws Exception {
        Assumptions.assumeTrue(Tiers.here().contains("onednn"), "oneDNN does not run here");
        refused(fork(classPath(), Map.of()), ACCESS);
    }

    @Test
    void nativeAccessDeniedElsewhereButGrantedHere() throws Exception {
        Assumptions.assumeTrue(Tiers.here().contains("onednn"), "oneDNN does not run here");
        List<String> lines = fork(classPath(), Map.of(), ACCESS, "--illegal-native-access=deny");
        assertTrue(lines.contains("OK onednn/matmul"), String.join("\n", lines));
    }
}
