package io.fovea.format;

import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** A first detector spec for a net without one: what its graph tells is filled in, the rest are common values to be checked. */
public final class SpecTemplate {
    private SpecTemplate() {
    }

    /**
     * Returns a spec as JSON. Sizes of anchors are placeholders (multiples of the stride).
     *
     * @param graph the net
     * @throws ModelFormatException if it has no two outputs of rows, one with four values a row
     */
    public static String of(Graph graph) {
        Graph optimised = Passes.optimise(graph);
        String boxes = null;
        String scores = null;
        for (String output : optimised.outputs()) {
            Shape s = optimised.shape(output);
            if (s.width() == 1 && s.channels() == 4 && boxes == null) {
                boxes = output;
            } else if (s.width() == 1 && scores == null) {
                scores = output;
            }
        }
        if (boxes == null || scores == null) {
            throw new ModelFormatException("the outputs " + optimised.outputs().stream()
                    .map(o -> o + " " + optimised.shape(o)).toList()
                    + " are not boxes [1, N, 4] and scores [1, N, classes]; for boxes and scores side by side write"
                    + " \"outputs\": {\"combined\": [names]} (docs/model-files.md)");
        }
        Shape in = optimised.inputShape();
        List<FeatureMap> maps = new ArrayList<>();
        for (String part : parts(optimised, boxes)) {
            String map = part;
            Node writer = optimised.writer(map);
            while (writer != null && writer.op() instanceof Op.HeadRows) {
                map = writer.inputs().getFirst();
                writer = optimised.writer(map);
            }
            Shape s = optimised.shape(map);
            int anchors = Math.max(1, optimised.shape(part).height() / s.sites());
            float strideX = (float) in.width() / s.width();
            float strideY = (float) in.height() / s.height();
            maps.add(new FeatureMap(s.height(), s.width(), strideX, strideY, 0.5f,
                    Collections.nCopies(anchors, new Anchor(4 * strideX, 4 * strideY))));
        }
        int classes = optimised.shape(scores).channels();
        DetectorSpec spec = new DetectorSpec(graph.name().isEmpty() ? "unnamed" : graph.name(), null,
                new InputSpec(graph.input(), in.width(), in.height(), ColorOrder.RGB, List.of(0f, 0f, 0f),
                        List.of(1f, 1f, 1f), Resize.BILINEAR),
                boxes, scores,
                IntStream.range(0, classes).mapToObj(c -> c == 0 && classes > 1 ? "background" : "class" + c).toList(),
                classes > 1 ? 0 : -1, classes > 1 ? ScoreActivation.SOFTMAX : ScoreActivation.SIGMOID,
                new BoxCoding(BoxOrder.XYWH, 0.1f, 0.1f, 0.2f, 0.2f), maps, new NmsSpec(0.01f, 0.45f, 400, 200));
        return SpecJson.write(spec);
    }

    private static List<String> parts(Graph graph, String output) {
        Node writer = graph.writer(output);
        return writer != null && writer.op() instanceof Op.JoinRows ? writer.inputs() : List.of(output);
    }
}
