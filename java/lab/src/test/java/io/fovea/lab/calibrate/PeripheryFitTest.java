package io.fovea.lab.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.GateSpec.Trunk;
import io.fovea.format.Model;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.Image;
import io.fovea.lab.data.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeripheryFitTest {
    @TempDir
    Path folder;

    /** A gate on the red detector's cells, from a picture of half the size, of which it therefore sees 4x4 cells. */
    private static GateModel gate(int size) {
        int cells = size / 8;
        GraphBuilder b = new GraphBuilder("head", "x", new Shape(cells, cells, 3));
        b.add("logit", new Op.Conv(Window.POINTWISE, 1, 1, new float[]{1, 0, 0}, new float[1], Activation.NONE), "l",
                "x");
        Graph head = b.build(List.of("l"));
        return new GateModel(List.of(head), new GateSpec("red", Trunk.DETECTOR, size, size, List.of("x"), 0, 8, 0, 0,
                Map.of(), Map.of()));
    }

    @Test
    void aRunOfTheSameSizeStandsInAsItIs() throws IOException {
        Model red = RedModel.make();
        assertEquals(List.of("x"), PeripheryFit.values(red, gate(64)));
        PeripheryFit.Report report = PeripheryFit.run(red, gate(64), RedModel.photos(folder, 4, 2), 1, "scalar",
                done -> {
                });
        Stretch line = report.gate().spec().peripheral().get("x");
        for (int c = 0; c < 3; c++) {
            assertEquals(1, line.a()[c], 1e-5);
            assertEquals(0, line.b()[c], 1e-5);
        }
        assertEquals(1, report.explained().get("x"), 1e-6);
        assertEquals(4, report.photos());
    }

    @Test
    void aSmallerRunIsFittedByLeastSquares() throws IOException {
        List<Path> photos = RedModel.photos(folder, 6, 3);
        PeripheryFit.Report report = PeripheryFit.run(RedModel.make(), gate(32), photos, 1, "scalar", done -> {
        });
        double[] sums = new double[5];
        for (Path photo : photos) {
            Image image = Image.read(photo);
            for (int site = 0; site < 64; site++) {
                double small = bilinear(image, site % 8, site / 8);
                double whole = red(image, site % 8, site / 8);
                double[] more = {1, small, whole, small * small, small * whole};
                for (int i = 0; i < 5; i++) {
                    sums[i] += more[i];
                }
            }
        }
        double a = (sums[0] * sums[4] - sums[1] * sums[2]) / (sums[0] * sums[3] - sums[1] * sums[1]);
        Stretch line = report.gate().spec().peripheral().get("x");
        assertEquals(a, line.a()[0], 2e-3);
        assertEquals((sums[2] - a * sums[1]) / sums[0], line.b()[0], 2e-3);
        assertTrue(report.explained().get("x") > 0.1 && report.explained().get("x") < 0.95,
                "blurred, but not blind: " + report.explained());
    }

    /** Mean red of a cell of 8x8 pixels, 0..1. */
    private static double red(Image image, int column, int row) {
        return (image.rgb(8 * column + 4, 8 * row + 4) >> 16 & 255) / 255.0;
    }

    /** The small run's 4x4 cells, each a mean of 2x2 cells of the photo, at one of the 8x8. */
    private static double bilinear(Image image, int column, int row) {
        double sum = 0;
        double y = Math.clamp((row + 0.5) / 2 - 0.5, 0, 3);
        double x = Math.clamp((column + 0.5) / 2 - 0.5, 0, 3);
        for (int cy = 0; cy < 4; cy++) {
            for (int cx = 0; cx < 4; cx++) {
                double weight = Math.max(0, 1 - Math.abs(y - cy)) * Math.max(0, 1 - Math.abs(x - cx));
                sum += weight * (red(image, 2 * cx, 2 * cy) + red(image, 2 * cx + 1, 2 * cy)
                        + red(image, 2 * cx, 2 * cy + 1) + red(image, 2 * cx + 1, 2 * cy + 1)) / 4;
            }
        }
        return sum;
    }

    @Test
    void withoutPhotosThereIsNoFit() {
        assertTrue(assertThrows(DataException.class, () -> PeripheryFit.run(RedModel.make(), gate(64),
                List.of(folder.resolve("none.jpg")), 1, "scalar", done -> {
                })).getMessage().contains("none.jpg"));
    }
}
