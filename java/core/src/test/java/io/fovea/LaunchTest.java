package io.fovea;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.kernel.Winograd;
import io.fovea.testing.Forked;
import io.fovea.testing.Smoke;
import io.fovea.testing.Tiers;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The library in JVMs that were started in other ways: as a module, with and without native access. */
class LaunchTest {
    private static final Set<String> TOOLS = Set.of("junit", "jqwik", "opentest4j", "apiguardian", "onnxruntime");

    static List<String> tiers() {
        // Kernels with fewer multiplications are those of the library of cpp, and the small net has no layer for them.
        return Tiers.here().stream().filter(tier -> !Winograd.isTier(tier)).toList();
    }

    /** Library and dependencies as modules, the program and what the library finds as resources on the class path. */
    private static List<String> asModules() {
        List<String> modules = new ArrayList<>();
        List<String> classPath = new ArrayList<>();
        for (String entry : Forked.classPath()) {
            String name = Path.of(entry).getFileName().toString();
            if (name.equals("test-classes") || name.equals("dnnl.jar")) {
                classPath.add(entry);
            } else if (TOOLS.stream().noneMatch(name::startsWith)) {
                modules.add(entry);
            }
        }
        return List.of("--module-path", String.join(File.pathSeparator, modules), "--add-modules",
                "io.fovea,jdk.incubator.vector", "-cp", String.join(File.pathSeparator, classPath));
    }

    private static void finds(Forked fork, String module, String kernels) {
        assertEquals(0, fork.exit(), fork.text());
        assertTrue(fork.said("MODULE").startsWith(module), fork.text());
        assertTrue(Set.of(fork.said("KERNELS").split("\\+")).contains(kernels), fork.text());
        assertEquals("square 16 8 8 8", fork.said("FOUND"), fork.text());
    }

    private static String natives() {
        return "-Dfovea.native.path=" + System.getProperty("fovea.native.path", "");
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void asAModuleWithNativeAccessForItAlone(String tier) throws Exception {
        List<String> arguments = new ArrayList<>(asModules());
        arguments.addAll(List.of("--enable-native-access=io.fovea", "--illegal-native-access=deny", natives(),
                Smoke.class.getName(), tier));
        finds(Forked.java(arguments), "module io.fovea", tier);
    }

    @Test
    void aModuleFindsTheNativesOfAnotherJar() throws Exception {
        Assumptions.assumeTrue(Tiers.here().contains("cpp"), "SKIPPED natives: none were built here");
        // .../natives/io/fovea/natives/<platform>, as in the jar
        Path root = Path.of(System.getProperty("fovea.native.path")).toAbsolutePath().resolve("../../../..")
                .normalize();
        List<String> arguments = new ArrayList<>(asModules());
        int last = arguments.size() - 1;
        arguments.set(last, arguments.get(last) + File.pathSeparator + root);
        arguments.addAll(List.of("--enable-native-access=io.fovea", "--illegal-native-access=deny",
                Smoke.class.getName(), "cpp"));
        finds(Forked.java(arguments), "module io.fovea", "cpp");
    }

    @Test
    void withoutNativeAccessJavaKernelsDoTheWork() throws Exception {
        Forked fork = Forked.run(
                List.of("--add-modules", "jdk.incubator.vector", "--illegal-native-access=deny", natives()),
                Smoke.class, "auto");
        finds(fork, "unnamed module", "vector");
        assertTrue(!Tiers.here().contains("cpp") || fork.text().contains("native access is off"), fork.text());
    }

    @Test
    void withoutTheIncubatorModuleAndNativeAccessItIsSlowButRight() throws Exception {
        Forked fork = Forked.run(List.of("--illegal-native-access=deny", natives()), Smoke.class, "auto");
        finds(fork, "unnamed module", "scalar");
        assertEquals(List.of("scalar"), List.of(fork.said("KERNELS").split("\\+")), fork.text());
    }
}
