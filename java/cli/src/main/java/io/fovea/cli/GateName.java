package io.fovea.cli;

import io.fovea.format.GateFile;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What {@code --gate none|auto|FILE} says: no gate, the one that the model carries, or that of a file. Immutable, thread-safe.
 *
 * @param text as it was written
 */
public record GateName(String text) {

    /** Returns whether no gate is wanted. */
    public boolean isNone() {
        return text.equals("none");
    }

    /**
     * Returns the gate of the file that was named, or null when none was.
     *
     * @param usage makes of a message what is thrown when there is no such gate
     */
    public GateModel file(Function<String, ? extends RuntimeException> usage) {
        if (isNone() || text.equals("auto")) {
            return null;
        }
        try {
            return GateFile.read(Path.of(text));
        } catch (InvalidPathException | ModelFormatException e) {
            throw usage.apply("--gate: " + Lines.message(e));
        }
    }

    /**
     * Returns the gate for a model, or null when none is wanted.
     *
     * @param usage makes of a message what is thrown when there is no such gate, also when the model carries none
     */
    public GateModel of(Model model, Function<String, ? extends RuntimeException> usage) {
        if (isNone()) {
            return null;
        }
        GateModel file = file(usage);
        if (file == null && model.gate() == null) {
            throw usage.apply("--gate: model '" + model.spec().name() + "' carries no gate; name a file");
        }
        return file == null ? model.gate() : file;
    }
}
