package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fovea.testing.Forked;
import io.fovea.testing.TestRun;
import io.fovea.testing.Tiers;
import java.util.List;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link KernelTest} in JVMs that are told which vector width or which instruction set to use. */
class KernelForkTest {

    /** What runs in the other JVM: the kernel tests of one tier. */
    public static void main(String[] args) {
        try {
            System.out.println("USES " + KernelTiers.find(args[0]).getFirst().description());
        } catch (IllegalStateException e) {
            System.out.println("REFUSED " + e.getMessage());
            return;
        }
        TestRun.main(KernelTest.class.getName());
    }

    private static Forked fork(String tier, String setting) throws Exception {
        return Forked.run(List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "-Dfovea.native.path=" + System.getProperty("fovea.native.path", ""),
                "-D" + KernelTest.TIERS_PROPERTY + "=" + tier, setting), KernelForkTest.class, tier);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void vectorWidths(int bits) throws Exception {
        int most = VectorShape.preferredShape().vectorBitSize();
        Assumptions.assumeTrue(bits <= most, "SKIPPED width " + bits + ": this processor has " + most);
        Forked fork = fork("vector", "-Dfovea.vector.bits=" + bits);
        assertEquals(0, fork.exit(), fork.text());
        assertEquals("vector " + bits, fork.said("USES"), fork.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"avx512", "avx2", "neon", "generic"})
    void instructionSets(String isa) throws Exception {
        Assumptions.assumeTrue(Tiers.here().contains("cpp"), "SKIPPED " + isa + ": no compiled kernels here");
        Forked fork = fork("cpp", "-Dfovea.native.isa=" + isa);
        String refused = fork.said("REFUSED");
        Assumptions.assumeTrue(refused == null || isa.equals("generic"), "SKIPPED " + isa + ": " + refused);
        assertEquals(0, fork.exit(), fork.text());
        assertEquals("cpp " + isa, fork.said("USES"), fork.text());
    }
}
