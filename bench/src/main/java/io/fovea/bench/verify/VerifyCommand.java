package io.fovea.bench.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.cli.Lines;
import io.fovea.cli.ModelOptions;
import io.fovea.cli.Subcommand;
import io.fovea.cli.TextTable;
import io.fovea.format.AtomicFiles;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.format.OnnxReader;
import io.fovea.format.SpecJson;
import io.fovea.graph.Cost;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.kernel.KernelTiers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea verify}. */
@Command(name = "verify", mixinStandardHelpOptions = true, sortOptions = false, //
        description = {
                "Checks that a model computes the same in every kernel tier, in ONNX Runtime and in its golden outputs.",
                "Prints the largest difference of each output, relative to the largest absolute value of what it is compared with, and "
                        + "for a difference above the tolerance the first layer that differs. Exit code 1 when there is one."}, //
        footer = {"", "Example: ./fovea verify detector.onnx --spec detector.json --image photo.jpg"})
public final class VerifyCommand implements Subcommand {
    /** Above so many multiply-accumulates the scalar tier, at about 1 GMAC/s, runs only when it is asked for. */
    private static final long SCALAR_MACS = 10_000_000_000L;

    @Parameters(paramLabel = "FILE|NAME", description = "An ONNX file, or a model of the zoo.")
    private String source;

    @Option(names = "--spec", paramLabel = "FILE.json", description = "Detector spec; default: the file's own, or beside it.")
    private Path specFile;

    @Option(names = "--image", paramLabel = "PHOTO", description = "Run on this photo too.")
    private Path photo;

    @Option(names = "--golden", paramLabel = "FILE.json", //
            description = "JSON that describes golden outputs; default: the spec's file when it has a key 'golden'.")
    private Path goldenFile;

    @Option(names = "--tolerance", paramLabel = "SHARE", defaultValue = "1e-3", //
            description = "Largest relative difference allowed; default: ${DEFAULT-VALUE}.")
    private double tolerance;

    @Option(names = "--kernels", paramLabel = "TIER", split = ",", //
            description = "Only these tiers; default: all that run here, without the scalar one above 10 GMAC.")
    private List<String> kernels = List.of();

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Threads; default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(names = "--json", paramLabel = "FILE|-", //
            description = "Write one JSON object per comparison and line; with '-' the table goes to standard error.")
    private String json;

    @Spec
    private CommandSpec spec;

    /** Used by picocli. */
    public VerifyCommand() {
    }

    @Override
    public Integer call() throws Exception {
        if (!(tolerance > 0)) {
            throw new ParameterException(spec.commandLine(), "--tolerance: " + tolerance + " is not above 0");
        }
        if (threads < 1 || threads > 256) {
            throw new ParameterException(spec.commandLine(), "--threads: " + threads + " is not within 1..256");
        }
        for (String name : kernels) {
            if (!KernelTiers.names().contains(name)) {
                throw new ParameterException(spec.commandLine(),
                        "--kernels: no tier '" + name + "'; there are " + KernelTiers.names());
            }
        }
        PrintWriter out = "-".equals(json) ? spec.commandLine().getErr() : spec.commandLine().getOut();
        Path file = ModelOptions.resolve(source, spec);
        Model model = specFile == null
                ? OnnxReader.read(file)
                : OnnxReader.read(file, located(specFile));
        List<Input> inputs = inputs(file, model);
        out.println(model.spec().name() + ", input " + model.graph().inputShape() + ", tolerance " + tolerance
                + ", inputs " + String.join(", ", inputs.stream().map(Input::name).toList()));
        boolean peer = PeerNet.isThere();
        if (!peer) {
            out.println("ONNX Runtime is not on the class path: tiers are compared with each other only");
        }
        out.flush();
        List<Comparison> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        try (Verification verification = new Verification(file, model, threads, tolerance, peer)) {
            for (String tier : tiers(Cost.of(model.graph()).macs(), out)) {
                out.println("  " + tier + " ...");
                out.flush();
                verification.check(tier, inputs, rows, notes);
            }
        }
        print(rows, notes, out);
        writeJson(rows);
        return rows.stream().allMatch(Comparison::ok) ? 0 : 1;
    }

    private static DetectorSpec located(Path file) throws IOException {
        try {
            return SpecJson.read(Files.readString(file));
        } catch (ModelFormatException e) {
            throw new ModelFormatException(file + ": " + e.getMessage(), e);
        }
    }

    /** Returns the tiers to check, the oracle first; those that cannot run are named and left out, or fail when asked for. */
    private List<String> tiers(long macs, PrintWriter out) {
        List<String> found = new ArrayList<>();
        for (String name : kernels.isEmpty() ? KernelTiers.names().reversed() : kernels) {
            if (!kernels.isEmpty()) {
                KernelTiers.find(name);
                found.add(name);
            } else if (name.equals("scalar") && macs > SCALAR_MACS) {
                out.println("  scalar is left out: " + Lines.count(macs) + " MACs; --kernels scalar runs it");
            } else if (KernelTiers.ready(name).isPresent()) {
                found.add(name);
            } else {
                out.println("  " + name + " cannot run here and is left out");
            }
        }
        return found;
    }

    private List<Input> inputs(Path file, Model model) throws IOException {
        Shape shape = model.graph().inputShape();
        List<Input> inputs = new ArrayList<>();
        inputs.add(Input.noise(model.spec().input(), shape));
        if (photo != null) {
            inputs.add(Input.photo(Image.read(photo), model.spec().input(), shape));
        }
        Path described = goldenFile != null ? goldenFile : specFile != null ? specFile : beside(file);
        if (described != null && Files.isRegularFile(described)) {
            Golden golden = Golden.read(described, model.spec(), shape);
            if (golden != null) {
                inputs.add(new Input("golden", golden.input(), golden.outputs()));
            } else if (goldenFile != null) {
                throw new ModelFormatException(goldenFile + ": no key 'golden'");
            }
        } else if (goldenFile != null) {
            throw new NoSuchFileException(goldenFile.toString());
        }
        return inputs;
    }

    private static Path beside(Path file) {
        String name = file.getFileName().toString();
        Path whole = file.resolveSibling(name + ".json");
        return Files.isRegularFile(whole) ? whole : file.resolveSibling(name.replaceFirst("\\.[^.]*$", "") + ".json");
    }

    private static void print(List<Comparison> rows, List<String> notes, PrintWriter out) {
        TextTable table = new TextTable("  ", "kernels", "against", "input", "output", ">largest", ">relative", "");
        for (Comparison row : rows) {
            table.row(row.tier(), row.against(), row.input(), row.output(),
                    String.format(Locale.ROOT, "%.2e", row.maxAbs()), String.format(Locale.ROOT, "%.2e", row.maxRel()),
                    row.ok() ? "ok" : "DIFFERS");
        }
        table.print(out);
        notes.forEach(note -> out.println("  " + note));
        long bad = rows.stream().filter(row -> !row.ok()).count();
        out.println(bad == 0
                ? "All " + rows.size() + " comparisons agree."
                : bad + " of " + rows.size() + " comparisons differ.");
        out.flush();
    }

    private void writeJson(List<Comparison> rows) throws IOException {
        if (json == null) {
            return;
        }
        ObjectMapper mapper = new ObjectMapper();
        StringBuilder text = new StringBuilder();
        for (Comparison row : rows) {
            text.append(mapper.writeValueAsString(row)).append('\n');
        }
        if (json.equals("-")) {
            spec.commandLine().getOut().print(text);
            spec.commandLine().getOut().flush();
        } else {
            AtomicFiles.write(Path.of(json), to -> to.write(text.toString().getBytes(StandardCharsets.UTF_8)));
        }
    }
}
