package io.fovea.format;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import java.util.List;

/** Checks that a net, its spec, its calibration and its gate belong together. */
final class ModelCheck {
    private ModelCheck() {
    }

    static Model check(Model model) {
        Graph graph = model.graph();
        DetectorSpec spec = model.spec();
        Shape input = graph.inputShape();
        need(graph.input().equals(spec.input().name()), "its input is '" + spec.input().name()
                + "', the graph's is '" + graph.input() + "'");
        need(input.height() == spec.input().height() && input.width() == spec.input().width() && input.channels() == 3,
                "its input is " + spec.input().width() + "x" + spec.input().height()
                        + " with 3 channels, the graph's is "
                        + input.width() + "x" + input.height() + " with " + input.channels());
        rows(model, spec.boxesOutput(), 4, "box values");
        rows(model, spec.scoresOutput(), spec.classes().size(), "classes");
        calibration(model);
        if (model.gate() != null) {
            model.gate().checkFits(model);
        }
        return model;
    }

    static boolean has(Graph graph, String value) {
        return value.equals(graph.input()) || graph.writer(value) != null;
    }

    private static void calibration(Model model) {
        model.calibration().means()
                .forEach((value, row) -> fits("calibration", model.graph(), "mean of", value, row.length));
        List<HeadUnit> units = model.calibration().headGate();
        long levels = model.spec().featureMaps().stream().filter(m -> !m.anchors().isEmpty()).count();
        if (!units.isEmpty() && units.size() != levels) {
            throw new ModelFormatException("calibration does not fit the net: its head gate has " + units.size()
                    + " units, the detector spec has " + levels + " feature maps with anchors");
        }
        for (HeadUnit unit : units) {
            fits("calibration", model.graph(), "head gate on", unit.input(), unit.weights().length);
        }
    }

    static void fits(String part, Graph graph, String what, String value, int channels) {
        boolean known = has(graph, value);
        if (!known || graph.shape(value).channels() != channels) {
            throw new ModelFormatException(part + " does not fit the net: " + what + " '" + value + "' has "
                    + channels + " channels, " + (known
                            ? "the net's value has " + graph.shape(value).channels()
                            : "and the net has no such value"));
        }
    }

    private static void rows(Model model, String output, int width, String what) {
        need(model.graph().outputs().contains(output),
                "names output '" + output + "', the graph has " + model.graph().outputs());
        Shape shape = model.graph().shape(output);
        need(shape.width() == 1 && shape.height() == model.spec().rows(), "it has " + model.spec().rows()
                + " anchors, output '" + output + "' has " + shape.height() + " rows");
        need(shape.channels() == width,
                "it has " + width + " " + what + ", output '" + output + "' has " + shape.channels() + " values a row");
    }

    private static void need(boolean condition, String message) {
        if (!condition) {
            throw new ModelFormatException("detector spec does not fit the net: " + message);
        }
    }
}
