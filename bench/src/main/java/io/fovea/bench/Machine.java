package io.fovea.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a measurement was made on. */
final class Machine {
    private Machine() {
    }

    /** Returns the processor's name with its family and model where the system tells, and the processors this JVM may use. */
    static String processor() {
        return processorName() + ", " + Runtime.getRuntime().availableProcessors() + " processors";
    }

    private static String processorName() {
        Path info = Path.of("/proc/cpuinfo");
        if (Files.isReadable(info)) {
            try (Stream<String> lines = Files.lines(info)) {
                var facts = lines.takeWhile(line -> !line.isBlank()).map(line -> line.split("\\s*:\\s*", 2))
                        .filter(pair -> pair.length == 2)
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> a));
                String name = facts.getOrDefault("model name", facts.get("CPU part"));
                if (name != null) {
                    String family = facts.get("cpu family");
                    return family == null ? name : name + " (family " + family + ", model " + facts.get("model") + ")";
                }
            } catch (IOException e) {
                return System.getProperty("os.arch");
            }
        }
        String fromWindows = System.getenv("PROCESSOR_IDENTIFIER");
        return fromWindows != null ? fromWindows : System.getProperty("os.arch");
    }

    /** Returns the JDK's version and vendor. */
    static String jdk() {
        return System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vendor") + ")";
    }

    /** Returns the JVM's options, without those that only name files. */
    static String flags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-Dfovea.") && !flag.contains(".aot") && !flag.contains(".jsa"))
                .collect(Collectors.joining(" "));
    }

    /** Returns the operating system. */
    static String system() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }
}
