package io.fovea.cli;

import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.lab.prune.HeadRewriter;
import io.fovea.lab.prune.Overanchors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea overanchorize}. */
@Command(name = "overanchorize", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Gives every feature map a dense grid of anchors, from which training and 'fovea prune --layerwise' find the useful "
                + "ones. Each new anchor starts with the weights of the nearest old one, refitted so that it decodes to the same box.", //
        footer = {"", "Example: ./fovea overanchorize --scales 3 --ratios 1,2,3,1/2,1/3 --out wide.onnx"})
final class OveranchorizeCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions model;

    @Option(names = "--scales", paramLabel = "N", defaultValue = "3", //
            description = "Sizes per octave: s * 2^(i/N), from the map's smallest anchor; default: ${DEFAULT-VALUE}.")
    private int scales;

    @Option(names = "--ratios", paramLabel = "W/H", split = ",", defaultValue = "1,2,3,1/2,1/3", //
            description = "Aspect ratios, width over height; default: ${DEFAULT-VALUE}.")
    private List<String> ratios;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the ONNX file goes.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (scales < 1 || scales > 64) {
            throw usage("--scales: " + scales + " is not within 1..64");
        }
        List<Double> parsed = new ArrayList<>();
        for (String text : ratios) {
            parsed.add(ratio(text));
        }
        Model before = OnnxReader.read(model.file());
        Model after = HeadRewriter.widen(before, Overanchors.dense(before.spec(), scales, parsed));
        OnnxWriter.write(after, out);
        PrintWriter to = spec.commandLine().getOut();
        SliceCommand.summary(to, "before", before);
        SliceCommand.summary(to, "after", after);
        to.println(out);
        return 0;
    }

    private double ratio(String text) {
        String[] parts = text.strip().split("/", -1);
        try {
            double value = Double.parseDouble(parts[0]) / (parts.length > 1 ? Double.parseDouble(parts[1]) : 1);
            if (parts.length <= 2 && value > 0.01 && value < 100) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw usage("--ratios: '" + text + "' is no ratio like 2 or 1/3");
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
