package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Detectors from elsewhere, where they are at hand: read, optimised, written by us, and held against their golden outputs. */
class ForeignModelsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"face-detection-retail-0004", "pedestrian-detection-adas-0002",
            "person-vehicle-bike-detection-2002", "person-vehicle-bike-detection-crossroad-0078"})
    void optimisedCopiesGiveTheGoldenOutputs(String name) throws IOException {
        Path models = SharedFiles.folder("models");
        Path file = models.resolve(name + ".onnx");
        Assumptions.assumeTrue(Files.exists(file), "skipped: no " + file);
        Model model = OnnxReader.read(file);
        Path copy = folder.resolve("copy.onnx");
        OnnxWriter.write(new Model(Passes.optimise(model.graph()), model.spec()), copy);
        Shape in = model.graph().inputShape();
        Map<String, float[]> found = OnnxRuntime.run(copy, goldenInput(in), 1, 3, in.height(), in.width());
        for (String output : new String[]{"boxes", "scores"}) {
            float[] golden = floats(models.resolve(name + ".golden." + output + ".bin"));
            double worst = OnnxRuntime.difference(found.get(output), golden);
            assertTrue(worst < 1e-3, name + ", " + output + ": difference " + worst);
        }
    }

    /** The pattern of the goldens: blocks of 16 x 16 pixels plus noise, 0..254. */
    private static float[] goldenInput(Shape in) {
        float[] x = new float[in.values()];
        int i = 0;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < in.height(); y++) {
                for (int at = 0; at < in.width(); at++, i++) {
                    x[i] = (mix((c * 4096 + y / 16) * 4096 + at / 16) & 127) + (mix(i) & 127);
                }
            }
        }
        return x;
    }

    private static int mix(int k) {
        int h = k * 0x9E3779B1;
        h ^= h >>> 15;
        h *= 0x85EBCA77;
        return h ^ h >>> 13;
    }

    private static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
