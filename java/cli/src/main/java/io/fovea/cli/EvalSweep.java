package io.fovea.cli;

import io.fovea.Detector;
import io.fovea.format.AtomicFiles;
import io.fovea.gate.ObjectnessGate;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Problems;
import io.fovea.lab.eval.GateSweep;
import io.fovea.lab.eval.GateSweep.Point;
import io.fovea.lab.eval.GateSweep.Way;
import io.fovea.lab.eval.SweepFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;

/** Several settings of a gate against the dense run: what {@code fovea eval} prints, draws and writes of them. */
final class EvalSweep {
    private static final double[] LOSSES = {.003, .005, .010};

    private EvalSweep() {
    }

    /** Returns the photos of a folder as a data set in which no object is known. */
    static Dataset folder(Path folder) {
        List<Photo> photos = new ArrayList<>();
        for (Photos.Photo photo : Photos.list(List.of(folder), (path, message) -> {
            throw new DataException(path + ": " + message);
        })) {
            photos.add(new Photo(photos.size(), photo.name().toString(), 0, 0, List.of()));
        }
        return new Dataset(folder.toString(), List.of(), photos, new Problems());
    }

    /** Returns the name of a setting as the detector understood it. */
    static String name(Detector detector) {
        if (detector.gate().orElse(null) instanceof ObjectnessGate gate) {
            return "threshold " + gate.threshold() + ", margin " + gate.margin();
        }
        return detector.gate().map(g -> g.name()).orElse("no gate");
    }

    /** Opens another engine, or returns null when none was asked for. */
    static DensePeer.Run peer(String name, Path model, Detector detector, Dataset data, Path folder) {
        if (name == null) {
            return null;
        }
        List<DensePeer> all = StreamSupport.stream(ServiceLoader.load(DensePeer.class).spliterator(), false).toList();
        Optional<DensePeer> found = all.stream().filter(p -> p.name().equals(name)).findFirst();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "--peer: no engine '" + name + "' here; there are " + all.stream().map(DensePeer::name).toList());
        }
        Shape shape = detector.session().plan().graph().inputShape();
        float[] input = new float[shape.values()];
        Image photo = Image.read(folder.resolve(data.photos().getFirst().file()));
        detector.spec().input().encoder().encode(photo, MemorySegment.ofArray(input));
        return found.get().open(model, 1, input, shape);
    }

    /** Prints the table and the best points; shares are of the first way's dense MACs. */
    static void print(List<Way> ways, List<Point> points, String peer, PrintWriter out) {
        boolean models = ways.stream().map(w -> w.detector().model()).distinct().count() > 1;
        double dense = points.getFirst().macs().dense();
        boolean objects = points.getFirst().figures() != null;
        boolean nonZero = !Double.isNaN(points.getFirst().macs().nonZero());
        boolean timed = points.getFirst().millis() != null;
        List<String> head = new ArrayList<>(List.of("way"));
        if (objects) {
            head.addAll(List.of(">AP", ">AP50"));
        }
        head.addAll(List.of(">F1", ">recall", ">precision", ">active", ">executed", ">of it gate"));
        if (models) {
            head.addAll(1, List.of(">boxes", ">M MACs"));
        }
        if (nonZero) {
            head.add(">non-zero");
        }
        if (timed) {
            head.addAll(List.of(">ms gate", ">net", ">head", ">x dense"));
            if (peer != null) {
                head.add(">x " + peer);
            }
        }
        TextTable table = new TextTable("", head.toArray(String[]::new));
        for (int i = 0; i < points.size(); i++) {
            Point p = points.get(i);
            List<Object> row = new ArrayList<>(List.of(p.name()));
            if (models) {
                row.add(Integer.toString(ways.get(i).detector().spec().rows()));
                row.add(number("%.1f", (p.macs().executed() + p.macs().gate()) / 1e6));
            }
            if (objects) {
                row.add(number("%.4f", p.figures().ap()));
                row.add(number("%.4f", p.figures().ap50()));
            }
            row.add(number("%.4f", p.agreement().f1()));
            row.add(number("%.4f", p.agreement().recall()));
            row.add(number("%.4f", p.agreement().precision()));
            row.add(number("%.3f", p.activeShare()));
            row.add(number("%.3f", (p.macs().executed() + p.macs().gate()) / dense));
            row.add(number("%.3f", p.macs().gate() / dense));
            if (nonZero) {
                row.add(number("%.3f", p.macs().nonZero() / dense));
            }
            if (timed) {
                row.add(number("%.2f", p.millis().gate()));
                row.add(number("%.2f", p.millis().net()));
                row.add(number("%.2f", p.millis().head()));
                row.add(number("%.3f", time(p) / time(points.getFirst())));
                if (peer != null) {
                    row.add(number("%.3f", time(p) / p.millis().peer()));
                }
            }
            table.row(row.toArray());
        }
        table.print(out);
        if (timed && peer != null) {
            out.println(peer + ", dense, net alone: " + Lines.millis(points.getFirst().millis().peer()) + " ms");
        }
        if (objects && !models) {
            for (double loss : LOSSES) {
                best(points, loss, out);
            }
        }
    }

    private static void best(List<Point> points, double loss, PrintWriter out) {
        double least = points.getFirst().figures().ap() - loss;
        points.stream().skip(1).filter(p -> p.figures().ap() >= least)
                .min((a, b) -> Double.compare(a.executedShare(), b.executedShare()))
                .ifPresentOrElse(
                        p -> out.printf(Locale.ROOT, "Cheapest at AP >= dense - %.3f: %s, AP %.4f, executed %.3f%n",
                                loss,
                                p.name(), p.figures().ap(), p.executedShare()),
                        () -> out.printf(Locale.ROOT, "None at AP >= dense - %.3f%n", loss));
    }

    /** Gate, net and head: what is compared with the other engine's net. */
    private static double time(Point p) {
        return p.millis().gate() + p.millis().net() + p.millis().head();
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) || value < 0 ? "-" : String.format(Locale.ROOT, format, value);
    }

    /** Runs and shows a sweep. */
    static void run(List<Way> ways, Dataset data, Path folder, GateSweep.Settings settings, DensePeer.Run peer,
            String peerName, EvalFiles files, PrintWriter out, PrintWriter err) throws IOException {
        GateSweep.Outcome outcome;
        try (Progress progress = new Progress("eval", data.photos().size() + settings.timed(), err)) {
            outcome = GateSweep.run(ways, data, folder, settings, peer == null ? null : peer::run, progress::step);
            progress.print(() -> {
            });
        }
        data.problems().lines().forEach(line -> err.println("fovea: " + line));
        List<Point> points = outcome.points();
        print(ways, points, peerName, out);
        out.println(Lines.plural(outcome.data().photos().size(), "photo") + ", "
                + points.getFirst().agreement().wanted() + " sure detections of the dense run");
        if (files.csv() != null) {
            byte[] text = SweepFiles.csv(points).getBytes(StandardCharsets.UTF_8);
            AtomicFiles.write(files.csv(), stream -> stream.write(text));
        }
        if (files.plot() != null) {
            SweepFiles.plot(points, ways.getFirst().detector().spec().name() + " on "
                    + Lines.plural(outcome.data().photos().size(), "photo"), files.plot());
        }
    }

    /** Where a sweep is written to; null for nowhere. */
    record EvalFiles(Path csv, Path plot) {}
}
