package io.fovea.cli;

import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.image.Image;
import io.fovea.zoo.Zoo;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea detect}. */
@Command(name = "detect", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Finds objects in photos and prints label, score and box (in pixels of the photo).", //
        footer = {"", "Example: ./fovea detect holiday/ --threshold 0.4 --classes person,dog --out marked/"})
final class DetectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PHOTO", arity = "0..*", //
            description = "JPEG or PNG files, or folders of them. Without any, the sample photo of the zoo.")
    private List<Path> arguments = List.of();

    @Mixin
    private ModelOptions model;

    @Mixin
    private KernelOptions kernels;

    @Option(names = "--threshold", paramLabel = "SCORE", defaultValue = "0.5", //
            description = "Objects with a score above it are shown; default: ${DEFAULT-VALUE}.")
    private float threshold;

    @Option(names = "--iou", paramLabel = "SHARE", //
            description = "Boxes of one class that overlap a better one by more are dropped, 0..1; default: the model's (0.6).")
    private Float iou;

    @Option(names = "--max", paramLabel = "N", defaultValue = "100", //
            description = "Most objects per photo; default: ${DEFAULT-VALUE}.")
    private int max;

    @Option(names = "--classes", paramLabel = "LABEL", split = ",", //
            description = "Only these classes, separated by commas.")
    private List<String> classes = List.of();

    @Option(names = "--class-agnostic", description = "Boxes drop each other whatever their classes.")
    private boolean classAgnostic;

    @Mixin
    private GateOptions gate;

    @Option(names = "--json", paramLabel = "FILE|-", //
            description = "Write one JSON object per photo and line; '-' prints it instead of the table.")
    private String json;

    @Option(names = "--out", paramLabel = "FILE|DIR", //
            description = "Draw labelled boxes: a file for one photo, a folder for several.")
    private Path out;

    @Spec
    private CommandSpec spec;

    private int failures;

    @Override
    public Integer call() throws IOException {
        if (!(threshold > 0 && threshold < 1)) {
            throw usage("--threshold: " + threshold + " is not between 0 and 1");
        }
        if (iou != null && !(iou >= 0 && iou <= 1)) {
            throw usage("--iou: " + iou + " is not within 0..1");
        }
        if (max < 1) {
            throw usage("--max: " + max + " is below 1");
        }
        model.threads();
        DetectorOptions options = options();
        List<Photos.Photo> photos = Photos.list(arguments, this::failed);
        if (arguments.isEmpty()) {
            Path sample = Zoo.standard().sample();
            spec.commandLine().getErr().println("No photo given; here is the zoo's sample, " + sample);
            photos = List.of(new Photos.Photo(sample, sample.getFileName()));
        }
        Marked marked = out == null ? null : Marked.at(out, photos.size(), spec);
        if (photos.isEmpty()) {
            return exitCode();
        }
        Path file = model.file();
        try (Detector detector = open(file, options); Writer writer = jsonWriter()) {
            gate.check(detector);
            run(detector, photos, writer, marked);
        }
        return exitCode();
    }

    private DetectorOptions options() {
        DetectorOptions.Builder builder = kernels.apply(DetectorOptions.builder()).threads(model.threads())
                .scoreThreshold(threshold).maxDetections(max).classAgnostic(classAgnostic);
        if (iou != null) {
            builder.iouThreshold(iou);
        }
        if (!classes.isEmpty()) {
            builder.classes(new LinkedHashSet<>(classes));
        }
        gate.apply(builder);
        return builder.build();
    }

    private void run(Detector detector, List<Photos.Photo> photos, Writer jsonWriter, Marked marked) {
        PrintWriter console = spec.commandLine().getOut();
        try (Progress progress = new Progress("detect", "-".equals(json) ? 0 : photos.size(),
                spec.commandLine().getErr())) {
            for (Photos.Photo photo : photos) {
                try {
                    PhotoResult result = detect(detector, photo, marked);
                    if (jsonWriter != null) {
                        DetectJson.write(result, jsonWriter);
                    }
                    if (!"-".equals(json)) {
                        progress.print(() -> result.print(console, detector.kernels()));
                    }
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                    progress.print(() -> failed(photo.path(), e));
                }
                if (console.checkError()) {
                    throw new PipeClosed();
                }
                progress.step();
            }
        }
    }

    private static PhotoResult detect(Detector detector, Photos.Photo photo, Marked marked) throws IOException {
        long start = System.nanoTime();
        Image image = Image.read(photo.path());
        double decodeMillis = (System.nanoTime() - start) / 1e6;
        DetectionResult found = detector.run(image);
        if (marked != null) {
            marked.write(photo, image, found.detections());
        }
        return new PhotoResult(photo, image.width(), image.height(), found.detections(), decodeMillis, found.timings(),
                found.work());
    }

    private Writer jsonWriter() throws IOException {
        if (json == null) {
            return null;
        }
        if (json.equals("-")) {
            PrintWriter console = spec.commandLine().getOut();
            return new BufferedWriter(console) {
                @Override
                public void close() throws IOException {
                    flush();
                }
            };
        }
        return NamedWriter.open(Path.of(json));
    }

    /** Opens the detector; options that do not fit the model or the machine are wrong usage. */
    private Detector open(Path file, DetectorOptions options) {
        try (Patience patience = new Patience(spec.commandLine().getErr(),
                "Preparing the model (the first time, its kernels are measured on this machine) ...")) {
            return Detector.open(file, options);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ParameterException(spec.commandLine(), Lines.message(e), e);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void failed(Path path, Throwable e) {
        String message = Lines.message(e);
        failed(path, message);
        if (Main.debug(spec.commandLine())) {
            e.printStackTrace(spec.commandLine().getErr());
        }
    }

    private void failed(Path path, String message) {
        failures++;
        PrintWriter err = spec.commandLine().getErr();
        err.println("fovea: " + (message.contains(path.toString()) ? message : path + ": " + message));
        err.flush();
    }

    private int exitCode() {
        return failures == 0 ? 0 : 1;
    }
}
