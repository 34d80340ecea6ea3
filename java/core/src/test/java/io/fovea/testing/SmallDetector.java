package io.fovea.testing;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.Model;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.ColorOrder;
import io.fovea.image.Image;
import io.fovea.image.Resize;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A detector of a few thousand weights with two feature maps: random weights, random anchors, a spec that fits. */
public final class SmallDetector {
    private final Random random;
    private final GraphBuilder net;
    private final List<FeatureMap> maps = new ArrayList<>();
    private final List<String> boxes = new ArrayList<>();
    private final List<String> scores = new ArrayList<>();
    private final int classes;
    private final Shape input;

    private SmallDetector(long seed) {
        random = new Random(seed);
        input = new Shape(20 + random.nextInt(30), 20 + random.nextInt(30), 3);
        classes = 3 + random.nextInt(3);
        net = new GraphBuilder("small" + seed, "image", input);
    }

    /** Returns the detector of a seed. */
    public static Model of(long seed) {
        return new SmallDetector(seed).make();
    }

    /** Returns a photo of noise. */
    public static Image photo(int width, int height, long seed) {
        byte[] pixels = new byte[3 * width * height];
        new Random(seed).nextBytes(pixels);
        return Image.ofRgb(pixels, width, height, 3 * width);
    }

    private Model make() {
        String a = conv("image", 12, 3, 2, Activation.RELU6);
        String b = conv(a, 16, 3, 2, Activation.RELU6);
        level(b);
        String c = conv(conv(b, 8, 1, 1, Activation.RELU), 16, 3, 2, Activation.RELU);
        level(c);
        net.add("boxes", new Op.JoinRows(), "boxes", boxes);
        net.add("scores", new Op.JoinRows(), "scores", scores);
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < classes; i++) {
            labels.add("class" + i);
        }
        ScoreActivation activation = List.of(ScoreActivation.SIGMOID, ScoreActivation.SOFTMAX)
                .get(random.nextInt(2));
        DetectorSpec spec = new DetectorSpec("small", null,
                new InputSpec("image", input.width(), input.height(),
                        random.nextBoolean() ? ColorOrder.RGB : ColorOrder.BGR,
                        List.of(127.5f, 120f, 110f), List.of(1 / 60f, 1 / 64f, 1 / 70f), Resize.BILINEAR),
                "boxes", "scores", labels, random.nextInt(classes + 1) - 1, activation,
                new BoxCoding(random.nextBoolean() ? BoxOrder.XYWH : BoxOrder.YXHW, 0.1f, 0.12f, 0.2f, 0.25f), maps,
                new NmsSpec(0.4f, 0.5f, random.nextInt(3) * 20, 40));
        return new Model(net.build(List.of("boxes", "scores")), spec);
    }

    private void level(String x) {
        Shape s = net.shape(x);
        int anchors = 1 + random.nextInt(3);
        List<Anchor> shapes = new ArrayList<>();
        for (int i = 0; i < anchors; i++) {
            shapes.add(new Anchor(4 + random.nextInt(12), 4 + random.nextInt(12)));
        }
        maps.add(new FeatureMap(s.height(), s.width(), (float) input.width() / s.width(),
                (float) input.height() / s.height(), 0.5f, shapes));
        String deep = conv(x, 16, 3, 1, Activation.RELU6);
        boxes.add(net.add("boxRows", new Op.HeadRows(4), "boxRows" + x, conv(x, 4 * anchors, 1, 1, Activation.NONE)));
        scores.add(net.add("scoreRows", new Op.HeadRows(classes), "scoreRows" + x,
                conv(deep, classes * anchors, 1, 1, Activation.NONE)));
    }

    private String conv(String x, int out, int kernel, int stride, Activation activation) {
        Shape s = net.shape(x);
        Window w = Window.same(kernel, stride, s.height(), s.width());
        int fanIn = s.channels() * w.taps();
        return net.add("conv", new Op.Conv(w, 1, out, Values.gaussian(random, out * fanIn, 1.7 / Math.sqrt(fanIn)),
                Values.gaussian(random, out, 0.3), activation), x + "c" + random.nextInt(1_000_000), x);
    }
}
