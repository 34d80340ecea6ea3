package io.fovea.hammer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fovea.testing.Forked;
import io.fovea.testing.Tiers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Misuse of the public API in another JVM, which must neither crash nor hang: all tiers, most of all those that call native code. */
class HammerTest {
    private static final String SECONDS = "3";
    private static final String CASES = "4000";

    static Stream<String> tiers() {
        return Tiers.fast().stream();
    }

    private static void hammer(Class<?> program, String... args) throws Exception {
        Forked fork = Forked.run(List.of("--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny", "-Xmx512m",
                "-XX:-CreateCoredumpOnCrash", "-Dfovea.native.path=" + System.getProperty("fovea.native.path", "")),
                program, args);
        assertEquals(0, fork.exit(), fork.text());
        assertNotNull(fork.said("DONE"), fork.text());
        System.out.println(program.getSimpleName() + " " + args[0] + ": " + fork.said("DONE"));
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void detectorsClosedAndInterruptedUnderManyCallers(String tier) throws Exception {
        hammer(SharedUse.class, tier, SECONDS);
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void kernelsWithOperandsThatDoNotFit(String tier) throws Exception {
        hammer(WrongSizes.class, tier, CASES);
    }
}
