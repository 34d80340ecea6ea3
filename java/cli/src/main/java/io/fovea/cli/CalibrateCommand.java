package io.fovea.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.DetectorOptions;
import io.fovea.format.AtomicFiles;
import io.fovea.format.Calibration;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.lab.calibrate.CalibrationReport;
import io.fovea.lab.calibrate.CalibrationSettings;
import io.fovea.lab.calibrate.Calibrator;
import io.fovea.lab.calibrate.HeadGateJudge;
import io.fovea.lab.calibrate.HeadGateJudge.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea calibrate}. */
@Command(name = "calibrate", mixinStandardHelpOptions = true, sortOptions = false, //
        description = {
                "Measures on plain photos, without any annotation, what a detector's inactive sites should read as (the mean "
                        + "activations), and learns its head gate: a unit per level of the head that picks the sites whose rows are "
                        + "computed. Both go into the model file.",
                "With --gate a trained gate is fitted instead: how the maps of its small run stand in for the whole one's.",
                "With --judge the head gate is compared with the dense head on other photos."}, //
        footer = {"", "Example: ./fovea calibrate --images photos/ --limit 1000 --judge other-photos/"})
final class CalibrateCommand implements Callable<Integer> {
    private static final double JUDGED_ABOVE = 0.3;
    private static final double JUDGED_IOU = 0.99;

    @Mixin
    private ModelOptions model;

    @Option(names = "--images", paramLabel = "DIR", description = "Folder of photos to calibrate on.")
    private Path images;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N photos by name, of each folder.")
    private Integer limit;

    @Option(names = "--keep-above", paramLabel = "SCORE", defaultValue = "0.2", //
            description = "Of the head rows that score above it, 99.8 %% must stay on held-out photos; default: ${DEFAULT-VALUE}.")
    private double keepAbove;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of every random choice; default: 1.")
    private long seed;

    @Option(names = "--kernels", paramLabel = "TIER", defaultValue = "auto", //
            description = "Which kernels compute; default: ${DEFAULT-VALUE}.")
    private String kernels;

    @Option(names = "--out", paramLabel = "FILE", //
            description = "Where the calibrated model goes; with the ending .json only the calibration. "
                    + "Default: the model's own file, for a model of the zoo the cached one.")
    private Path out;

    @Option(names = "--gate", paramLabel = "FILE|carried", //
            description = "Fit this trained gate instead: what inactive sites read from its small run. It is written into the gate's "
                    + "file, or to --out. Some 150 photos do.")
    private String gate;

    @Option(names = "--judge", paramLabel = "DIR", //
            description = "Folder of photos on which the head gate is compared with the dense head; without --images, the one that "
                    + "the model carries.")
    private Path judge;

    @Option(names = "--json", paramLabel = "FILE|-", //
            description = "Write the report as JSON; '-' prints it instead of the tables.")
    private String json;

    @Spec
    private CommandSpec spec;

    private int failures;

    @Override
    public Integer call() throws IOException {
        CalibrationSettings settings = settings();
        if (images == null && judge == null) {
            throw usage("--images or --judge is needed");
        }
        if (images == null && out != null) {
            throw usage("--out: there is nothing to write without --images");
        }
        if (gate != null && (images == null || judge != null)) {
            throw usage("--gate: needs --images and excludes --judge");
        }
        List<Path> train = photos(images, "--images");
        List<Path> test = photos(judge, "--judge");
        Path file = model.file();
        Path target = target(file);
        Model read = OnnxReader.read(file);
        ObjectNode report = new ObjectMapper().createObjectNode();
        PrintWriter console = "-".equals(json)
                ? new PrintWriter(PrintWriter.nullWriter())
                : spec.commandLine().getOut();
        if (gate != null) {
            try {
                GateCalibration.run(model, read, gate, out, train, kernels, spec, console, report)
                        .forEach(this::failed);
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new ParameterException(spec.commandLine(), Lines.message(e), e);
            }
            writeJson(report);
            return failures == 0 ? 0 : 1;
        }
        Calibration calibration = read.calibration();
        if (images != null) {
            CalibrationReport result = calibrate(read, train, settings);
            calibration = result.calibration();
            ObjectNode made = CalibrateReport.made(read, images, train.size(), result);
            write(file, read.with(calibration), made, target);
            report.set("calibration", made);
            report.put("file", target.toString());
            CalibrateReport.print(read, result, console);
            console.println("Written to " + target + (target.equals(file) && !file.equals(Path.of(model.name()))
                    ? ", the cached file of " + model.name()
                    : ""));
            result.problems().lines().forEach(this::failed);
        }
        if (judge != null) {
            Verdict verdict = judge(read.with(calibration), test);
            report.set("judge", CalibrateReport.json(verdict, JUDGED_ABOVE, JUDGED_IOU));
            CalibrateReport.print(verdict, JUDGED_ABOVE, JUDGED_IOU, console);
            verdict.problems().lines().forEach(this::failed);
        }
        writeJson(report);
        return failures == 0 ? 0 : 1;
    }

    private CalibrationSettings settings() {
        if (limit != null && limit < 1) {
            throw usage("--limit: " + limit + " is below 1");
        }
        try {
            return CalibrationSettings.DEFAULT.withKeepAbove(keepAbove).withSeed(seed).with(model.threads(), kernels);
        } catch (IllegalArgumentException e) {
            throw usage("--keep-above: " + keepAbove + " is not between 0 and 1");
        }
    }

    private List<Path> photos(Path folder, String option) throws IOException {
        if (folder == null) {
            return List.of();
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        List<Path> found = Photos.list(List.of(folder), (path, message) -> failed(path + ": " + message)).stream()
                .map(Photos.Photo::path).limit(limit == null ? Long.MAX_VALUE : limit).toList();
        if (found.isEmpty()) {
            throw usage(option + ": " + folder + " holds no photo (JPEG or PNG)");
        }
        return found;
    }

    /** Returns where the result goes, after making sure that it can. */
    private Path target(Path file) throws IOException {
        Path target = out == null ? file : out;
        if (Files.isDirectory(target)) {
            throw usage("--out: " + target + " is a folder; name a file");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        return target;
    }

    private CalibrationReport calibrate(Model read, List<Path> photos, CalibrationSettings settings) {
        try (Progress progress = new Progress("calibrate", photos.size(), spec.commandLine().getErr())) {
            return Calibrator.run(read, photos, settings, done -> progress.step());
        } catch (IllegalStateException e) {
            throw new ParameterException(spec.commandLine(), Lines.message(e), e);
        }
    }

    private Verdict judge(Model calibrated, List<Path> photos) {
        try (Progress progress = new Progress("judge", photos.size(), spec.commandLine().getErr())) {
            return HeadGateJudge.judge(calibrated, photos, DetectorOptions.builder().kernels(kernels)
                    .threads(model.threads()).scoreThreshold((float) JUDGED_ABOVE), JUDGED_IOU,
                    done -> progress.step());
        }
    }

    private void write(Path file, Model calibrated, ObjectNode made, Path target) throws IOException {
        if (Photos.extension(target).equals("json")) {
            byte[] text = (CalibrateReport.document(calibrated.calibration(), made) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            AtomicFiles.write(target, stream -> stream.write(text));
        } else {
            OnnxWriter.annotate(file, calibrated, target);
        }
    }

    private void writeJson(ObjectNode report) throws IOException {
        if ("-".equals(json)) {
            spec.commandLine().getOut().println(report);
        } else if (json != null) {
            AtomicFiles.write(Path.of(json), out -> out.write((report + "\n").getBytes(StandardCharsets.UTF_8)));
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void failed(String message) {
        failures++;
        spec.commandLine().getErr().println("fovea: " + Lines.one(message));
    }
}
