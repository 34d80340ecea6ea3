package io.fovea.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.format.CalibrationJson;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.plan.HeadLevel;
import io.fovea.plan.Plan;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
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

    /** What the file in the cache says is what the source tree says. */
    @Test
    void theCachedFileHoldsTheShippedNumbers() {
        var shipped = CalibrationJson.read(Recipe.load(ZooModels.SSDLITE).calibration());
        var cached = OnnxReader.read(ZooModels.fetch(ZooModels.SSDLITE)).calibration();
        assertEquals(CalibrationJson.write(shipped), CalibrationJson.write(cached));
        assertArrayEquals(shipped.headGate().getFirst().weights(), cached.headGate().getFirst().weights());
    }
}
