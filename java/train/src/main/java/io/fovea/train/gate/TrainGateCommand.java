package io.fovea.train.gate;

import io.fovea.cli.Lines;
import io.fovea.cli.ModelOptions;
import io.fovea.cli.Photos;
import io.fovea.cli.Progress;
import io.fovea.cli.Subcommand;
import io.fovea.format.GateFile;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.Glance;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.format.OnnxReader;
import io.fovea.lab.calibrate.PeripheryFit;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Truth;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea train-gate}. */
@Command(name = "train-gate", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Trains an objectness gate for a detector from plain photos: what the dense detector finds in them is what the "
                + "gate learns to let through. The gate file also gets the periphery, fitted on some of the photos.", //
        footer = {"", "Example: ./fovea train-gate --images photos/ --out gate.onnx"})
public final class TrainGateCommand implements Subcommand {
    /** Photos on which the periphery is fitted. */
    private static final int FITTED = 150;

    @Mixin
    private ModelOptions model;

    @Option(names = "--images", paramLabel = "DIR", required = true, //
            description = "Folder of photos to learn from; may be given several times.")
    private List<Path> images;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N photos by name, of each folder.")
    private Integer limit;

    @Option(names = "--data", paramLabel = "FILE|DIR", //
            description = "Annotated objects of some of the photos, by file name: COCO instances JSON, or a folder of VOC XML files. They "
                    + "are let through as well; crowds count neither way.")
    private Path data;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the gate goes.")
    private Path out;

    @Option(names = "--report", paramLabel = "DIR", //
            description = "Folder for the report (index.html, report.json, plots); default: beside --out, with the ending -report.")
    private Path report;

    @Option(names = "--trunk", paramLabel = "detector|own", defaultValue = "detector", //
            description = "What the gate begins with: the detector's first blocks as they are, whose maps also become the periphery, or a "
                    + "small net of its own that learns from nothing; default: ${DEFAULT-VALUE}.")
    private GateSpec.Trunk trunk;

    @Option(names = "--size", paramLabel = "N", defaultValue = "96", //
            description = "Height and width of the small copy of the picture that the gate looks at; default: ${DEFAULT-VALUE}.")
    private int size;

    @Option(names = "--glance", paramLabel = "FILE", //
            description = "A small gate with a trunk of its own that the trained one shall carry and ask first: photos of which it masks next "
                    + "to nothing are let through whole.")
    private Path glance;

    @Option(names = "--glance-threshold", paramLabel = "LOGIT", //
            description = "Logit above which a cell counts for --glance; default: that gate's own.")
    private Float glanceThreshold;

    @Option(names = "--glance-share", paramLabel = "SHARE", defaultValue = "0.8", //
            description = "Share of the cells from which on the mask of --glance counts as the whole picture; default: ${DEFAULT-VALUE}.")
    private float glanceShare;

    @Option(names = "--recall", paramLabel = "SHARE", defaultValue = "0.95", //
            description = "Share of what the detector finds in held-out photos that the mask must cover; sets the gate's threshold; "
                    + "default: ${DEFAULT-VALUE}.")
    private double recall;

    @Option(names = "--passes", paramLabel = "N", description = "Passes over the photos; default: 12.")
    private Integer passes;

    @Option(names = "--minutes", paramLabel = "N", //
            description = "No further pass begins after so many minutes. A run that ends that way depends on the machine's speed.")
    private Double minutes;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of every random choice; default: 1.")
    private long seed;

    @Option(names = "--resume", description = "Go on from the state that an interrupted run left beside --out.")
    private boolean resume;

    @Option(names = "--kernels", paramLabel = "TIER", defaultValue = "auto", //
            description = "Which kernels compute the detector; default: ${DEFAULT-VALUE}.")
    private String kernels;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        TrainSettings settings = settings();
        List<String> failed = new ArrayList<>();
        List<Path> photos = photos(failed);
        Map<Path, List<Truth>> truths = truths(photos);
        checkTarget();
        Model read = OnnxReader.read(model.file());
        Glance first = glance(read);
        Path checkpoint = out.resolveSibling(out.getFileName() + ".training");
        GateTraining.Run run = new GateTraining.Run(model.threads(), kernels,
                minutes == null ? 0 : Math.round(minutes * 60_000), checkpoint, resume);
        PrintWriter console = spec.commandLine().getOut();
        GateResult result;
        try (Progress progress = new Progress("look", photos.size(), spec.commandLine().getErr())) {
            result = GateTraining.run(read, photos, truths, settings, run, new Console(progress, console));
        }
        Map<String, String> facts = facts(photos.size(), truths.size(), result);
        GateModel gate = result.model(facts);
        if (trunk == GateSpec.Trunk.DETECTOR) {
            gate = withPeriphery(read, gate, photos);
        }
        GateFile.write(out, gate.with(first));
        Path folder = report != null ? report : out.resolveSibling(stem() + "-report");
        GateReport.write(folder, result, facts);
        Files.deleteIfExists(checkpoint);
        console.printf(Locale.ROOT,
                "Threshold %.3f: %.1f %% of the held-out marks are covered by %.1f %% of the cells; "
                        + "the gate takes %s MACs%n",
                result.threshold(), 100 * result.recall(), 100 * result.share(),
                Lines.count(result.macs()));
        console.println("Written to " + out + ", report in " + folder);
        failed.addAll(result.problems().lines());
        failed.forEach(line -> spec.commandLine().getErr().println("fovea: " + line));
        return failed.isEmpty() ? 0 : 1;
    }

    /** Returns what is asked first, or null; wrong files are found before anything is learnt. */
    private Glance glance(Model detector) {
        if (glance == null) {
            return null;
        }
        try {
            GateModel gate = GateFile.read(glance);
            gate.checkFits(detector);
            GateSpec s = gate.spec();
            return new Glance(glanceThreshold == null
                    ? gate
                    : gate.with(s.withMasks(glanceThreshold, s.cell(), s.margin())), glanceShare);
        } catch (ModelFormatException e) {
            throw usage("--glance: " + glance + ": " + e.getMessage());
        }
    }

    private GateModel withPeriphery(Model read, GateModel gate, List<Path> photos) {
        List<Path> some = new ArrayList<>();
        for (int i = 0; i < Math.min(FITTED, photos.size()); i++) {
            some.add(photos.get((int) ((long) i * photos.size() / Math.min(FITTED, photos.size()))));
        }
        try (Progress progress = new Progress("periphery", some.size(), spec.commandLine().getErr())) {
            return PeripheryFit.run(read, gate, some, model.threads(), kernels, done -> progress.step()).gate();
        }
    }

    /** Prints what goes on. */
    private record Console(Progress progress, PrintWriter out) implements GateTraining.Watch {
        @Override
        public void photo() {
            progress.step();
        }

        @Override
        public void step(int epoch, int step, int steps, double loss) {
            if (Progress.isTerminal() && step < steps) {
                progress.print(() -> {
                    out.printf(Locale.ROOT, "\rpass %d: step %d of %d, loss %.4f ", epoch, step, steps, loss);
                    out.flush();
                });
            }
        }

        @Override
        public void epoch(int epoch, double loss, double heldOutLoss, double recall, double share) {
            progress.print(() -> {
                out.printf(Locale.ROOT, "%spass %d: loss %.4f, held out %.4f, recall %.3f at share %.3f%n",
                        Progress.isTerminal() ? "\r" : "", epoch, loss, heldOutLoss, recall, share);
                out.flush();
            });
        }

        @Override
        public void note(String line) {
            progress.print(() -> {
                out.println(line);
                out.flush();
            });
        }
    }

    private TrainSettings settings() {
        if (limit != null && limit < 1) {
            throw usage("--limit: " + limit + " is below 1");
        }
        if (minutes != null && !(minutes > 0)) {
            throw usage("--minutes: " + minutes + " is not above 0");
        }
        try {
            TrainSettings defaults = TrainSettings.DEFAULT;
            return defaults.with(trunk, size, passes == null ? defaults.epochs() : passes, recall, seed);
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
    }

    private List<Path> photos(List<String> failed) throws IOException {
        List<Path> photos = new ArrayList<>();
        for (Path folder : images) {
            if (!Files.isDirectory(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
            List<Path> found = Photos.list(List.of(folder), (path, message) -> failed.add(path + ": " + message))
                    .stream().map(Photos.Photo::path).limit(limit == null ? Long.MAX_VALUE : limit).toList();
            if (found.isEmpty()) {
                throw usage("--images: " + folder + " holds no photo (JPEG or PNG)");
            }
            photos.addAll(found);
        }
        return photos;
    }

    private Map<Path, List<Truth>> truths(List<Path> photos) {
        Map<Path, List<Truth>> truths = new HashMap<>();
        if (data != null) {
            Map<String, List<Truth>> byName = new HashMap<>();
            for (Photo photo : Dataset.read(data).photos()) {
                byName.put(Path.of(photo.file()).getFileName().toString(), photo.truths());
            }
            photos.forEach(photo -> {
                List<Truth> found = byName.get(photo.getFileName().toString());
                if (found != null) {
                    truths.put(photo, found);
                }
            });
            if (truths.isEmpty()) {
                throw usage("--data: " + data + " names none of the photos");
            }
        }
        return truths;
    }

    private void checkTarget() throws IOException {
        Path folder = out.toAbsolutePath().getParent();
        if (Files.isDirectory(out)) {
            throw usage("--out: " + out + " is a folder; name a file");
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
    }

    private String stem() {
        String name = out.getFileName().toString();
        return name.endsWith(".onnx") ? name.substring(0, name.length() - 5) : name;
    }

    private Map<String, String> facts(int photos, int annotated, GateResult result) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("detector", result.model.spec().name());
        facts.put("photos", Integer.toString(photos));
        facts.put("annotatedPhotos", Integer.toString(annotated));
        facts.put("seed", Long.toString(seed));
        facts.put("passes", Integer.toString(result.losses().size()));
        facts.put("recall", String.format(Locale.ROOT, "%.4f", result.recall()));
        facts.put("share", String.format(Locale.ROOT, "%.4f", result.share()));
        facts.put("settings", result.settings.toString());
        return facts;
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
