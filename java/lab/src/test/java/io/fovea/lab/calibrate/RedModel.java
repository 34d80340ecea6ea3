package io.fovea.lab.calibrate;

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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A detector of red: 64x64 in, one map of 8x8 cells, whose value "x" is each cell's mean red, green and blue. A cell's row scores
 * sigmoid(20 red - 10 - 10 green) for "red". A second map of 1x1 finds nothing.
 */
final class RedModel {
    static final int SIZE = 64;

    private RedModel() {
    }

    static Model make() {
        GraphBuilder g = new GraphBuilder("red", "image", new Shape(SIZE, SIZE, 3));
        g.add("stem", mean(8), "x", "image");
        float[] middle = new float[27];
        middle[4] = middle[13] = middle[22] = 1;
        g.add("dw", new Op.Conv(Window.square(3, 1, 1), 3, 3, middle, new float[3], Activation.NONE), "d", "x");
        g.add("score", new Op.Conv(Window.POINTWISE, 1, 2, new float[]{0, 0, 0, 20, -10, 0}, new float[]{0, -10},
                Activation.NONE), "s", "d");
        g.add("rows", new Op.HeadRows(2), "sr", "s");
        g.add("box", new Op.Conv(Window.POINTWISE, 1, 4, new float[12], new float[4], Activation.NONE), "b", "x");
        g.add("boxrows", new Op.HeadRows(4), "br", "b");
        g.add("down", mean(8), "y", "x");
        g.add("score2", new Op.Conv(Window.POINTWISE, 1, 2, new float[6], new float[]{0, -10}, Activation.NONE), "s2",
                "y");
        g.add("rows2", new Op.HeadRows(2), "sr2", "s2");
        g.add("box2", new Op.Conv(Window.POINTWISE, 1, 4, new float[12], new float[4], Activation.NONE), "b2", "y");
        g.add("boxrows2", new Op.HeadRows(4), "br2", "b2");
        g.add("scores", new Op.JoinRows(), "scores", List.of("sr", "sr2"));
        g.add("boxes", new Op.JoinRows(), "boxes", List.of("br", "br2"));
        float scale = 1f / 255;
        DetectorSpec spec = new DetectorSpec("red", null,
                new InputSpec("image", SIZE, SIZE, ColorOrder.RGB, List.of(0f, 0f, 0f), List.of(scale, scale, scale),
                        Resize.BILINEAR),
                "boxes", "scores", List.of("background", "red"), 0, ScoreActivation.SIGMOID,
                new BoxCoding(BoxOrder.XYWH, .1f, .1f, .2f, .2f),
                List.of(new FeatureMap(8, 8, 8, 8, .5f, List.of(new Anchor(8, 8))),
                        new FeatureMap(1, 1, 64, 64, .5f, List.of(new Anchor(64, 64)))),
                new NmsSpec(.01f, .5f, 0, 100));
        return new Model(g.build(List.of("boxes", "scores")), spec);
    }

    private static Op.Conv mean(int size) {
        int taps = size * size;
        float[] weights = new float[9 * taps];
        for (int c = 0; c < 3; c++) {
            for (int t = 0; t < taps; t++) {
                weights[(3 * c + c) * taps + t] = 1f / taps;
            }
        }
        return new Op.Conv(Window.square(size, size, 0), 1, 3, weights, new float[3], Activation.RELU);
    }

    /** Writes photos of random cells; every tenth cell or so is red. */
    static List<Path> photos(Path folder, int count, long seed) throws IOException {
        Random random = new Random(seed);
        List<Path> photos = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            byte[] rgb = new byte[3 * SIZE * SIZE];
            for (int cell = 0; cell < 64; cell++) {
                boolean red = random.nextInt(10) == 0;
                int r = red ? 180 + random.nextInt(76) : random.nextInt(120);
                int g = random.nextInt(red ? 60 : 256);
                int b = random.nextInt(256);
                for (int pixel = 0; pixel < 64; pixel++) {
                    int at = 3 * ((cell / 8 * 8 + pixel / 8) * SIZE + cell % 8 * 8 + pixel % 8);
                    rgb[at] = (byte) r;
                    rgb[at + 1] = (byte) g;
                    rgb[at + 2] = (byte) b;
                }
            }
            Path file = folder.resolve("photo-%03d.png".formatted(p));
            PictureWriter.write(Image.ofRgb(rgb, SIZE, SIZE, 3 * SIZE).toBufferedImage(), file);
            photos.add(file);
        }
        return photos;
    }
}
