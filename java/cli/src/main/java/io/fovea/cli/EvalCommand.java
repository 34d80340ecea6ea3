package io.fovea.cli;

import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.AtomicFiles;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.gate.ObjectnessGate;
import io.fovea.lab.data.Category;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.ResultsReader;
import io.fovea.lab.eval.CocoEvaluator;
import io.fovea.lab.eval.CocoFigures;
import io.fovea.lab.eval.CocoResult;
import io.fovea.lab.eval.EvalReport;
import io.fovea.lab.eval.GateSweep;
import io.fovea.lab.eval.ModelRun;
import io.fovea.lab.eval.PairedDifference;
import io.fovea.lab.eval.PrecisionPlot;
import io.fovea.lab.eval.TruthGate;
import io.fovea.lab.eval.VocEvaluator;
import io.fovea.lab.prune.PhotoSplit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea eval}. */
@Command(name = "eval", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Judges a model, or detections in a file, against photos with known objects: COCO's twelve figures, AP per "
                + "category, VOC's mAP.", //
        footer = {"",
                "Example: ./fovea eval --data instances.json --images val2017/ --json result.json --plot curve.png",
                "Example: ./fovea eval --reference dense --images photos/ --gate-threshold -3,-2,-1 --csv gate.csv"})
final class EvalCommand implements Callable<Integer> {
    private static final int DRAWS = 1000;
    private static final int TIMED_ROUNDS = 5;

    @Option(names = "--data", paramLabel = "FILE|DIR", //
            description = "COCO instances JSON, or a folder of PASCAL VOC XML files; not needed with --reference.")
    private Path data;

    @Option(names = "--images", paramLabel = "DIR", description = "Folder of the photos; needed to run a model.")
    private Path images;

    @Option(names = "--detections", paramLabel = "FILE", //
            description = "Judge this COCO results file instead of running a model.")
    private Path detections;

    @Mixin
    private ModelOptions model;

    @Mixin
    private KernelOptions kernels;

    @Mixin
    private GateOptions gates;

    @Option(names = "--mask-from-boxes", paramLabel = "MARGIN", //
            description = "Compute only where the true boxes, grown by so many pixels of the net's input, are: what a perfect gate "
                    + "would be worth. A trained gate then only shows what the rest reads as.")
    private Integer maskFromBoxes;

    @Option(names = "--score", paramLabel = "SCORE", defaultValue = "0.01", //
            description = "Detections with a score above it are judged; default: ${DEFAULT-VALUE}.")
    private float score;

    @Option(names = "--iou", paramLabel = "SHARE", description = "Overlap above which suppression drops a box; default: the model's.")
    private Float iou;

    @Option(names = "--max", paramLabel = "N", defaultValue = "100", //
            description = "Most detections per photo; default: ${DEFAULT-VALUE}.")
    private int max;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "0", description = "Only the first N photos.")
    private int limit;

    @Option(names = "--half", paramLabel = "search|report", //
            description = "Only the half of the photos that 'prune' searches upon, or the one that it reports upon.")
    private Half half;

    @Option(names = "--versus", paramLabel = "NAME|FILE", //
            description = "Also judge this model on the same photos, dense, and tell how sure the difference of AP is (paired "
                    + "bootstrap). When settings are compared: with the same settings of the gate.")
    private String versus;

    @Option(names = "--last", paramLabel = "N", defaultValue = "0", description = "Only the last N photos.")
    private int last;

    @Option(names = "--reference", paramLabel = "dense", //
            description = "Judge by how far detections agree with the dense run's: recall, precision and F1 of those of score .5 and "
                    + "more. Needs no known objects, only --images.")
    private Reference reference;

    @Option(names = "--non-zero", description = "Count non-zero activations too, when several settings are compared.")
    private boolean nonZero;

    @Option(names = "--time", paramLabel = "N", defaultValue = "0", //
            description = "Measure times on N photos, spread evenly: every setting in turn on each, on one thread.")
    private int timed;

    @Option(names = "--peer", paramLabel = "ENGINE", //
            description = "Time another engine's dense run of the net beside ours: onnxruntime. Needs --time.")
    private String peer;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write the compared settings as CSV.")
    private Path csv;

    @Option(names = "--json", paramLabel = "FILE|-", description = "Write the figures as JSON; '-' prints them instead of the table.")
    private String json;

    @Option(names = "--plot", paramLabel = "FILE", //
            description = "Write precision over recall as a PNG; of compared settings accuracy over executed MACs and over time.")
    private Path plot;

    @Spec
    private CommandSpec spec;

    /** What {@code --half} says. */
    enum Half {
        SEARCH, REPORT
    }

    /** What detections are judged by instead of known objects. */
    enum Reference {
        DENSE
    }

    @Override
    public Integer call() throws IOException {
        if (limit < 0 || last < 0 || timed < 0) {
            throw usage((limit < 0 ? "--limit: " + limit : last < 0 ? "--last: " + last : "--time: " + timed)
                    + " is below 0");
        }
        boolean sweep = reference != null || csv != null || timed > 0 || gates.settings().size() > 1;
        if (data == null && reference == null) {
            throw usage("--data is needed, or --reference dense to judge without known objects");
        }
        if (sweep) {
            return sweep();
        }
        if (peer != null || nonZero) {
            throw usage((peer != null ? "--peer" : "--non-zero")
                    + ": is for compared settings; see --reference, --time, --csv");
        }
        if (detections == null && images == null) {
            throw usage("--images is needed to run a model, or --detections to judge a file");
        }
        if (versus != null && detections != null) {
            throw usage("--versus: needs a model to run, --detections names none");
        }
        Dataset set = photos(Dataset.read(data));
        if (detections != null) {
            List<PhotoDetections> found = ResultsReader.read(detections, set);
            CocoResult result = CocoEvaluator.evaluate(set, found, model.threads());
            show(set, set.categories(), result, found, new EvalReport(result.figures(), null, null),
                    detections.toString());
        } else {
            run(set);
        }
        boolean skipped = set.problems().count(Problems.Kind.PHOTO_MISSING)
                + set.problems().count(Problems.Kind.PHOTO_UNREADABLE) > 0;
        return skipped ? 1 : 0;
    }

    /** Returns the photos that were asked for. */
    private Dataset photos(Dataset all) {
        Dataset first = all.limit(limit);
        int count = first.photos().size();
        Dataset set = last == 0 || last >= count
                ? first
                : first.withPhotos(first.photos().subList(count - last, count));
        return half == null ? set : PhotoSplit.part(set, .5, half == Half.SEARCH);
    }

    /** Compares settings of the gate with each other and with the dense run. */
    private int sweep() throws IOException {
        if (images == null || detections != null || maskFromBoxes != null || json != null) {
            throw usage(images == null
                    ? "--images is needed to run a model"
                    : "settings are compared by --csv and --plot, without --detections, --mask-from-boxes and "
                            + "--json");
        }
        if (peer != null && timed == 0) {
            throw usage("--peer: needs --time");
        }
        Dataset set = photos(data == null ? EvalSweep.folder(images) : Dataset.read(data));
        Path source = model.file();
        Model file = OnnxReader.read(source);
        List<GateSweep.Way> ways = new ArrayList<>();
        DensePeer.Run other = null;
        try {
            ways(file, versus == null ? "" : file.spec().name() + ", ", ways);
            if (versus != null) {
                Model second = OnnxReader.read(ModelOptions.resolve(versus, spec));
                ways(second, second.spec().name().equals(file.spec().name())
                        ? versus + ", "
                        : second.spec().name() + ", ", ways);
            }
            other = EvalSweep.peer(peer, source, ways.getFirst().detector(), set, images);
            EvalSweep.run(ways, set, images, new GateSweep.Settings(model.threads(), nonZero, timed, TIMED_ROUNDS),
                    other, peer, new EvalSweep.EvalFiles(csv, plot), spec.commandLine().getOut(),
                    spec.commandLine().getErr());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ParameterException(spec.commandLine(), Lines.message(e), e);
        } finally {
            ways.forEach(w -> w.detector().close());
            if (other != null) {
                other.close();
            }
        }
        return set.problems().isEmpty() ? 0 : 1;
    }

    /** Adds a model's dense run and its settings. */
    private void ways(Model file, String prefix, List<GateSweep.Way> ways) {
        ways.add(new GateSweep.Way(prefix + "dense", Detector.open(file, sweepOptions().headGate(false).build())));
        for (GateOptions.Setting setting : gates.settings()) {
            Detector detector = Detector.open(file, gates.apply(sweepOptions(), setting).build());
            ways.add(new GateSweep.Way(prefix + EvalSweep.name(detector), detector));
            gates.check(detector);
        }
    }

    private DetectorOptions.Builder sweepOptions() {
        DetectorOptions.Builder builder = kernels.apply(DetectorOptions.builder()).threads(1).scoreThreshold(score)
                .maxDetections(max);
        return iou == null ? builder : builder.iouThreshold(iou);
    }

    private void run(Dataset set) throws IOException {
        Model file = OnnxReader.read(model.file());
        DetectorSpec facts = file.spec();
        LabelMap labels = LabelMap.of(facts.classes(), facts.backgroundIndex(), set.withPhotos(List.of()));
        DetectorOptions.Builder builder = gates.apply(kernels.apply(DetectorOptions.builder()).threads(1)
                .scoreThreshold(score).maxDetections(max));
        if (iou != null) {
            builder.iouThreshold(iou);
        }
        if (maskFromBoxes != null && (maskFromBoxes < 0 || gates.given())) {
            throw usage("--mask-from-boxes: needs a margin of at least 0 and excludes --mask and --region");
        }
        try (ObjectnessGate eyes = maskFromBoxes == null ? null : gates.open(file, kernels)) {
            if (maskFromBoxes != null) {
                builder.gate(new TruthGate(maskFromBoxes, gates.cell(),
                        labels.shared().stream().map(Category::id).collect(Collectors.toSet()), eyes));
            }
            judge(set, file, labels, builder.build());
        }
    }

    private void judge(Dataset set, Model file, LabelMap labels, DetectorOptions options) throws IOException {
        try (Detector detector = Detector.open(file, options);
                Progress progress = new Progress("eval", set.photos().size(), spec.commandLine().getErr())) {
            gates.check(detector);
            ModelRun.Outcome outcome = ModelRun.judge(detector, options.gate(), set, images, model.threads(),
                    progress::step);
            progress.print(() -> {
            });
            show(outcome.data(), labels.shared(), outcome.result(), outcome.detections(), outcome.report(),
                    file.spec().name());
            if (!"-".equals(json)) {
                cost(outcome, detector);
            }
            if (versus != null) {
                compare(outcome, labels);
            }
        }
    }

    private void compare(ModelRun.Outcome outcome, LabelMap labels) {
        Model other = OnnxReader.read(ModelOptions.resolve(versus, spec));
        DetectorOptions.Builder builder = kernels.apply(DetectorOptions.builder()).threads(1).scoreThreshold(score)
                .maxDetections(max).headGate(false);
        if (iou != null) {
            builder.iouThreshold(iou);
        }
        Dataset seen = outcome.data();
        try (Detector detector = Detector.open(other, builder.build());
                Progress progress = new Progress("versus", seen.photos().size(), spec.commandLine().getErr())) {
            List<PhotoDetections> found = ModelRun.detections(detector, seen, images, model.threads(), progress::step);
            PairedDifference d = PairedDifference.of(seen.withCategories(labels.shared()), found, outcome.detections(),
                    DRAWS, model.threads());
            PrintWriter to = "-".equals(json) ? spec.commandLine().getErr() : spec.commandLine().getOut();
            to.printf(Locale.ROOT,
                    "AP minus that of %s, dense: %+.4f; 95 %% of %d draws of the photos within %+.4f .. %+.4f%n",
                    versus, d.difference(), d.draws(), d.low(), d.high());
        }
    }

    private void show(Dataset set, List<Category> categories, CocoResult result, List<PhotoDetections> found,
            EvalReport report,
            String name) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        set.problems().lines().forEach(line -> err.println("fovea: " + line));
        if ("-".equals(json)) {
            out.println(report.toJson());
        } else {
            table(set.withCategories(categories), result.figures(), found, out);
            if (json != null) {
                byte[] text = (report.toJson() + "\n").getBytes(StandardCharsets.UTF_8);
                AtomicFiles.write(Path.of(json), stream -> stream.write(text));
            }
        }
        if (plot != null) {
            PrecisionPlot.write(result, name + " on " + Lines.plural(set.photos().size(), "photo"), plot);
        }
    }

    private static void table(Dataset set, CocoFigures figures, List<PhotoDetections> found, PrintWriter out) {
        TextTable table = new TextTable("", "category", ">objects", ">AP");
        for (Category c : set.categories()) {
            Double ap = figures.apPerCategory().get(c.id());
            long objects = set.photos().stream().flatMap(p -> p.truths().stream())
                    .filter(t -> t.category() == c.id() && !t.crowd()).count();
            if (ap != null) {
                table.row(c.name(), objects, number(ap));
            }
        }
        table.print(out);
        out.println();
        TextTable twelve = new TextTable("", "figure", ">value");
        for (Map.Entry<String, Double> e : figures.byName().entrySet()) {
            twelve.row(e.getKey(), number(e.getValue()));
        }
        twelve.row("VOC mAP, 11 points", number(voc(set, found, VocEvaluator.Rule.ELEVEN_POINT)));
        twelve.row("VOC mAP, all points", number(voc(set, found, VocEvaluator.Rule.ALL_POINT)));
        twelve.print(out);
        out.println(Lines.plural(figures.images(), "photo") + ", " + set.objects() + " objects");
    }

    private static double voc(Dataset set, List<PhotoDetections> found, VocEvaluator.Rule rule) {
        return VocEvaluator.evaluate(set, found, .5, rule).meanAp();
    }

    private static String number(double value) {
        return value < 0 ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }

    private void cost(ModelRun.Outcome o, Detector detector) {
        PrintWriter out = spec.commandLine().getOut();
        EvalReport.Macs m = o.macs();
        out.printf(Locale.ROOT, "MACs per photo: dense %s, executed %s (%.3f), gate %s, non-zero %s (%.3f)%n",
                Lines.count(Math.round(m.dense())), Lines.count(Math.round(m.executed())), m.executed() / m.dense(),
                Lines.count(Math.round(m.gate())), Lines.count(Math.round(m.nonZero())), m.nonZero() / m.dense());
        out.println("Milliseconds per photo, median: " + o.millis().entrySet().stream()
                .map(e -> e.getKey() + " " + Lines.millis(e.getValue())).collect(Collectors.joining(", "))
                + "; kernels "
                + detector.kernels());
        out.printf(Locale.ROOT, "%.1f photos per second, decoding included%n", o.photosPerSecond());
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
