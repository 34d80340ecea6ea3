package io.fovea.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.format.CalibrationJson;
import io.fovea.format.GateFile;
import io.fovea.format.GateJson;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.gate.GateSettings;
import io.fovea.gate.ObjectnessGate;
import io.fovea.kernel.Winograd;
import io.fovea.plan.HeadLevel;
import io.fovea.plan.Plan;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.image.Image;
import io.fovea.sites.Mask;
import java.util.Random;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The zoo's models come calibrated for the nets that they are. */
class ZooCalibrationTest {

    @ParameterizedTest
    @ValueSource(strings = {ZooModels.SSDLITE, ZooModels.FACE})
    void meansAndUnitsAreThoseThatThePlanNeeds(String name) {
        Model model = OnnxReader.read(ZooModels.fetch(name));
        assertEquals(Recipe.load(name).calibration() == null, model.calibration().isEmpty());
        try (Session session = Session.open(model.graph(), new SessionOptions(1, "scalar"))) {
            assertEquals(
                    session.plan().values().stream().filter(v -> v.tableRead() && v.domain() != 0)
                            .map(Plan.Value::name).collect(Collectors.toCollection(TreeSet::new)),
                    new TreeSet<>(model.calibration().means().keySet()));
            List<HeadLevel> levels = HeadLevel.of(session.plan().graph(), model.spec().boxesOutput(),
                    model.spec().scoresOutput());
            assertEquals(levels.stream().map(HeadLevel::input).toList(),
                    model.calibration().headGate().stream().map(HeadUnit::input).toList());
        }
    }

    /** Behind a region, with the calibrated means and the head gate, as {@code detect --region} runs. */
    @ParameterizedTest
    @ValueSource(strings = {ZooModels.SSDLITE, ZooModels.FACE})
    void theShippedNumbersServeARegionAndTheHeadGateAtOnce(String name) {
        Model model = OnnxReader.read(ZooModels.fetch(name));
        DetectorOptions options = DetectorOptions.builder().threads(1).tuning(Tuning.OFF).headGate(true).build();
        int height = model.spec().input().height();
        int width = model.spec().input().width();
        Mask mask = Mask.uniform(height, width, 8, false).withRectangle(width / 4f, height / 4f, width / 2f,
                height / 2f);
        byte[] rgb = new byte[3 * 64 * 48];
        new Random(3).nextBytes(rgb);
        try (Detector detector = Detector.open(model, options)) {
            DetectionResult result = detector.run(Image.ofRgb(rgb, 64, 48, 3 * 64), mask);
            assertTrue(result.work().executedMacs() > 0
                    && result.work().executedMacs() < result.work().denseMacs() / 2, result.work().toString());
        }
    }

    /** A model of the zoo carries the gate of the source tree, if there is one for it, and it fits. */
    @ParameterizedTest
    @ValueSource(strings = {ZooModels.SSDLITE, ZooModels.FACE})
    void theShippedGateOpens(String name) {
        Model model = OnnxReader.read(ZooModels.fetch(name));
        byte[] shipped = Recipe.load(name).gate();
        assertEquals(shipped == null, model.gate() == null);
        if (shipped != null) {
            assertEquals(GateJson.write(GateFile.read(shipped).spec()), GateJson.write(model.gate().spec()));
            ObjectnessGate
                    .open(model.gate(), model, GateSettings.DEFAULT.running(1, "scalar", Tuning.OFF, Winograd.OFF))
                    .close();
        }
    }

    /** What the file in the cache says is what the source tree says. */
    @Test
    void theCachedFileHoldsTheShippedNumbers() {
        var shipped = CalibrationJson.read(Recipe.load(ZooModels.SSDLITE).calibration());
        var cached = OnnxReader.read(ZooModels.fetch(ZooModels.SSDLITE)).calibration();
        assertEquals(CalibrationJson.write(shipped), CalibrationJson.write(cached));
        assertArrayEquals(shipped.headGate().getFirst().weights(), cached.headGate().getFirst().weights());
    }
}
