package io.fovea.train.gate;

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
import io.fovea.image.PictureWriter;
import io.fovea.image.Resize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A detector of red squares: 128x128 in, halved four times by means of 2x2; each cell of the 8x8 map that is red on average gives a box of
 * 16x16.
 */
final class SquareModel {
    static final int SIZE = 128;

    private SquareModel() {
    }

    static Model make() {
        GraphBuilder g = new GraphBuilder("squares", "image", new Shape(SIZE, SIZE, 3));
        String x = "image";
        for (int stride = 2; stride <= 16; stride *= 2) {
            x = g.add("half" + stride, half(), "x" + stride, x);
        }
        // The head reads through a node of its own, as real ones do.
        g.add("score", new Op.Conv(Window.POINTWISE, 1, 2, new float[]{0, 0, 0, 30, -15, 0}, new float[]{0, -12},
                Activation.NONE), "s", x);
        g.add("scores", new Op.HeadRows(2), "scores", "s");
        g.add("box", new Op.Conv(Window.POINTWISE, 1, 4, new float[12], new float[4], Activation.NONE), "b", x);
        g.add("boxes", new Op.HeadRows(4), "boxes", "b");
        float scale = 1f / 255;
        DetectorSpec spec = new DetectorSpec("squares", null,
                new InputSpec("image", SIZE, SIZE, ColorOrder.RGB, List.of(0f, 0f, 0f), List.of(scale, scale, scale),
                        Resize.BILINEAR),
                "boxes", "scores", List.of("background", "red"), 0, ScoreActivation.SIGMOID,
                new BoxCoding(BoxOrder.XYWH, .1f, .1f, .2f, .2f),
                List.of(new FeatureMap(8, 8, 16, 16, .5f, List.of(new Anchor(16, 16)))),
                new NmsSpec(.01f, .5f, 0, 100));
        return new Model(g.build(List.of("boxes", "scores")), spec);
    }

    private static Op.Conv half() {
        float[] weights = new float[36];
        for (int c = 0; c < 3; c++) {
            for (int t = 0; t < 4; t++) {
                weights[(3 * c + c) * 4 + t] = .25f;
            }
        }
        return new Op.Conv(Window.square(2, 2, 0), 1, 3, weights, new float[3], Activation.RELU);
    }

    /** Writes photos of dull noise with one or two red squares each, or none. */
    static List<Path> photos(Path folder, int count, int most, long seed) throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(seed);
        List<Path> photos = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            byte[] rgb = new byte[3 * SIZE * SIZE];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) random.nextInt(130);
            }
            for (int square = most == 0 ? 0 : 1 + random.nextInt(most); square > 0; square--) {
                int side = 24 + random.nextInt(24);
                int left = random.nextInt(SIZE - side);
                int top = random.nextInt(SIZE - side);
                for (int i = 0; i < side * side; i++) {
                    int at = 3 * ((top + i / side) * SIZE + left + i % side);
                    rgb[at] = (byte) (200 + random.nextInt(56));
                    rgb[at + 1] = (byte) random.nextInt(40);
                }
            }
            Path file = folder.resolve("photo-%03d.png".formatted(p));
            PictureWriter.write(Image.ofRgb(rgb, SIZE, SIZE, 3 * SIZE).toBufferedImage(), file);
            photos.add(file);
        }
        return photos;
    }
}
