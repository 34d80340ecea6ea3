package io.fovea.testing;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.ColorOrder;
import io.fovea.image.Image;
import io.fovea.image.Resize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A program as an embedder would write it, for a JVM with other flags: writes a model file, reads it back and finds the white square in a
 * picture. Its net is known by hand: the score of a site is the brightness of its 8x8 cell.
 */
public final class Smoke {
    private static final int SIZE = 32;
    private static final int CELL = 8;

    private Smoke() {
    }

    /** Prints the module of the library, the kernels and what was found; the argument names the kernels. */
    public static void main(String[] args) throws Exception {
        Path file = Files.createTempFile("fovea-smoke", ".onnx");
        try {
            OnnxWriter.write(model(), file);
            DetectorOptions options = DetectorOptions.builder().kernels(args[0]).threads(2).build();
            try (Detector detector = Detector.open(OnnxReader.read(file), options)) {
                System.out.println("MODULE " + Detector.class.getModule());
                System.out.println("KERNELS " + detector.kernels());
                for (Detection d : detector.detect(photo())) {
                    System.out.println("FOUND " + d.label() + " " + Math.round(d.box().x()) + " "
                            + Math.round(d.box().y()) + " " + Math.round(d.box().width()) + " "
                            + Math.round(d.box().height()));
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    /** Black, with one white cell: column 2 of row 1. */
    private static Image photo() {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(2 * CELL, CELL, CELL, CELL);
        graphics.dispose();
        return Image.of(image);
    }

    private static Model model() {
        GraphBuilder net = new GraphBuilder("smoke", "image", new Shape(SIZE, SIZE, 3));
        String x = "image";
        int channels = 3;
        for (int level = 0; level < 3; level++) {
            // Expand 1x1 with the identity, average each channel over 2x2, project back: an inverted residual.
            x = net.add("expand" + level, pointwise(identity(channels)), "e" + level, x);
            float[] quarter = new float[4 * channels];
            Arrays.fill(quarter, 0.25f);
            x = net.add("mean" + level, new Op.Conv(new Window(2, 2, 2, 2, 0, 0, 0, 0, 1, 1), channels, channels,
                    quarter, new float[channels], Activation.RELU), "m" + level, x);
            x = net.add("project" + level, pointwise(identity(channels)), "p" + level, x);
        }
        net.add("b", pointwise(new float[4][channels]), "b", x);
        net.add("s", pointwise(new float[][]{{3, 3, 3}}), "s", x);
        net.add("boxes", new Op.HeadRows(4), "boxes", "b");
        net.add("scores", new Op.HeadRows(1), "scores", "s");
        DetectorSpec spec = new DetectorSpec("smoke", "Apache-2.0",
                new InputSpec("image", SIZE, SIZE, ColorOrder.RGB, List.of(127.5f, 127.5f, 127.5f),
                        List.of(1 / 127.5f, 1 / 127.5f, 1 / 127.5f), Resize.BILINEAR),
                "boxes", "scores", List.of("square"), -1, ScoreActivation.SIGMOID,
                new BoxCoding(BoxOrder.XYWH, 0.1f, 0.1f, 0.2f, 0.2f),
                List.of(new FeatureMap(SIZE / CELL, SIZE / CELL, CELL, CELL, 0.5f, List.of(new Anchor(CELL, CELL)))),
                new NmsSpec(0.9f, 0.5f, 10, 10));
        return new Model(net.build(List.of("boxes", "scores")), spec);
    }

    private static float[][] identity(int n) {
        float[][] rows = new float[n][n];
        for (int i = 0; i < n; i++) {
            rows[i][i] = 1;
        }
        return rows;
    }

    private static Op pointwise(float[][] rows) {
        int in = rows[0].length;
        float[] weights = new float[rows.length * in];
        for (int o = 0; o < rows.length; o++) {
            System.arraycopy(rows[o], 0, weights, o * in, in);
        }
        return new Op.Conv(Window.POINTWISE, 1, rows.length, weights, new float[rows.length], Activation.NONE);
    }
}
