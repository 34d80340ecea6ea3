package io.fovea.cli;

import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Cost;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.prune.AnchorSet;
import io.fovea.lab.prune.HeadLayout;
import io.fovea.lab.prune.HeadRewriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea slice}. */
@Command(name = "slice", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Cuts classes or anchor shapes out of a detector's head. What stays gives the same values as before; under a softmax, "
                + "scores of the kept classes rise by the share of the removed ones.", //
        footer = {"", "Example: ./fovea slice --classes person,car --out small.onnx"})
final class SliceCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions model;

    @Option(names = "--classes", paramLabel = "LABEL", split = ",", description = "Keep these classes, separated by commas.")
    private List<String> classes = List.of();

    @Option(names = "--named-classes", //
            description = "Keep the classes that have a name: score columns that were never used go.")
    private boolean named;

    @Option(names = "--anchors", paramLabel = "N", split = ",", //
            description = "Keep these anchor shapes, numbered from 0 through all feature maps.")
    private List<Integer> anchors = List.of();

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the ONNX file goes.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (classes.isEmpty() && anchors.isEmpty() && !named) {
            throw usage("--classes, --named-classes or --anchors is needed");
        }
        if (named && !classes.isEmpty()) {
            throw usage("--classes and --named-classes exclude each other");
        }
        Model before = OnnxReader.read(model.file());
        if (named) {
            classes = before.spec().classes().stream().filter(label -> !LabelMap.isFiller(label)).toList();
        }
        Model after = before;
        try {
            if (!anchors.isEmpty()) {
                int shapes = HeadLayout.of(before).cost().shapes();
                after = HeadRewriter.keepAnchors(after,
                        AnchorSet.of(shapes, anchors.stream().mapToInt(i -> i).toArray()));
            }
            if (!classes.isEmpty()) {
                after = HeadRewriter.keepClasses(after, new LinkedHashSet<>(classes));
            }
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
        OnnxWriter.write(after, out);
        PrintWriter to = spec.commandLine().getOut();
        summary(to, "before", before);
        summary(to, "after", after);
        if (!classes.isEmpty() && before.spec().scoreActivation() == ScoreActivation.SOFTMAX) {
            to.println("Scores are a softmax: those of the kept classes rise by the share of the removed ones.");
        }
        to.println(out);
        return 0;
    }

    static void summary(PrintWriter to, String name, Model m) {
        Cost cost = Cost.of(m.graph());
        to.println(name + ": " + m.spec().classes().size() + " score columns, " + m.spec().rows() + " boxes, "
                + Lines.count(cost.macs()) + " MACs, " + Lines.count(cost.parameters()) + " parameters");
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
