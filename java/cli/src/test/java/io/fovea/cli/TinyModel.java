package io.fovea.cli;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.Model;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A detector that needs no download: input 16x16, one map of 2x2 cells with one anchor of 8x8 each, so that a box is its cell. The
 * mean of a cell's red channel decides: sigmoid(20 * red - 10), with red in 0..1, is the score of "red"; "blue" likewise.
 */
public final class TinyModel {
    private TinyModel() {
    }

    public static Path write(Path folder) throws IOException {
        Path file = folder.resolve("tiny.onnx");
        OnnxWriter.write(model(), file);
        return file;
    }

    static Model model() {
        Window cell = new Window(8, 8, 8, 8, 0, 0, 0, 0, 1, 1);
        float[] scores = new float[3 * 3 * 64];
        for (int tap = 0; tap < 64; tap++) {
            scores[(1 * 3 + 0) * 64 + tap] = 20f / 64;
            scores[(2 * 3 + 2) * 64 + tap] = 20f / 64;
        }
        List<Node> nodes = List.of(
                new Node("box conv",
                        new Op.Conv(cell, 1, 4, new float[4 * 3 * 64], new float[4], Activation.NONE),
                        List.of("image"), "b"),
                new Node("box rows", new Op.HeadRows(4), List.of("b"), "br"),
                new Node("boxes", new Op.JoinRows(), List.of("br"), "boxes"),
                new Node("score conv",
                        new Op.Conv(cell, 1, 3, scores, new float[]{-10, -10, -10}, Activation.NONE),
                        List.of("image"), "s"),
                new Node("score rows", new Op.HeadRows(3), List.of("s"), "sr"),
                new Node("scores", new Op.JoinRows(), List.of("sr"), "scores"));
        Graph graph = new Graph("tiny", "image", new Shape(16, 16, 3), nodes, List.of("boxes", "scores"));
        float scale = 1f / 255;
        DetectorSpec spec = new DetectorSpec("tiny", "Apache-2.0",
                new InputSpec("image", 16, 16, io.fovea.image.ColorOrder.RGB, List.of(0f, 0f, 0f),
                        List.of(scale, scale, scale), io.fovea.image.Resize.BILINEAR),
                "boxes", "scores", List.of("background", "red", "blue"), 0, ScoreActivation.SIGMOID,
                new BoxCoding(BoxOrder.XYWH, 0.1f, 0.1f, 0.2f, 0.2f),
                List.of(new FeatureMap(2, 2, 8, 8, 0.5f, List.of(new Anchor(8, 8)))),
                new NmsSpec(0.3f, 0.6f, 100, 100));
        return new Model(graph, spec);
    }
}
