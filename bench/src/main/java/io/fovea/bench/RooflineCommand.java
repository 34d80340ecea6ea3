package io.fovea.bench;

import io.fovea.cli.ModelOptions;
import io.fovea.cli.Subcommand;
import io.fovea.cli.TextTable;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Macs;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fovea roofline}: how near every step of a net comes to what the machine can do (Williams et al., CACM 2009). */
@Command(name = "roofline", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Plots every step of a net under the machine's measured peak and memory bandwidth, one thread.", //
        footer = {"", "Example: ./fovea roofline --out docs/images/roofline.png"})
public final class RooflineCommand implements Subcommand {
    private static final int WARM = 100;

    @Option(names = "--model", paramLabel = "NAME|FILE", defaultValue = ModelOptions.DEFAULT, //
            description = "Model of the zoo or ONNX file; default: ${DEFAULT-VALUE}.")
    private String model;

    @Option(names = "--kernels", paramLabel = "TIER", defaultValue = "auto", description = "Kernel tier; default: auto.")
    private String kernels;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "100", description = "Runs of the net; default: 100.")
    private int rounds;

    @Option(names = "--out", paramLabel = "FILE.png", required = true, description = "Where the plot goes.")
    private Path out;

    @Spec
    private CommandSpec spec;

    /** Used by picocli. */
    public RooflineCommand() {
    }

    /** One step as measured. */
    record Point(String name, String label, double micros, long macs, long bytes) {

        double gmacs() {
            return macs / micros / 1e3;
        }

        double intensity() {
            return (double) macs / bytes;
        }
    }

    @Override
    public Integer call() throws Exception {
        Model read = OnnxReader.read(ModelOptions.resolve(model, spec));
        float[] input = Input.noise(read.spec().input());
        List<Point> points = new ArrayList<>();
        SessionOptions options = new SessionOptions(1, kernels, null, SessionOptions.Tuning.CACHED);
        try (Session session = Session.open(read.graph(), options); Workspace workspace = session.lease()) {
            MemorySegment.copy(input, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, input.length);
            points.addAll(measure(session.plan(), workspace));
        }
        double peak = MachinePeaks.gmacs();
        double bandwidth = MachinePeaks.gigabytes();
        PrintWriter text = spec.commandLine().getOut();
        text.printf(Locale.ROOT,
                "Processor  %s%nJDK        %s%nPeak       %.1f GMAC/s (one thread, matrix product in cache)"
                        + "%nBandwidth  %.1f GB/s (one thread, copy of 256 MiB, read + write)%n",
                Machine.processor(), Machine.jdk(), peak,
                bandwidth);
        print(points, peak, bandwidth, text);
        RooflinePlot.write(points, peak, bandwidth, Machine.processor(), out);
        text.println("Plot       " + out);
        return 0;
    }

    private List<Point> measure(Plan plan, Workspace workspace) {
        int steps = plan.steps().size();
        long[][] nanos = new long[steps][rounds];
        for (int i = 0; i < WARM; i++) {
            workspace.run();
        }
        for (int r = 0; r < rounds; r++) {
            int round = r;
            long[] before = {System.nanoTime()};
            workspace.run((index, step, rows) -> {
                long now = System.nanoTime();
                nanos[index][round] = now - before[0];
                before[0] = now;
            });
        }
        List<Point> points = new ArrayList<>();
        for (int s = 0; s < steps; s++) {
            Step step = plan.steps().get(s);
            long inRows = plan.values().get(step.in()).shape().sites();
            long outRows = plan.values().get(step.out()).shape().sites();
            long macs = Macs.of(step.layer(), inRows, outRows);
            Arrays.sort(nanos[s]);
            if (macs > 0) {
                points.add(new Point(step.name(), step.label() + " " + plan.values().get(step.out()).shape(),
                        nanos[s][rounds / 2] / 1e3, macs, bytes(step.layer(), inRows, outRows)));
            }
        }
        return points;
    }

    /** Bytes that a step must move when nothing is in cache: input, weights, residual, output. */
    private static long bytes(Layer layer, long inRows, long outRows) {
        long rows = inRows * layer.inChannels() + outRows * layer.outChannels();
        return 4 * switch (layer) {
            case Layer.Conv conv -> rows + conv.weights().length + (conv.residual() ? outRows * conv.outChannels() : 0);
            case Layer.Block block -> rows + (block.expand() == null ? 0 : block.expand().weights().length)
                    + block.depthwise().weights().length + block.project().weights().length
                    + (block.project().residual() ? outRows * block.outChannels() : 0);
            default -> rows;
        };
    }

    private static void print(List<Point> points, double peak, double bandwidth, PrintWriter text) {
        double total = points.stream().mapToDouble(Point::micros).sum();
        TextTable table = new TextTable("", "step", "what", ">us", ">share", ">GMAC/s", ">of its roof");
        points.stream().sorted(Comparator.comparingDouble(Point::micros).reversed()).forEach(p -> {
            double roof = Math.min(peak, p.intensity() * bandwidth);
            table.row(p.name(), p.label(), format("%.1f", p.micros()), format("%.1f %%", 100 * p.micros() / total),
                    format("%.1f", p.gmacs()), format("%.0f %%", 100 * p.gmacs() / roof));
        });
        table.print(text);
        text.printf(Locale.ROOT, "Sum of steps %.2f ms%n", total / 1e3);
    }

    private static String format(String form, double value) {
        return String.format(Locale.ROOT, form, value);
    }
}
