package io.fovea.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.format.SpecJson;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.Image;
import io.fovea.testing.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small net with boxes, objectness and classes side by side, against YOLO's formulas. */
class YoloHeadTest {
    private static final int ANCHORS = 2;
    private static final int CLASSES = 3;
    @TempDir
    Path folder;

    private static Graph net() {
        int width = 5 + CLASSES;
        Random random = new Random(4);
        GraphBuilder net = new GraphBuilder("yolo", "image", new Shape(32, 48, 3));
        Window stride8 = new Window(8, 8, 8, 8, 0, 0, 0, 0, 1, 1);
        net.add("body", new Op.Conv(stride8, 1, 6, Values.gaussian(random, 6 * 3 * 64, 0.001), new float[6],
                Activation.RELU), "f", "image");
        net.add("head", new Op.Conv(Window.POINTWISE, 1, ANCHORS * width,
                Values.gaussian(random, 6 * ANCHORS * width, 0.5), Values.gaussian(random, ANCHORS * width, 1),
                Activation.NONE), "out", "f");
        return net.build(List.of("out"));
    }

    private static String spec(String code, String combined) {
        return """
                {"input": {"name": "image", "width": 48, "height": 32, "colorOrder": "RGB", "mean": [0, 0, 0],
                  "scale": [1, 1, 1]}, "outputs": {"combined": ["%s"]}, "classes": ["object", "a", "b", "c"],
                 "backgroundIndex": 0, "scoreActivation": "sigmoid_objectness", "codeType": "%s",
                 "anchors": {"generator": "yolo", "steps": [8], "maps": [{"anchors": [[10, 13], [16, 30]]}]},
                 "detectionOutput": {"confidenceThreshold": 0.05, "nmsThreshold": 1, "topK": 0, "keepTopK": 1000}}"""
                .formatted(combined, code);
    }

    private Path write(String code, String combined) throws IOException {
        Path file = folder.resolve("yolo.onnx");
        OnnxWriter.write(net(), file);
        Files.writeString(folder.resolve("yolo.onnx.json"), spec(code, combined));
        return file;
    }

    @Test
    void detectsWhatTheFormulasSay() throws IOException {
        for (String code : List.of("YOLO_V3", "YOLO_V5")) {
            Path file = write(code, "out");
            byte[] pixels = new byte[48 * 32 * 3];
            new Random(9).nextBytes(pixels);
            Image photo = Image.ofRgb(pixels, 48, 32, 48 * 3);
            float[] input = new float[pixels.length];
            for (int i = 0; i < input.length; i++) {
                input[i] = pixels[i] & 0xff;
            }
            double[] raw = io.fovea.testing.DenseNet.run(net(), input).get("out");
            try (Detector detector = Detector.open(file, DetectorOptions.builder().kernels("scalar").build())) {
                List<Detection> found = detector.detect(photo);
                assertTrue(!found.isEmpty(), "nothing found");
                int expected = 0;
                for (int row = 0; row < 4 * 6 * ANCHORS; row++) {
                    int at = row * (5 + CLASSES);
                    for (int c = 0; c < CLASSES; c++) {
                        double score = sigmoid(raw[at + 4]) * sigmoid(raw[at + 5 + c]);
                        if (score <= 0.05) {
                            continue;
                        }
                        expected++;
                        double[] box = box(code, raw, at, row);
                        int label = c;
                        assertTrue(found.stream().anyMatch(d -> d.label().equals(List.of("a", "b", "c").get(label))
                                && Math.abs(d.score() - score) < 1e-4 && Math.abs(d.box().x() - box[0]) < 0.05
                                && Math.abs(d.box().y() - box[1]) < 0.05 && Math.abs(d.box().right() - box[2]) < 0.05
                                && Math.abs(d.box().bottom() - box[3]) < 0.05),
                                code + ", row " + row + ", class " + c + ", score " + score);
                    }
                }
                assertEquals(expected, found.size());
            }
        }
    }

    /** Clipped to the photo, as detections are. */
    private static double[] box(String code, double[] raw, int at, int row) {
        double[] anchor = row % ANCHORS == 0 ? new double[]{10, 13} : new double[]{16, 30};
        int x = row / ANCHORS % 6;
        int y = row / ANCHORS / 6;
        boolean three = code.equals("YOLO_V3");
        double cx = 8 * (x + (three ? sigmoid(raw[at]) : 2 * sigmoid(raw[at]) - 0.5));
        double cy = 8 * (y + (three ? sigmoid(raw[at + 1]) : 2 * sigmoid(raw[at + 1]) - 0.5));
        double w = anchor[0] * (three ? Math.exp(raw[at + 2]) : Math.pow(2 * sigmoid(raw[at + 2]), 2));
        double h = anchor[1] * (three ? Math.exp(raw[at + 3]) : Math.pow(2 * sigmoid(raw[at + 3]), 2));
        return new double[]{Math.max(0, cx - w / 2), Math.max(0, cy - h / 2), Math.min(48, cx + w / 2),
                Math.min(32, cy + h / 2)};
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void theHeadIsCutIntoTwoConvolutionsAndWrittenApart() throws IOException {
        Model model = OnnxReader.read(write("YOLO_V3", "out"));
        Graph optimised = Passes.optimise(model.graph());
        assertEquals(3, optimised.nodes().stream().filter(n -> n.op() instanceof Op.Conv).count());
        assertTrue(optimised.nodes().stream().noneMatch(n -> n.op() instanceof Op.SelectChannels));
        Path copy = folder.resolve("copy.onnx");
        OnnxWriter.annotate(folder.resolve("yolo.onnx"), model, copy);
        Model again = OnnxReader.read(copy);
        DetectorSpec spec = again.spec();
        assertEquals(List.of("boxes", "scores"), again.graph().outputs());
        assertEquals(DetectorSpec.BoxCode.YOLO_V3, spec.boxCoding().code());
        assertEquals(SpecJson.write(model.spec()), SpecJson.write(spec));
    }

    @Test
    void aMissingOutputAndAWrongCountOfAnchorsAreNamed() throws IOException {
        Path file = write("YOLO_V3", "other");
        String message = assertThrows(ModelFormatException.class, () -> OnnxReader.read(file)).getMessage();
        assertTrue(message.contains("outputs.combined: the graph has no output 'other'"), message);
        Files.writeString(folder.resolve("yolo.onnx.json"), spec("YOLO_V3", "out").replace(", [16, 30]", ""));
        message = assertThrows(ModelFormatException.class, () -> OnnxReader.read(file)).getMessage();
        assertTrue(message.contains("24 anchors") && message.contains("48 rows"), message);
    }
}
