package io.fovea.cli;

import io.fovea.format.Calibration;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.SpecTemplate;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.plan.Plan;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea inspect}. */
@Command(name = "inspect", mixinStandardHelpOptions = true, //
        description = "Shows a model: operators with shapes, multiply-accumulates (MACs) and parameters, and its anchors.")
final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE|NAME", description = "An ONNX file, or a model of the zoo.")
    private String source;

    @Option(names = "--spec-template", description = "Print a first detector spec (JSON) for a file without one, and nothing else.")
    private boolean template;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (template) {
            spec.commandLine().getOut()
                    .println(SpecTemplate.of(OnnxReader.readGraph(ModelOptions.resolve(source, spec))));
            return 0;
        }
        Model model = OnnxReader.read(ModelOptions.resolve(source, spec));
        PrintWriter out = spec.commandLine().getOut();
        DetectorSpec detector = model.spec();
        DetectorSpec.InputSpec input = detector.input();
        out.println(
                detector.name() + "  (licence " + (detector.licence() == null ? "unknown" : detector.licence()) + ")");
        out.println("input    '" + model.graph().input() + "' " + model.graph().inputShape() + " " + input.colorOrder()
                + ", (pixel - " + input.mean() + ") * " + input.scale() + ", resize "
                + input.resize().name().toLowerCase(Locale.ROOT));
        out.println("outputs  boxes '" + detector.boxesOutput() + "' [1, " + detector.rows() + ", 4], scores '"
                + detector.scoresOutput() + "' [1, " + detector.rows() + ", " + detector.classes().size() + "], "
                + detector.scoreActivation().name().toLowerCase(Locale.ROOT));
        Calibration calibration = model.calibration();
        if (!calibration.isEmpty()) {
            out.println("calibrated  means of " + Lines.plural(calibration.means().size(), "value") + ", head gate on "
                    + Lines.plural(calibration.headGate().size(), "level"));
        }
        out.println("memory   " + memory(model.graph()));
        out.println();
        layers(model.graph(), out);
        out.println();
        operators(model.graph(), out);
        out.println();
        anchors(detector, out);
        return 0;
    }

    /** Activations of one run when all sites are computed: buffers are shared by values that are not needed at the same time. */
    private static String memory(Graph graph) {
        try (Session session = Session.open(graph, new SessionOptions(1, "scalar"))) {
            Plan plan = session.plan();
            long apart = plan.values().stream().filter(v -> v.offset() >= 0).mapToLong(v -> 4L * v.shape().values())
                    .sum();
            long tables = plan.tables().stream()
                    .mapToLong(t -> 4L * plan.domains().get(t.out()).grid().sites() * t.reach().taps()).sum();
            return String.format(Locale.ROOT,
                    "%.1f MB of activations at their peak (%.1f MB without sharing), %.1f MB of neighbour tables",
                    plan.bufferBytes() / 1e6, apart / 1e6, tables / 1e6);
        }
    }

    private static void layers(Graph graph, PrintWriter out) {
        TextTable table = new TextTable("", ">#", "node", "operator", "input", "output", ">MACs", ">parameters");
        int number = 0;
        for (Node node : graph.nodes()) {
            Cost cost = Cost.of(graph, node);
            String inputs = node.inputs().stream().map(value -> graph.shape(value).toString()).distinct()
                    .limit(3).collect(Collectors.joining(" "));
            table.row(++number, node.name(), node.op().label(), inputs, graph.shape(node.output()),
                    number(cost.macs()), number(cost.parameters()));
        }
        Cost total = Cost.of(graph);
        table.row("", "total", "", "", "", number(total.macs()), number(total.parameters()));
        table.print(out);
    }

    private static void operators(Graph graph, PrintWriter out) {
        Map<String, List<Node>> byLabel = graph.nodes().stream()
                .collect(Collectors.groupingBy(node -> node.op().label(), TreeMap::new, Collectors.toList()));
        double all = Math.max(1, Cost.of(graph).macs());
        TextTable table = new TextTable("", "operator", ">count", ">MACs", ">share");
        byLabel.forEach((label, nodes) -> {
            long macs = nodes.stream().mapToLong(node -> Cost.of(graph, node).macs()).sum();
            table.row(label, nodes.size(), Lines.count(macs), String.format(Locale.ROOT, "%.1f %%", 100 * macs / all));
        });
        table.print(out);
    }

    private static void anchors(DetectorSpec detector, PrintWriter out) {
        TextTable table = new TextTable("", ">map", "cells", ">stride", ">anchors", ">rows",
                "anchor sizes (input pixels)");
        int number = 0;
        for (DetectorSpec.FeatureMap map : detector.featureMaps()) {
            String sizes = map.anchors().stream()
                    .map(anchor -> String.format(Locale.ROOT, "%.0fx%.0f", anchor.width(), anchor.height()))
                    .collect(Collectors.joining(" "));
            table.row(++number, map.height() + "x" + map.width(),
                    String.format(Locale.ROOT, "%.1f", map.strideX()), map.anchors().size(), map.rows(), sizes);
        }
        table.row("", "total", "", "", detector.rows(), detector.classes().size() + " classes"
                + (detector.backgroundIndex() >= 0 ? ", background at " + detector.backgroundIndex() : ""));
        table.print(out);
    }

    private static String number(long value) {
        return value == 0 ? "" : String.format(Locale.ROOT, "%,d", value);
    }
}
