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
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A detector of bright squares: three depthwise means of stride 2, and a score that rises with what they leave; and pictures for it. */
public final class SquareDetector {
    /** Side of the input in pixels. */
    public static final int SIDE = 96;
    private static final int STRIDE = 8;

    private SquareDetector() {
    }

    /** Returns the detector. */
    public static Model model() {
        GraphBuilder net = new GraphBuilder("squares", "image", new Shape(SIDE, SIDE, 3));
        String x = "image";
        for (int side = SIDE, i = 0; i < 3; i++, side /= 2) {
            Window w = Window.same(3, 2, side, side);
            float[] mean = new float[3 * w.taps()];
            Arrays.fill(mean, 1f / w.taps());
            x = net.add("mean" + i, new Op.Conv(w, 3, 3, mean, new float[3], Activation.NONE), "mean" + i, x);
        }
        int map = SIDE / STRIDE;
        String score = net.add("score", new Op.Conv(Window.POINTWISE, 1, 1, new float[]{8, 8, 8}, new float[]{-4},
                Activation.NONE), "score", x);
        String box = net.add("box", new Op.Conv(Window.POINTWISE, 1, 4, new float[12], new float[4], Activation.NONE),
                "box", x);
        net.add("boxRows", new Op.HeadRows(4), "boxRows", box);
        net.add("scoreRows", new Op.HeadRows(1), "scoreRows", score);
        net.add("boxes", new Op.JoinRows(), "boxes", List.of("boxRows"));
        net.add("scores", new Op.JoinRows(), "scores", List.of("scoreRows"));
        InputSpec input = new InputSpec("image", SIDE, SIDE, ColorOrder.RGB, List.of(127.5f, 127.5f, 127.5f),
                List.of(1 / 127.5f, 1 / 127.5f, 1 / 127.5f), Resize.BILINEAR);
        DetectorSpec spec = new DetectorSpec("squares", null, input, "boxes", "scores", List.of("square"), -1,
                ScoreActivation.SIGMOID, new BoxCoding(BoxOrder.XYWH, 0.1f, 0.1f, 0.2f, 0.2f),
                List.of(new FeatureMap(map, map, STRIDE, STRIDE, 0.5f, List.of(new Anchor(16, 16)))),
                new NmsSpec(0.5f, 0.3f, 0, 100));
        return new Model(net.build(List.of("boxes", "scores")), spec);
    }

    /**
     * Returns a picture of a dark scene with a bright square.
     *
     * @param left left edge of the square
     * @param top upper edge
     * @param noise standard deviation of each pixel, grey levels
     * @param random source of the noise
     */
    public static Image picture(int left, int top, double noise, Random random) {
        byte[] pixels = new byte[3 * SIDE * SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean inside = x >= left && x < left + 20 && y >= top && y < top + 20;
                for (int c = 0; c < 3; c++) {
                    double value = (inside ? 220 : 50 + 10 * ((x / 6 + y / 6) % 3)) + noise * random.nextGaussian();
                    pixels[3 * (y * SIDE + x) + c] = (byte) Math.clamp(Math.round(value), 0, 255);
                }
            }
        }
        return Image.ofRgb(pixels, SIDE, SIDE, 3 * SIDE);
    }
}
