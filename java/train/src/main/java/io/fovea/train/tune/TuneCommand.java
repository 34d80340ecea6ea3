package io.fovea.train.tune;

import io.fovea.cli.GateName;
import io.fovea.cli.ModelOptions;
import io.fovea.cli.Progress;
import io.fovea.cli.Subcommand;
import io.fovea.format.Calibration;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.lab.calibrate.CalibrationReport;
import io.fovea.lab.calibrate.CalibrationSettings;
import io.fovea.lab.calibrate.Calibrator;
import io.fovea.lab.data.Problems;
import io.fovea.train.Torch;
import io.fovea.train.tune.TuneSettings.Layers;
import io.fovea.train.tune.TuneSettings.Learn;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea tune}. */
@Command(name = "tune", mixinStandardHelpOptions = true, sortOptions = false, //
        description = {
                "Teaches a detector that was pruned, or runs behind a gate, to give what the whole one gives, on photos without annotation: "
                        + "detections of anchors that it lacks are handed to those that it has. The best state on held-out photos is "
                        + "written as ONNX."}, //
        footer = {"",
                "Beside the result: FILE.state (to go on from after Ctrl-C, with --resume) and, while it runs, FILE.views.",
                "",
                "Example: ./fovea tune --model pruned.onnx --images photos/ --out tuned.onnx --minutes 10"})
public final class TuneCommand implements Subcommand {
    private static final int CALIBRATED = 1000;

    @Mixin
    private ModelOptions model;

    @Option(names = "--images", paramLabel = "DIR[,N]", required = true, //
            description = "Folder of photos, of which only the first N by name are taken; may be given several times.")
    private List<String> images = List.of();

    @Option(names = "--data", paramLabel = "FILE", //
            description = "COCO instances JSON with the objects of some of the photos (met by file name).")
    private Path data;

    @Option(names = "--teacher", paramLabel = "NAME|FILE", //
            description = "The detector to learn from; default: the zoo's of the model's name.")
    private String teacher;

    @Option(names = "--layers", paramLabel = "head|all", defaultValue = "head", //
            description = "What trains; default: ${DEFAULT-VALUE}.")
    private Layers layers;

    @Option(names = "--gate", paramLabel = "none|auto|FILE", defaultValue = "none", //
            description = "The trained gate under which the detector will run: sites outside its masks are left out while learning, "
                    + "too; auto takes the one that the model carries. Default: ${DEFAULT-VALUE}.")
    private String gate;

    @Option(names = "--gate-threshold", paramLabel = "LOGIT", //
            description = "Look where the gate's logit is above; default: the gate's own.")
    private Float gateThreshold;

    @Option(names = "--gate-spread", paramLabel = "LOGITS", defaultValue = "0.5", //
            description = "With --layers all, learn at thresholds so far below and above it; default: ${DEFAULT-VALUE}.")
    private double gateSpread;

    @Option(names = "--whole", paramLabel = "SHARE", defaultValue = "0.125", //
            description = "With --layers all, share of the views that the gate does not mask; default: ${DEFAULT-VALUE}.")
    private double whole;

    @Option(names = "--learn", paramLabel = "all|depthwise", defaultValue = "all", //
            description = "Which weights of the layers that train: all, or those of depthwise convolutions and all biases; default: "
                    + "${DEFAULT-VALUE}.")
    private Learn learn;

    @Option(names = "--fixed", paramLabel = "N", defaultValue = "0", //
            description = "The first so many convolutions stay as they are; default: ${DEFAULT-VALUE}.")
    private int fixed;

    @Option(names = "--feature-weight", paramLabel = "W", defaultValue = "0", //
            description = "Weight of the distance to the maps that the teacher's heads read, beside scores; default: ${DEFAULT-VALUE}.")
    private double featureWeight;

    @Option(names = "--minutes", paramLabel = "N", defaultValue = "10", //
            description = "Time to train, after the photos were looked at once; default: ${DEFAULT-VALUE}.")
    private double minutes;

    @Option(names = "--rate", paramLabel = "RATE", defaultValue = "0.002", //
            description = "Longest step, as a share of each weight array's length; default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "16", description = "Views per step; default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--focus", paramLabel = "POWER", defaultValue = "0", //
            description = "Weigh each score by this power of its difference to the target; default: ${DEFAULT-VALUE}.")
    private double focus;

    @Option(names = "--box-weight", paramLabel = "W", defaultValue = "1", //
            description = "Weight of boxes beside scores; default: ${DEFAULT-VALUE}.")
    private double boxWeight;

    @Option(names = "--no-mirrors", //
            description = "Do not use the photos' mirror images, nor the mean of what the teacher says to both.")
    private boolean noMirrors;

    @Option(names = "--plain-targets", //
            description = "Targets are what the teacher says to each view as it is: no mean over mirror images, nothing of --data.")
    private boolean plainTargets;

    @Option(names = "--holdout", paramLabel = "N", defaultValue = "200", //
            description = "Photos that choose the best state and are not learnt from; default: ${DEFAULT-VALUE}.")
    private int holdout;

    @Option(names = "--evaluations", paramLabel = "N", defaultValue = "10", //
            description = "How often the held-out photos are judged within the time; default: ${DEFAULT-VALUE}.")
    private int evaluations;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of every random choice; default: 1.")
    private long seed;

    @Option(names = "--kernels", paramLabel = "TIER", defaultValue = "auto", //
            description = "Which kernels look at the photos; default: ${DEFAULT-VALUE}.")
    private String kernels;

    @Option(names = "--views", paramLabel = "FILE", //
            description = "Keep what was seen of the photos in this file, and take it from there next time.")
    private Path views;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the ONNX file goes.")
    private Path out;

    @Option(names = "--resume", description = "Go on from where a stopped run was judged last.")
    private boolean resume;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Torch.missing().ifPresent(why -> {
            throw usage(why);
        });
        TuneSettings settings = settings();
        if (Files.isDirectory(out)) {
            throw usage("--out: " + out + " is a folder; name a file");
        }
        Path stateFile = out.resolveSibling(out.getFileName() + ".state");
        if (resume && !Tuner.resumable(stateFile)) {
            throw usage("--resume: " + stateFile + " is not there");
        }
        Path studentFile = model.file();
        Model student = OnnxReader.read(studentFile);
        Path teacherFile = ModelOptions.resolve(teacher == null ? student.spec().name() : teacher, spec);
        Model whole = OnnxReader.read(teacherFile);
        GateModel mask = gate(student);
        Problems problems = new Problems();
        List<TunePhoto> photos = PhotoList.of(images, data, whole.spec(), problems, this::usage);
        Path viewFile = views != null ? views : out.resolveSibling(out.getFileName() + ".views");
        TuneReport report = tune(student, whole, mask, photos, settings,
                PhotoList.identity(studentFile, teacherFile, photos),
                viewFile, stateFile, problems);
        Files.deleteIfExists(viewFile.resolveSibling(viewFile.getFileName() + ".held"));
        if (views == null) {
            Files.deleteIfExists(viewFile);
        }
        OnnxWriter.write(recalibrated(report.model(), student, photos, settings), out);
        problems.lines().forEach(line -> spec.commandLine().getErr().println("fovea: " + line));
        print(report);
        Files.deleteIfExists(stateFile);
        return report.stopped() == null ? 0 : 1;
    }

    private GateModel gate(Model student) {
        GateModel found = new GateName(gate).of(student, this::usage);
        if (found == null && gateThreshold != null) {
            throw usage("--gate-threshold: needs --gate");
        }
        try {
            if (found != null) {
                found.checkFits(student);
            }
            return found;
        } catch (ModelFormatException e) {
            throw usage("--gate: " + e.getMessage());
        }
    }

    private TuneSettings settings() {
        try {
            return new TuneSettings(layers, learn, fixed, minutes, rate, batch, holdout, !noMirrors, plainTargets,
                    boxWeight, focus,
                    featureWeight, new TuneSettings.Masks(gateThreshold, gateSpread, whole),
                    TuneSettings.DEFAULT.average(), evaluations, seed, model.threads(), kernels);
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
    }

    private TuneReport tune(Model student, Model whole, GateModel mask, List<TunePhoto> photos, TuneSettings settings,
            String identity,
            Path viewFile, Path stateFile, Problems problems) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        try (Progress seeing = new Progress("photos", photos.size(), err);
                Progress training = new Progress("tune", 1000, err)) {
            return Tuner.run(student, whole, mask, photos, settings, identity, viewFile, stateFile, resume, problems,
                    new Tuner.Progress() {
                        private int told;

                        @Override
                        public void photo() {
                            seeing.step();
                        }

                        @Override
                        public void judged(TuneReport.Point p) {
                            training.print(() -> {
                                err.println(line(p));
                                err.flush();
                            });
                        }

                        @Override
                        public void step(double share, double loss) {
                            for (; told < 1000 * share; told++) {
                                training.step();
                            }
                        }
                    });
        }
    }

    private static String line(TuneReport.Point p) {
        return String.format(Locale.ROOT, "%6.0f s  step %5d  loss %s  held out: loss %.3f  AP %.4f", p.seconds(),
                p.steps(), Double.isNaN(p.loss()) ? "     -" : String.format(Locale.ROOT, "%6.3f", p.loss()),
                p.heldOutLoss(), p.ap());
    }

    /**
     * Learns the head gate again, if the student has one: its units look for sites where other rows score now. The means of a student that
     * learnt under a gate stay those that it learnt to read.
     */
    private Model recalibrated(Model tuned, Model student, List<TunePhoto> photos, TuneSettings settings) {
        if (student.calibration().headGate().isEmpty()) {
            return tuned;
        }
        List<Path> files = photos.stream().map(TunePhoto::file).limit(CALIBRATED).toList();
        CalibrationSettings how = CalibrationSettings.DEFAULT.withSeed(seed).with(settings.threads(), kernels);
        try (Progress progress = new Progress("calibrate", files.size(), spec.commandLine().getErr())) {
            CalibrationReport report = Calibrator.run(tuned, files, how, done -> progress.step());
            Calibration made = report.calibration();
            return tuned.with(layers == Layers.HEAD || !new GateName(gate).isNone()
                    ? new Calibration(student.calibration().means(), made.headGate())
                    : made);
        }
    }

    private void print(TuneReport r) {
        PrintWriter to = spec.commandLine().getOut();
        to.printf(Locale.ROOT, "%d views learnt from; %d detections of missing anchors handed to others, %d to none%n",
                r.views(), r.handed(), r.lost());
        to.printf(Locale.ROOT, "AP on %d held-out photos (%s): teacher %.4f, its mean over mirrored views %.4f%n",
                r.heldOut(), r.byKnown() ? "known objects" : "against what the teacher finds", r.teacherAp(),
                r.averagedAp());
        to.printf(Locale.ROOT, "  before %.4f, best %.4f after %d steps%n", r.points().getFirst().ap(), r.best().ap(),
                r.best().steps());
        if (r.stopped() != null) {
            to.println("Stopped: " + r.stopped());
        }
        to.println(out);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
