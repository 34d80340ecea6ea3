package io.fovea.train.tune;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
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
import java.util.Map;
import java.util.Random;

/**
 * A detector of red and blue: 64x64 in, one map of 8x8 cells with each cell's mean colour. Its first anchor, 8x8, finds red cells, its
 * second, 10x10, blue ones.
 */
final class ColourModel {
    static final int SIZE = 64;

    private ColourModel() {
    }

    static Model make() {
        GraphBuilder g = new GraphBuilder("colours", "image", new Shape(SIZE, SIZE, 3));
        float[] mean = new float[9 * 64];
        for (int c = 0; c < 3; c++) {
            java.util.Arrays.fill(mean, (3 * c + c) * 64, (3 * c + c + 1) * 64, 1f / 64);
        }
        g.add("stem", new Op.Conv(Window.square(8, 8, 0), 1, 3, mean, new float[3], Activation.RELU), "x", "image");
        float[] scores = new float[18];
        scores[3] = 20;
        scores[4] = -10;
        scores[5] = -10;
        scores[17] = 20;
        scores[16] = -10;
        scores[15] = -10;
        g.add("score", new Op.Conv(Window.POINTWISE, 1, 6, scores, new float[]{0, -8, -8, 0, -8, -8}, Activation.NONE),
                "s",
                "x");
        g.add("rows", new Op.HeadRows(3), "scores", "s");
        g.add("box", new Op.Conv(Window.POINTWISE, 1, 8, new float[24], new float[8], Activation.NONE), "b", "x");
        g.add("boxrows", new Op.HeadRows(4), "boxes", "b");
        float scale = 1f / 255;
        DetectorSpec spec = new DetectorSpec("colours", null,
                new InputSpec("image", SIZE, SIZE, ColorOrder.RGB, List.of(0f, 0f, 0f), List.of(scale, scale, scale),
                        Resize.BILINEAR),
                "boxes", "scores", List.of("background", "red", "blue"), 0, ScoreActivation.SIGMOID,
                new BoxCoding(BoxOrder.XYWH, .1f, .1f, .2f, .2f),
                List.of(new FeatureMap(8, 8, 8, 8, .5f, List.of(new Anchor(8, 8), new Anchor(10, 10)))),
                new NmsSpec(.01f, .5f, 0, 100));
        return new Model(g.build(List.of("boxes", "scores")), spec);
    }

    /** A gate whose logit is above 0 in coloured cells and below in dark ones, with another threshold. */
    static GateModel gate(float threshold) {
        GraphBuilder g = new GraphBuilder("gate", "picture", new Shape(SIZE, SIZE, 3));
        float[] mean = new float[3 * 64];
        java.util.Arrays.fill(mean, 0, 64, 10f / 64);
        java.util.Arrays.fill(mean, 128, 192, 10f / 64);
        g.add("logit", new Op.Conv(Window.square(8, 8, 0), 1, 1, mean, new float[]{-6.5f}, Activation.NONE), "logits",
                "picture");
        return new GateModel(List.of(g.build(List.of("logits"))),
                new GateSpec("colours", GateSpec.Trunk.OWN, SIZE, SIZE,
                        List.of(), threshold, 8, 0, .25f, Map.of(), Map.of()));
    }

    /** Writes photos of dark cells; every eighth or so is red or blue. */
    static List<TunePhoto> photos(Path folder, int count, long seed) throws IOException {
        Random random = new Random(seed);
        List<TunePhoto> photos = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            byte[] rgb = new byte[3 * SIZE * SIZE];
            for (int cell = 0; cell < 64; cell++) {
                int[] colour = {random.nextInt(70), random.nextInt(70), random.nextInt(70)};
                if (random.nextInt(8) == 0) {
                    colour[2 * random.nextInt(2)] = 190 + random.nextInt(60);
                }
                for (int pixel = 0; pixel < 64; pixel++) {
                    int at = 3 * ((cell / 8 * 8 + pixel / 8) * SIZE + cell % 8 * 8 + pixel % 8);
                    for (int c = 0; c < 3; c++) {
                        rgb[at + c] = (byte) colour[c];
                    }
                }
            }
            Path file = folder.resolve("photo-%03d.png".formatted(p));
            PictureWriter.write(Image.ofRgb(rgb, SIZE, SIZE, 3 * SIZE).toBufferedImage(), file);
            photos.add(new TunePhoto(file, null));
        }
        return photos;
    }
}
