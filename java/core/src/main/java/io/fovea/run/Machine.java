package io.fovea.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** What kind of processor this is, in one line: part of the tuning cache's key and of every benchmark's heading. */
public final class Machine {
    private static final String DESCRIPTION = describe();

    private Machine() {
    }

    /** Returns architecture, processor name and count, and where the system tells them, the instruction sets' flags. */
    public static String description() {
        return DESCRIPTION;
    }

    private static String describe() {
        String name = System.getProperty("os.name") + " " + System.getProperty("os.arch") + " x"
                + Runtime.getRuntime().availableProcessors();
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuinfo)) {
            return name;
        }
        Set<String> facts = new LinkedHashSet<>();
        try {
            for (String line : Files.readAllLines(cpuinfo)) {
                if (line.startsWith("model name") || line.startsWith("cpu family") || line.startsWith("model\t")
                        || line.startsWith("flags") || line.startsWith("Features") || line.startsWith("CPU part")) {
                    facts.add(line.replaceAll("\\s+", " ").trim());
                }
            }
        } catch (IOException e) {
            return name;
        }
        return name + " " + String.join("; ", facts);
    }
}
