package io.fovea.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.format.GateFile;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.OnnxWriter;
import io.fovea.lab.calibrate.PeripheryFit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** {@code fovea calibrate --gate}: fits what inactive sites read from a gate's small run, and writes it into the gate. */
final class GateCalibration {
    static final String CARRIED = "carried";

    private GateCalibration() {
    }

    /**
     * Fits and writes.
     *
     * @param gate a gate file, or {@link #CARRIED}
     * @param out where the gate goes, or null for where it came from
     * @param report receives the figures
     * @return one line per photo that could not be read
     */
    static List<String> run(ModelOptions model, Model detector, String gate, Path out, List<Path> photos,
            String kernels, CommandSpec spec, PrintWriter console, ObjectNode report) throws IOException {
        boolean carried = gate.equals(CARRIED);
        GateModel read = carried ? detector.gate() : GateFile.read(Path.of(gate));
        if (read == null) {
            throw new IllegalArgumentException("model '" + detector.spec().name() + "' carries no gate");
        }
        PeripheryFit.Report fit;
        try (Progress progress = new Progress("calibrate", photos.size(), spec.commandLine().getErr())) {
            fit = PeripheryFit.run(detector, read, photos, model.threads(), kernels, done -> progress.step());
        }
        Path target = out != null ? out : carried ? model.file() : Path.of(gate);
        if (carried && out == null) {
            OnnxWriter.annotate(model.file(), detector.with(fit.gate()), target);
        } else {
            GateFile.write(target, fit.gate());
        }
        TextTable table = new TextTable("", "value", ">channels", ">variance explained");
        ObjectNode values = report.putObject("periphery");
        fit.explained().forEach((value, share) -> {
            table.row(value, Integer.toString(fit.gate().spec().peripheral().get(value).a().length),
                    String.format(Locale.ROOT, "%.1f %%", 100 * share));
            values.put(value, share);
        });
        table.print(console);
        console.println("Periphery of " + Lines.plural(fit.explained().size(), "value") + " from "
                + Lines.plural(fit.photos(), "photo") + ", written to " + target);
        report.put("photos", fit.photos());
        report.put("file", target.toString());
        return fit.problems().lines();
    }
}
