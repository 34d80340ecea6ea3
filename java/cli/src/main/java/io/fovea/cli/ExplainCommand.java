package io.fovea.cli;

import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.AtomicFiles;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.gate.BackgroundSource;
import io.fovea.gate.ObjectnessGate;
import io.fovea.image.Image;
import io.fovea.run.Gating;
import io.fovea.run.Profile;
import io.fovea.sites.Mask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea explain}. */
@Command(name = "explain", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Writes a page about one photo: the mask, what the whole net and the gated one find, where the time "
                + "goes layer by layer, and the books of arithmetic. One HTML file that needs nothing else.", //
        footer = {"", "Example: ./fovea explain street.jpg --region 200,80,240,300 --out page.html"})
final class ExplainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PHOTO", description = "JPEG or PNG file.")
    private Path photo;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the page goes.")
    private Path out;

    @Mixin
    private ModelOptions model;

    @Mixin
    private KernelOptions kernels;

    @Option(names = "--threshold", paramLabel = "SCORE", defaultValue = "0.5", //
            description = "Objects with a score above it are shown; default: ${DEFAULT-VALUE}.")
    private float threshold;

    @Mixin
    private GateOptions gate;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "30", //
            description = "Runs that times are medians of; default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!(threshold > 0 && threshold < 1)) {
            throw usage("--threshold: " + threshold + " is not between 0 and 1");
        }
        if (rounds < 1 || rounds > 100_000) {
            throw usage("--rounds: " + rounds + " is not within 1..100000");
        }
        DetectorOptions gated = gate.apply(plain()).build();
        Path folder = out.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NotDirectoryException(String.valueOf(folder));
        }
        Image image = Image.read(photo);
        Model net = OnnxReader.read(model.file());
        String page = ExplainPage.of(photo, image, look(net, image, plain().headGate(false).build()),
                gate.given()
                        || gated.trainedGate() != null && (gated.trainedGate().gate() != null || net.gate() != null)
                        || gated.headGate() && !net.calibration().headGate().isEmpty()
                                ? look(net, image, gated)
                                : null);
        AtomicFiles.write(out, stream -> stream.write(page.getBytes(StandardCharsets.UTF_8)));
        spec.commandLine().getOut().println(out + "  " + Lines.count(Files.size(out)) + "B");
        return 0;
    }

    private DetectorOptions.Builder plain() {
        return kernels.apply(DetectorOptions.builder()).threads(model.threads()).scoreThreshold(threshold);
    }

    /**
     * What one way of running gave.
     *
     * @param result what a call returned
     * @param mask what was looked at, null for everything
     * @param profile times, null when there was nothing to compute
     * @param setting model, mode, kernels and threads, for people
     */
    record Look(DetectionResult result, Mask mask, Profile profile, String setting) {}

    private Look look(Model net, Image image, DetectorOptions options) {
        try (Detector detector = open(net, options)) {
            gate.check(detector);
            Mask mask = detector.mask(image).orElse(null);
            DetectionResult result = detector.run(image);
            Profile profile = mask != null && mask.isEmpty() ? null : detector.profile(image, rounds);
            String how = mask == null
                    ? ""
                    : ", mode " + options.mode().name().toLowerCase(Locale.ROOT) + ", background "
                            + background(detector, options) + ", margin " + margin(detector, options) + " px";
            return new Look(result, mask, profile, detector.spec().name() + ", kernels " + detector.kernels() + ", "
                    + Lines.plural(detector.session().threads(), "thread") + how);
        }
    }

    private static int margin(Detector detector, DetectorOptions options) {
        return options.margin()
                + (detector.gate().orElse(null) instanceof ObjectnessGate objectness ? objectness.margin() : 0);
    }

    private static String background(Detector detector, DetectorOptions options) {
        if (options.background() != BackgroundSource.AUTO) {
            return options.background().name();
        }
        if (detector.gate().orElse(null) instanceof ObjectnessGate objectness && objectness.isPeripheral()) {
            return "peripheral";
        }
        boolean means = !detector.model().calibration().means().isEmpty();
        return options.mode() == Gating.Mode.EXACT || !means ? "grey" : "means";
    }

    private Detector open(Model net, DetectorOptions options) {
        try {
            return Detector.open(net, options);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ParameterException(spec.commandLine(), Lines.message(e), e);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
