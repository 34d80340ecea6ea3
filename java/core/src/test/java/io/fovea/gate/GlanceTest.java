package io.fovea.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.GateFile;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.Glance;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Passes;
import io.fovea.image.Image;
import io.fovea.plan.Windows;
import io.fovea.sites.Mask;
import io.fovea.testing.MadeGate;
import io.fovea.testing.SmallDetector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A small gate that is asked first: photos of which it masks next to nothing are computed whole, and the other gate is not asked. */
class GlanceTest {
    private static final Model MODEL = SmallDetector.of(8);
    private static final int HEIGHT = MODEL.spec().input().height();
    private static final int WIDTH = MODEL.spec().input().width();
    private static final Image PHOTO = SmallDetector.photo(61, 47, 4);
    private static final GateSettings SETTINGS = GateSettings.DEFAULT.running(1, "vector",
            GateSettings.DEFAULT.tuning(), GateSettings.DEFAULT.winograd());
    @TempDir
    Path folder;

    private static GateModel main() {
        List<String> reads = Windows.read(Passes.optimise(MODEL.graph())).stream().limit(2).toList();
        return MadeGate.onDetector(MODEL, HEIGHT * 3 / 4, WIDTH * 3 / 4, reads, 5);
    }

    /** A glance whose mask is neither empty nor full. */
    private static GateModel small() {
        GateModel made = MadeGate.onPicture(MODEL, 12, 13, 1);
        try (ObjectnessGate gate = ObjectnessGate.open(made, MODEL, SETTINGS)) {
            float[] logits = gate.logits(PHOTO);
            Arrays.sort(logits);
            return made.with(made.spec().withMasks(logits[logits.length / 3], 4, 0));
        }
    }

    private static ObjectnessGate open(GateModel gate) {
        return ObjectnessGate.open(gate, MODEL, SETTINGS);
    }

    @Test
    void letsPhotosThroughWholeFromItsShareOn() {
        try (ObjectnessGate alone = open(main()); ObjectnessGate eye = open(small())) {
            float share = (float) eye.mask(PHOTO, HEIGHT, WIDTH).share();
            assertTrue(share > 0.3 && share < 0.9, () -> "share " + share);
            try (ObjectnessGate full = open(main().with(new Glance(small(), share)));
                    ObjectnessGate gate = open(main().with(new Glance(small(), share + 1e-3f)));
                    Gate.Answer whole = full.look(PHOTO, HEIGHT, WIDTH);
                    Gate.Answer some = gate.look(PHOTO, HEIGHT, WIDTH);
                    Gate.Answer plain = alone.look(PHOTO, HEIGHT, WIDTH)) {
                assertEquals(Mask.uniform(HEIGHT, WIDTH, 4, true), whole.mask());
                assertNull(whole.periphery());
                assertEquals(eye.macs(), whole.macs());
                assertEquals(plain.mask(), some.mask());
                assertFalse(some.periphery() == null);
                assertEquals(plain.macs() + eye.macs(), some.macs());
                assertEquals(some.macs(), gate.macs());
            }
        }
    }

    @Test
    void whatOverridesTheGateLeavesTheGlanceAlone() {
        GateSettings wide = SETTINGS.masking(1e9f, 6, 7);
        try (ObjectnessGate eye = open(small())) {
            float share = (float) eye.mask(PHOTO, HEIGHT, WIDTH).share();
            try (ObjectnessGate full = ObjectnessGate.open(main().with(new Glance(small(), share)), MODEL, wide);
                    ObjectnessGate none = ObjectnessGate.open(main().with(new Glance(small(), share + 1e-3f)), MODEL,
                            wide)) {
                assertEquals(Mask.uniform(HEIGHT, WIDTH, 6, true), full.mask(PHOTO, HEIGHT, WIDTH));
                assertTrue(none.mask(PHOTO, HEIGHT, WIDTH).isEmpty());
            }
        }
    }

    @Test
    void aDetectorThenComputesEverything() {
        Model full = MODEL.with(main().with(new Glance(small(), 0.1f)));
        DetectorOptions.Builder options = DetectorOptions.builder().kernels("vector").scoreThreshold(0.3f);
        try (Detector gated = Detector.open(full, options.trainedGate(TrainedGate.CARRIED).build());
                Detector plain = Detector.open(MODEL, options.trainedGate(null).build());
                ObjectnessGate eye = open(small())) {
            DetectionResult result = gated.run(PHOTO);
            assertEquals(plain.detect(PHOTO), result.detections());
            assertEquals(1, result.work().activeShare());
            assertEquals(eye.macs(), result.work().gateMacs());
            assertEquals(eye.macs(), gated.books(PHOTO).frontGate());
            assertEquals(plain.run(PHOTO).work().executedMacs(), result.work().executedMacs());
        }
    }

    @Test
    void travelsInTheGatesFile() throws Exception {
        Path file = folder.resolve("g.onnx");
        GateModel gate = main().with(new Glance(small(), 0.75f));
        GateFile.write(file, gate);
        byte[] once = Files.readAllBytes(file);
        GateModel read = GateFile.read(file);
        assertEquals(0.75f, read.glance().share());
        assertEquals(small().spec().threshold(), read.glance().gate().spec().threshold());
        try (ObjectnessGate a = open(small()); ObjectnessGate b = open(read.glance().gate())) {
            assertArrayEquals(a.logits(PHOTO), b.logits(PHOTO));
        }
        GateFile.write(file, read);
        assertArrayEquals(once, Files.readAllBytes(file));
        OnnxWriter.write(MODEL.with(gate), file);
        assertEquals(0.75f, OnnxReader.read(file).gate().glance().share());
        assertEquals(0.75f, read.with(read.spec().withMasks(1, 4, 4)).glance().share());
        assertNull(read.with((Glance) null).glance());
    }

    @Test
    void aWrongOneIsNamed() {
        refused("glance: share 0.0 is not within (0, 1]", () -> new Glance(small(), 0));
        refused("glance: share NaN is not within (0, 1]", () -> new Glance(small(), Float.NaN));
        refused("glance: a gate with a trunk of its own is needed", () -> new Glance(main(), 0.5f));
        refused("glance: carries another glance",
                () -> new Glance(small().with(new Glance(small(), 0.5f)), 0.5f));
        GateSpec s = small().spec();
        GateModel other = small().with(new GateSpec("ssd", s.trunk(), s.inputHeight(), s.inputWidth(), s.reads(), 0, 8,
                0, 0, Map.of(), Map.of()));
        refused("glance: was made for detector 'ssd', the gate for 'small'",
                () -> main().with(new Glance(other, 0.5f)));
    }

    private static void refused(String message, Executable call) {
        String said = assertThrows(ModelFormatException.class, call).getMessage();
        assertTrue(said.contains(message), said);
    }
}
