package io.fovea.cli.watch;

import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.VideoDetector;
import io.fovea.VideoOptions;
import io.fovea.VideoOptions.NewSize;
import io.fovea.cli.GateName;
import io.fovea.cli.Lines;
import io.fovea.cli.ModelOptions;
import io.fovea.cli.NamedWriter;
import io.fovea.cli.Patience;
import io.fovea.cli.PlaceOptions;
import io.fovea.cli.Subcommand;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.frame.FrameSource;
import io.fovea.frame.Frames;
import io.fovea.gate.GateSettings;
import io.fovea.gate.MotionSettings;
import io.fovea.gate.ObjectnessGate;
import io.fovea.kernel.Winograd;
import io.fovea.lab.eval.DetectionAgreement;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import io.fovea.run.SessionOptions;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea watch}. */
@Command(name = "watch", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Finds objects in the frames of a fixed camera and computes only what changed.", //
        footer = {"", "Example: ./fovea watch street.mp4 --json found.jsonl --out marked.mp4 --compare-dense"})
public final class WatchCommand implements Subcommand {
    @Parameters(paramLabel = "VIDEO|DIR", description = "A video file, or a folder of pictures in the order of their names.")
    private Path input;

    @Mixin
    private ModelOptions model;

    @Mixin
    private PlaceOptions places;

    @Option(names = "--gate", paramLabel = "none|auto|FILE", defaultValue = "none", //
            description = "Compute changes only where a trained gate expects objects, or one was: a gate's file, or auto for the one "
                    + "that the model carries; default: ${DEFAULT-VALUE}.")
    private String gate;

    @Option(names = "--gate-threshold", paramLabel = "LOGIT", //
            description = "Look where the trained gate's logit is above; default: the gate's own.")
    private Float gateThreshold;

    @Option(names = "--kernels", paramLabel = "TIER", defaultValue = "auto", //
            description = "Which kernels compute; default: ${DEFAULT-VALUE}.")
    private String kernels;

    @Option(names = "--threshold", paramLabel = "SCORE", defaultValue = "0.5", //
            description = "Objects with a score above it are shown; default: ${DEFAULT-VALUE}.")
    private float threshold;

    @Option(names = "--json", paramLabel = "FILE|-", //
            description = "Write one JSON object per frame and line, and a last one that sums up; '-' prints them.")
    private String json;

    @Option(names = "--out", paramLabel = "FILE|DIR", //
            description = "Write the frames with their boxes and, faintly, the cells that were computed: a video (.mp4) or a "
                    + "folder of pictures. A border marks a key frame.")
    private Path out;

    @Option(names = "--every", paramLabel = "N", defaultValue = "1", //
            description = "Look at each so-manieth frame only; default: ${DEFAULT-VALUE}.")
    private int every;

    @Option(names = "--key", paramLabel = "N", defaultValue = "20", //
            description = "Compute a whole frame at least so often, 0 for never; default: ${DEFAULT-VALUE}.")
    private int key;

    @Option(names = "--motion", paramLabel = "LEVELS", defaultValue = "16", //
            description = "Grey levels (0..255) by which a cell must differ to count as changed, 0 to compare exactly; "
                    + "default: ${DEFAULT-VALUE}.")
    private double motion;

    @Option(names = "--dilation", paramLabel = "CELLS", defaultValue = "2", //
            description = "Grow changed cells (8 pixels of the net's input) by so many; default: ${DEFAULT-VALUE}.")
    private int dilation;

    @Option(names = "--min-region", paramLabel = "CELLS", defaultValue = "1", //
            description = "Ignore changes of fewer cells that hang together; default: ${DEFAULT-VALUE}.")
    private int minRegion;

    @Option(names = "--coarse", paramLabel = "SHARE", defaultValue = "0", //
            description = "In coarse feature maps a site is computed when more than this share of it is active, 0 for any; "
                    + "default: ${DEFAULT-VALUE}.")
    private double coarse;

    @Option(names = "--exact", description = "Compute every site that a changed pixel reaches, so that each frame equals the dense "
            + "detector's (with --motion 0).")
    private boolean exact;

    @Option(names = "--new-size", paramLabel = "refuse|reset", defaultValue = "refuse", //
            description = "What a frame of another size does: it is an error, or the stream begins anew; default: "
                    + "${DEFAULT-VALUE}.")
    private NewSize newSize;

    @Option(names = "--stall", paramLabel = "SECONDS", defaultValue = "30", //
            description = "Give up when no frame comes for so long; default: ${DEFAULT-VALUE}.")
    private int stall;

    @Option(names = "--compare-dense", description = "Run the dense detector on every frame too and say how far both agree.")
    private boolean compareDense;

    @Spec
    private CommandSpec spec;

    /** Used by picocli. */
    public WatchCommand() {
    }

    @Override
    public Integer call() throws IOException {
        VideoOptions options = options();
        DetectorOptions detection = DetectorOptions.builder().kernels(kernels).threads(model.threads())
                .scoreThreshold(compareDense ? Math.min(threshold, DetectionAgreement.FOUND) : threshold).build();
        try (FrameSource source = Frames.open(input);
                Detector detector = open(model.file(), detection);
                ObjectnessGate trained = trained(detector.model(), options);
                VideoDetector stream = detector.video(trained == null ? options : options.withWithin(trained));
                Writer lines = lines()) {
            PrintWriter console = "-".equals(json) ? spec.commandLine().getErr() : spec.commandLine().getOut();
            WatchRun run = new WatchRun(source, detector, stream, new WatchRun.Sinks(lines, out), threshold,
                    compareDense);
            return run.run(every, stall, console, spec.commandLine().getErr());
        }
    }

    private VideoOptions options() {
        if (!(threshold > 0 && threshold < 1)) {
            throw usage("--threshold: " + threshold + " is not between 0 and 1");
        }
        if (every < 1) {
            throw usage("--every: " + every + " is below 1");
        }
        if (stall < 1) {
            throw usage("--stall: " + stall + " is below 1");
        }
        try {
            VideoOptions base = exact ? VideoOptions.EXACT : VideoOptions.DEFAULT;
            MotionSettings settings = base.motion().withThreshold(motion).withDilation(exact ? 0 : dilation)
                    .withMinRegion(minRegion).withKeyEvery(key);
            return base.withMotion(settings).withCoarseShare(coarse).withNewSize(newSize)
                    .withWithin(places.gate(settings.cell()));
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
    }

    /** Returns the trained gate that was asked for, or null. */
    private ObjectnessGate trained(Model detector, VideoOptions options) {
        GateName name = new GateName(gate);
        if (name.isNone()) {
            if (gateThreshold != null) {
                throw usage("--gate-threshold: needs --gate");
            }
            return null;
        }
        if (places.given()) {
            throw usage("--gate and --region or --mask exclude each other");
        }
        try {
            return ObjectnessGate.open(name.of(detector, this::usage), detector, GateSettings.DEFAULT
                    .running(model.threads(), kernels, SessionOptions.Tuning.CACHED, Winograd.AUTO)
                    .masking(gateThreshold, options.motion().cell(), null).periphery(false));
        } catch (ModelFormatException e) {
            throw usage("--gate: " + Lines.message(e));
        }
    }

    private Detector open(Path file, DetectorOptions options) {
        try (Patience patience = new Patience(spec.commandLine().getErr(),
                "Preparing the model (the first time, its kernels are measured on this machine) ...")) {
            return Detector.open(file, options);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ParameterException(spec.commandLine(), Lines.message(e), e);
        }
    }

    private Writer lines() throws IOException {
        if (json == null) {
            return Writer.nullWriter();
        }
        if (!json.equals("-")) {
            return NamedWriter.open(Path.of(json));
        }
        return new BufferedWriter(spec.commandLine().getOut()) {
            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
