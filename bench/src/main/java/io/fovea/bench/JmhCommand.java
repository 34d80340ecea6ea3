package io.fovea.bench;

import io.fovea.cli.Subcommand;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fovea jmh}: the micro-benchmarks. */
@Command(name = "jmh", description = "Runs the JMH micro-benchmarks.", //
        footer = {"", "Example: ./fovea jmh DetectBenchmark -prof gc -p kernels=vector",
                "All of JMH's options: ./fovea jmh -- -h"})
public final class JmhCommand implements Subcommand {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help message and exit.")
    private boolean help;

    @Parameters(paramLabel = "ARGUMENT", description = "Passed to JMH: a regular expression for the benchmarks, and options.")
    private List<String> arguments = List.of();

    /** Used by picocli. */
    public JmhCommand() {
    }

    @Override
    public void configure(CommandLine own) {
        own.setUnmatchedOptionsArePositionalParams(true);
    }

    @Override
    public Integer call() throws Exception {
        org.openjdk.jmh.Main.main(arguments.toArray(String[]::new));
        return 0;
    }
}
