package io.fovea.cli;

import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.image.Image;
import io.fovea.run.Profile;
import io.fovea.sites.Mask;
import io.fovea.zoo.Zoo;
import io.fovea.format.AtomicFiles;
import java.nio.charset.StandardCharsets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea profile}. */
@Command(name = "profile", mixinStandardHelpOptions = true, sortOptions = false, //
        description = {
                "Shows where the time of the net goes, step by step, and its multiply-accumulates (MACs): dense (every "
                        + "site), executed (issued here) and non-zero (dense x share of non-zero values in the layer's "
                        + "input; what is left out counts as zeros)."}, //
        footer = {"", "Example: ./fovea profile street.jpg --region 200,80,240,300 --threads 1"})
final class ProfileCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PHOTO", arity = "0..1", description = "JPEG or PNG file; default: the zoo's sample photo.")
    private Path photo;

    @Mixin
    private ModelOptions model;

    @Mixin
    private KernelOptions kernels;

    @Mixin
    private GateOptions gate;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "50", //
            description = "Runs that medians are taken over; default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--json", paramLabel = "FILE|-", //
            description = "Write one JSON object per step and line; with '-' the table goes to standard error.")
    private String json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (rounds < 1 || rounds > 100_000) {
            throw usage("--rounds: " + rounds + " is not within 1..100000");
        }
        DetectorOptions.Builder builder = kernels.apply(DetectorOptions.builder()).threads(model.threads());
        gate.apply(builder);
        Path file = photo == null ? Zoo.standard().sample() : photo;
        Image image = Image.read(file);
        PrintWriter out = "-".equals(json) ? spec.commandLine().getErr() : spec.commandLine().getOut();
        try (Detector detector = open(builder.build())) {
            gate.check(detector);
            Optional<Mask> mask = detector.mask(image);
            out.println(detector.spec().name() + ", " + file + ", "
                    + Lines.plural(detector.session().threads(), "thread") + ", kernels " + detector.kernels());
            if (mask.isPresent() && mask.get().isEmpty()) {
                out.println("The mask is empty in this photo: nothing is computed.");
                writeJson("");
                return 0;
            }
            Profile profile = detector.profile(image, rounds);
            ProfileTable.print(profile, mask.orElse(null), detector.session().breakEven(), out);
            writeJson(ProfileTable.json(profile, detector.spec().name(), detector.session().threads()));
        }
        return 0;
    }

    private Detector open(DetectorOptions options) {
        try {
            return Detector.open(model.file(), options);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ParameterException(spec.commandLine(), Lines.message(e), e);
        }
    }

    private void writeJson(String lines) throws IOException {
        if ("-".equals(json)) {
            spec.commandLine().getOut().print(lines);
        } else if (json != null) {
            AtomicFiles.write(Path.of(json), out -> out.write(lines.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
