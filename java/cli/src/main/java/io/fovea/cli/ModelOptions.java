package io.fovea.cli;

import io.fovea.zoo.Zoo;
import io.fovea.zoo.ZooEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which model runs and how; shared by all commands that run one. */
public final class ModelOptions {
    /** The model that runs when none is named. */
    public static final String DEFAULT = "ssdlite-mobilenet-v2-coco";

    @Option(names = "--model", paramLabel = "NAME|FILE", defaultValue = DEFAULT, //
            description = "A model of the zoo (see 'fovea models') or an ONNX file; default: ${DEFAULT-VALUE}.")
    private String model;

    @Option(names = "--threads", paramLabel = "N", //
            description = "Threads that work on one photo; default: all processors.")
    private Integer threads;

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    /** Returns the model as it was named. */
    public String name() {
        return model;
    }

    /** Returns the number of threads: as asked for, else the processors that this JVM may use. */
    public int threads() {
        if (threads == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (threads < 1 || threads > 256) {
            throw new ParameterException(spec.commandLine(), "--threads: " + threads + " is not within 1..256");
        }
        return threads;
    }

    /** Returns the model's file; a model of the zoo is fetched and converted when it is not cached yet. */
    public Path file() {
        return resolve(model, spec);
    }

    /**
     * Returns the ONNX file that a name or path means; a model of the zoo is fetched when it is not cached yet.
     *
     * @param model name in the zoo, or path of a file
     * @param spec the command that asks
     * @throws ParameterException if it looks like a name and the zoo has no such model
     */
    public static Path resolve(String model, CommandSpec spec) {
        Zoo zoo = Zoo.standard();
        Optional<ZooEntry> entry = zoo.find(model);
        if (entry.isPresent()) {
            if (!entry.get().cached()) {
                spec.commandLine().getErr().println("Fetching " + model + " (" + entry.get().source() + ") once ...");
                spec.commandLine().getErr().flush();
            }
            return zoo.fetch(model);
        }
        Path file = Path.of(model);
        if (!Files.exists(file) && file.getNameCount() == 1 && Photos.extension(file).isEmpty()) {
            throw new ParameterException(spec.commandLine(),
                    "no model '" + model + "': the zoo has "
                            + zoo.list().stream().map(ZooEntry::name).collect(Collectors.joining(", "))
                            + ", and there is no such file");
        }
        return file;
    }
}
