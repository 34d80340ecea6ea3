package io.fovea.cli;

import io.fovea.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea export}. */
@Command(name = "export", mixinStandardHelpOptions = true, //
        description = "Writes a model of the zoo as one ONNX file, with the detector's facts in its metadata.")
final class ExportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "A model of the zoo; see 'fovea models'.")
    private String name;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the ONNX file goes.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path source = ModelOptions.resolve(name, spec);
        Path target = Files.isDirectory(out) ? out.resolve(name + ".onnx") : out;
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        AtomicFiles.write(target, stream -> Files.copy(source, stream));
        spec.commandLine().getOut().println(target + "  " + Lines.count(Files.size(target)) + "B");
        return 0;
    }
}
