package io.fovea.format;

import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCode;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Made-up detectors. */
final class Specs {
    private Specs() {
    }

    static DetectorSpec random(long seed) {
        Random r = new Random(seed);
        List<String> classes = new ArrayList<>();
        for (int i = 0; i <= r.nextInt(4); i++) {
            classes.add("klasse \"" + (char) (r.nextInt(0x3000) + 32) + i);
        }
        List<FeatureMap> maps = new ArrayList<>();
        for (int i = 0; i <= r.nextInt(3); i++) {
            List<Anchor> anchors = new ArrayList<>();
            for (int a = 0; a < r.nextInt(4); a++) {
                anchors.add(new Anchor(any(r), any(r)));
            }
            maps.add(new FeatureMap(1 + r.nextInt(20), 1 + r.nextInt(20), any(r), any(r), any(r), anchors));
        }
        ScoreActivation activation = one(r, ScoreActivation.values());
        int least = activation == ScoreActivation.SIGMOID_OBJECTNESS ? 0 : -1;
        return new DetectorSpec("name", r.nextBoolean() ? null : "MIT",
                new InputSpec("in", 1 + r.nextInt(999), 1 + r.nextInt(999), one(r, ColorOrder.values()),
                        List.of(any(r), any(r), any(r)), List.of(any(r), any(r), any(r)), one(r, Resize.values())),
                "boxes", "scores", classes, Math.max(least, r.nextInt(classes.size() + 1) - 1), activation,
                new BoxCoding(one(r, BoxOrder.values()), any(r), any(r), any(r), any(r), one(r, BoxCode.values()),
                        r.nextBoolean() ? Float.POSITIVE_INFINITY : any(r)),
                maps,
                new NmsSpec(any(r), any(r), r.nextInt(999), r.nextInt(999)));
    }

    /** Any finite float. */
    private static float any(Random r) {
        float f = Float.intBitsToFloat(r.nextInt());
        return Float.isFinite(f) ? f : r.nextFloat();
    }

    private static <T> T one(Random r, T[] values) {
        return values[r.nextInt(values.length)];
    }

    /** A net of one 2x3 map with two anchors per cell and three classes, and a spec that fits it. */
    static Model tiny() {
        GraphBuilder b = new GraphBuilder("tiny", "image", new Shape(4, 6, 3));
        Window w = Window.same(3, 2, 4, 6);
        b.add("body", new Op.Conv(w, 1, 5, OnnxRuntime.noise(1, 5 * 3 * 9), new float[5], Activation.RELU6), "x",
                "image");
        b.add("loc", new Op.Conv(Window.POINTWISE, 1, 8, OnnxRuntime.noise(2, 40), new float[8], Activation.NONE),
                "loc", "x");
        b.add("cls", new Op.Conv(Window.POINTWISE, 1, 6, OnnxRuntime.noise(3, 30), new float[6], Activation.NONE),
                "cls", "x");
        b.add("boxes", new Op.HeadRows(4), "boxes", "loc");
        b.add("scores", new Op.HeadRows(3), "scores", "cls");
        Graph graph = b.build(List.of("boxes", "scores"));
        return new Model(graph, spec(2));
    }

    static DetectorSpec spec(int anchors) {
        List<Anchor> shapes = new ArrayList<>();
        for (int a = 0; a < anchors; a++) {
            shapes.add(new Anchor(1.5f + a, 2));
        }
        return new DetectorSpec("tiny", "Apache-2.0",
                new InputSpec("image", 6, 4, ColorOrder.RGB, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f), Resize.BILINEAR),
                "boxes", "scores", List.of("background", "a", "b"), 0, ScoreActivation.SOFTMAX,
                new BoxCoding(BoxOrder.XYWH, 0.1f, 0.1f, 0.2f, 0.2f),
                List.of(new FeatureMap(2, 3, 2f, 2f, 0.5f, shapes)), new NmsSpec(0.01f, 0.45f, 400, 200));
    }
}
