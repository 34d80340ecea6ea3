package io.fovea.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.cli.ModelOptions;
import io.fovea.cli.Subcommand;
import io.fovea.cli.TextTable;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea bench}: side by side with another engine. */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false, //
        description = {
                "Runs the net with our kernels and with another engine on the same input, in alternating rounds of one "
                        + "process, with as many threads each, and prints times and ratios.",
                "Only the net is measured: no decoding, resizing or box decoding."}, //
        footer = {"", "Example: ./fovea bench --peer onnxruntime --threads 1,2 --kernels auto,vector"})
public final class BenchCommand implements Subcommand {
    @Option(names = "--model", paramLabel = "NAME|FILE", split = ",", defaultValue = ModelOptions.DEFAULT, //
            description = "Models of the zoo or ONNX files; default: ${DEFAULT-VALUE}.")
    private List<String> models;

    @Option(names = "--peer", paramLabel = "ENGINE", split = ",", //
            description = "Engines to compare with: onnxruntime. The first is what ratios refer to.")
    private List<String> peers = List.of();

    @Option(names = "--threads", paramLabel = "N", split = ",", defaultValue = "1", //
            description = "Threads per run, one comparison each; default: ${DEFAULT-VALUE}.")
    private List<Integer> threads;

    @Option(names = "--kernels", paramLabel = "TIER", split = ",", defaultValue = "auto", //
            description = "Our kernel tiers, each measured by itself; default: ${DEFAULT-VALUE}.")
    private List<String> kernels;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "20", //
            description = "Rounds of some counted runs per engine; default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "5", //
            description = "Counted runs per engine and round, after 20 ms of runs that are not counted; default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(names = "--active", paramLabel = "SHARE", split = ",", //
            description = "Measure masked runs with these shares of active cells too, 0..1; mask, site sets and tables are "
                    + "made within the measured time.")
    private List<Double> active = List.of();

    @Option(names = "--shape", paramLabel = "SHAPE", split = ",", defaultValue = "square,blobs", //
            description = "Shapes of those masks: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private List<MaskShape> shapes;

    @Option(names = "--fallback", description = "Let masked runs fall back to dense ones above the break-even share.")
    private boolean fallback;

    @Option(names = "--head-gate", paramLabel = "auto|off", defaultValue = "off", //
            description = "Whether the model's head gate picks the head's sites; its raw outputs then hold fewer rows than a "
                    + "peer's. Default: ${DEFAULT-VALUE}.")
    private HeadGateUse headGate;

    @Option(names = "--retune", description = "Measure again which kernels 'auto' takes.")
    private boolean retune;

    @Option(names = "--memory", description = "Measure peak resident memory too, each engine in a JVM of its own (Linux).")
    private boolean memory;

    @Option(names = "--plot", paramLabel = "FILE.png", description = "Draw time against the share of active cells.")
    private Path plot;

    @Option(names = "--photo", paramLabel = "FILE", description = "Photo to run on; default: seeded noise.")
    private Path photo;

    @Option(names = "--video", paramLabel = "FILE|DIR", split = ",", //
            description = "Measure a fixed camera's clips instead: only what changed against the peer's dense run of every "
                    + "frame, alternating frame by frame.")
    private List<Path> videos = List.of();

    @Option(names = "--frames", paramLabel = "N", defaultValue = "1000000", //
            description = "At most so many frames of each clip.")
    private int frames;

    @Option(names = "--shake", paramLabel = "PX", defaultValue = "0", //
            description = "With --video: let a window wander over the frames by up to so many pixels a frame, 0..16, as in a "
                    + "hand; default: ${DEFAULT-VALUE}.")
    private int shake;

    @Option(names = "--sweep", description = "With --video: agreement and executed MACs over thresholds, dilations and key "
            + "periods instead of time; with --plot as a picture.")
    private boolean sweep;

    @Option(names = "--json", paramLabel = "FILE|-", //
            description = "Write one JSON object per measurement and line; with '-' the table goes to standard error.")
    private String json;

    @Spec
    private CommandSpec spec;

    /** What {@code --head-gate} says. */
    enum HeadGateUse {
        AUTO, OFF
    }

    /** Used by picocli. */
    public BenchCommand() {
    }

    @Override
    public Integer call() throws Exception {
        check();
        PrintWriter out = "-".equals(json) ? spec.commandLine().getErr() : spec.commandLine().getOut();
        if (!videos.isEmpty()) {
            return videos(out);
        }
        printSetting(out);
        List<Row> rows = new ArrayList<>();
        for (String name : models) {
            Path file = ModelOptions.resolve(name, spec);
            Model model = OnnxReader.read(file);
            float[] input = photo == null
                    ? Input.noise(model.spec().input())
                    : Input.of(Image.read(photo), model.spec().input());
            for (int count : threads) {
                rows.addAll(compare(file, model, input, count, out));
            }
        }
        writeJson(rows);
        if (plot != null) {
            CurvePlot.write(rows, plot);
        }
        return 0;
    }

    private int videos(PrintWriter out) throws Exception {
        if (shake < 0 || shake > 16 || frames < 1) {
            throw new ParameterException(spec.commandLine(), "--shake: " + shake + " is not within 0..16, or --frames: "
                    + frames + " is below 1");
        }
        Path file = ModelOptions.resolve(models.getFirst(), spec);
        if (sweep) {
            VideoSweep.run(file, kernels.getFirst(), videos, frames, plot, out);
        } else {
            out.println("Processor  " + Machine.processor());
            out.println("Peer       " + (peers.isEmpty() ? "none" : "ONNX Runtime " + OnnxRuntimeEngine.version()));
            new VideoBench(file, kernels.getFirst(), threads.getFirst(), !peers.isEmpty(), shake).run(videos, frames,
                    out);
        }
        return 0;
    }

    private void check() {
        for (String peer : peers) {
            if (!peer.equals(OnnxRuntimeEngine.NAME)) {
                throw new ParameterException(spec.commandLine(),
                        "--peer: no engine '" + peer + "'; there is onnxruntime");
            }
        }
        if (rounds < 1 || rounds > 10_000) {
            throw new ParameterException(spec.commandLine(), "--rounds: " + rounds + " is not within 1..10000");
        }
        if (runs < 1 || runs > 10_000) {
            throw new ParameterException(spec.commandLine(), "--runs: " + runs + " is not within 1..10000");
        }
        for (double share : active) {
            if (!(share >= 0 && share <= 1)) {
                throw new ParameterException(spec.commandLine(), "--active: " + share + " is not within 0..1");
            }
        }
        if (memory && !MemoryProbe.isPossible()) {
            throw new ParameterException(spec.commandLine(), "--memory: needs /proc/self/status, which is Linux's");
        }
        if (plot != null && (active.isEmpty() && !sweep || !plot.toString().endsWith(".png"))) {
            throw new ParameterException(spec.commandLine(),
                    "--plot: needs --active or --sweep, and a name that ends in .png");
        }
        for (int count : threads) {
            if (count < 1 || count > 256) {
                throw new ParameterException(spec.commandLine(), "--threads: " + count + " is not within 1..256");
            }
        }
    }

    private void printSetting(PrintWriter out) {
        out.println("Processor  " + Machine.processor());
        out.println("System     " + Machine.system());
        out.println("JDK        " + Machine.jdk());
        out.println("JVM flags  " + Machine.flags());
        if (!peers.isEmpty()) {
            out.println("Peer       ONNX Runtime " + OnnxRuntimeEngine.version()
                    + ", CPU provider, all optimisations, inter-op threads 1");
        }
        out.println("Input      " + (photo == null ? "noise, seed " + Input.SEED : photo.toString()));
        out.println("Method     " + rounds
                + " rounds x " + runs + " runs per engine, alternating; runs of a burst's first 20 ms are not counted");
        out.flush();
    }

    private List<Row> compare(Path file, Model model, float[] input, int count, PrintWriter out) throws Exception {
        List<OurNet> nets = new ArrayList<>();
        List<Engine> engines = new ArrayList<>();
        try {
            for (String peer : peers) {
                engines.add(new OnnxRuntimeEngine(file, count, input, model.graph().inputShape()));
            }
            for (String tier : kernels) {
                OurNet net = new OurNet(model, tier, count, headGate == HeadGateUse.AUTO, retune);
                nets.add(net);
                engines.add(new FoveaEngine(net, input));
                for (MaskShape shape : active.isEmpty() ? List.<MaskShape>of() : shapes) {
                    for (double share : active) {
                        engines.add(
                                new FoveaEngine(net, input, shape.flags(model.graph().inputShape(), share), fallback));
                    }
                }
            }
            List<Sample> samples = new Rounds(rounds, runs).measure(engines);
            Sample reference = peers.isEmpty() ? null : samples.get(0);
            List<Row> rows = new ArrayList<>();
            for (int i = 0; i < engines.size(); i++) {
                rows.add(Row.of(model.spec().name(), engines.get(i), count, samples.get(i), reference));
            }
            out.println();
            out.println(model.spec().name() + ", " + count + (count == 1 ? " thread" : " threads"));
            BenchTables.dense(engines, rows, !peers.isEmpty(), out);
            BenchTables.masked(rows, nets, out);
            if (memory) {
                memory(file, model.graph().inputShape(), count, out);
            }
            out.flush();
            return rows;
        } finally {
            engines.reversed().forEach(Engine::close);
            nets.forEach(OurNet::close);
        }
    }

    private void memory(Path file, Shape input, int count, PrintWriter out) throws IOException {
        out.println();
        TextTable table = new TextTable("  ", "peak resident memory", "kernels", ">MiB");
        table.row("the JVM alone", "", mebibytes("jvm", "", file, input, count));
        for (String peer : peers) {
            table.row(peer, "cpu", mebibytes(peer, "cpu", file, input, count));
        }
        for (String tier : kernels) {
            table.row(FoveaEngine.NAME, tier, mebibytes(FoveaEngine.NAME, tier, file, input, count));
        }
        table.print(out);
    }

    private static String mebibytes(String engine, String tier, Path file, Shape input, int count) throws IOException {
        return String.format(Locale.ROOT, "%.0f", MemoryProbe.peakMebibytes(engine, tier, file, input, count));
    }

    private void writeJson(List<Row> rows) throws IOException {
        if (json == null) {
            return;
        }
        ObjectMapper mapper = new ObjectMapper();
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            text.append(mapper.writeValueAsString(row)).append('\n');
        }
        if (json.equals("-")) {
            spec.commandLine().getOut().print(text);
        } else {
            Files.writeString(Path.of(json), text);
        }
    }
}
