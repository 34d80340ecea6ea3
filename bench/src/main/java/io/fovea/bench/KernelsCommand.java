package io.fovea.bench;

import io.fovea.cli.ModelOptions;
import io.fovea.cli.Subcommand;
import io.fovea.cli.TextTable;
import io.fovea.format.OnnxReader;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea kernels}: JMH over the layer shapes of a net. */
@Command(name = "kernels", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Measures kernels one by one over the layer shapes of a net (JMH, one thread, results checked).", //
        footer = {"",
                "Example: ./fovea kernels --shapes bench/shapes/ssdlite-mobilenet-v2-coco.txt --kernels cpp,vector",
                "A shapes file is made by: ./fovea kernels --write FILE --model NAME"})
public final class KernelsCommand implements Subcommand {
    @Option(names = "--shapes", paramLabel = "FILE", description = "Layer shapes, one a line; # starts a comment.")
    private Path shapes;

    @Option(names = "--kernels", paramLabel = "TIER", split = ",", defaultValue = "cpp,vector", //
            description = "Tiers; default: ${DEFAULT-VALUE}.")
    private List<String> kernels;

    @Option(names = "--forks", paramLabel = "N", defaultValue = "3", description = "JVMs per measurement; default: 3.")
    private int forks;

    @Option(names = "--write", paramLabel = "FILE", description = "Write the shapes of a model instead of measuring.")
    private Path write;

    @Option(names = "--model", paramLabel = "NAME|FILE", defaultValue = ModelOptions.DEFAULT, //
            description = "The model for --write; default: ${DEFAULT-VALUE}.")
    private String model;

    @Spec
    private CommandSpec spec;

    /** Used by picocli. */
    public KernelsCommand() {
    }

    @Override
    public Integer call() throws Exception {
        if (write != null) {
            return writeShapes();
        }
        if (shapes == null) {
            throw new ParameterException(spec.commandLine(), "--shapes FILE or --write FILE is needed");
        }
        String[] lines = Files.readAllLines(shapes).stream().map(String::trim)
                .filter(l -> !l.isEmpty() && !l.startsWith("#")).map(l -> LayerShape.parse(l).toString())
                .toArray(String[]::new);
        Collection<RunResult> results = new Runner(new OptionsBuilder().include(KernelBenchmark.class.getName() + "\\.")
                .param("tier", kernels.toArray(String[]::new)).param("shape", lines).forks(forks).build()).run();
        print(results, spec.commandLine().getOut());
        return 0;
    }

    private Integer writeShapes() throws IOException {
        var graph = OnnxReader.read(ModelOptions.resolve(model, spec)).graph();
        try (Session session = Session.open(graph, new SessionOptions(1, "scalar"))) {
            StringBuilder text = new StringBuilder("# Convolutions of " + model + ", each shape once.\n"
                    + "# Made by: ./fovea kernels --write FILE --model " + model + "\n");
            LayerShape.of(session.plan()).forEach(s -> text.append(s).append('\n'));
            Files.writeString(write, text);
        }
        return 0;
    }

    private static void print(Collection<RunResult> results, PrintWriter out) {
        TextTable table = new TextTable("", "layer", "kernels", ">us", ">+-", ">GMAC/s");
        for (RunResult result : results) {
            LayerShape shape = LayerShape.parse(result.getParams().getParam("shape"));
            double micros = result.getPrimaryResult().getScore();
            var window = shape.window();
            long rows = (long) window.outHeight(shape.height()) * window.outWidth(shape.width());
            table.row(shape.toString(), result.getParams().getParam("tier"), String.format(Locale.ROOT, "%.1f", micros),
                    String.format(Locale.ROOT, "%.1f", result.getPrimaryResult().getScoreError()),
                    String.format(Locale.ROOT, "%.1f", rows * shape.layer().macsPerSite() / micros / 1e3));
        }
        table.print(out);
    }
}
