package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.format.Model;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphException;
import io.fovea.graph.Passes;
import io.fovea.plan.HeadLevel;
import io.fovea.run.SessionOptions.HeadGate;
import io.fovea.testing.SmallDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A head gate that does not belong to the net is refused when the session is opened. */
class HeadGateErrorsTest {
    private final Model model = SmallDetector.of(1);
    private final String boxes = model.spec().boxesOutput();
    private final String scores = model.spec().scoresOutput();

    private List<HeadUnit> units(int moreChannels) {
        Graph graph = Passes.optimise(model.graph());
        List<HeadUnit> units = new ArrayList<>();
        for (HeadLevel level : HeadLevel.of(graph, boxes, scores)) {
            int channels = graph.shape(level.input()).channels() + moreChannels;
            units.add(new HeadUnit(level.input(), new float[channels], 0, 0));
        }
        return units;
    }

    private String refusal(List<HeadUnit> units) {
        return assertThrows(GraphException.class, () -> Session
                .open(model.graph(), new SessionOptions(1, "scalar", new HeadGate(boxes, scores, units))).close())
                .getMessage();
    }

    @Test
    void anotherNumberOfUnits() {
        List<HeadUnit> units = new ArrayList<>(units(0));
        int levels = units.size();
        units.add(units.getFirst());
        assertEquals("head gate has " + (levels + 1) + " units for " + levels + " levels", refusal(units));
    }

    @Test
    void anotherNumberOfChannels() {
        String message = refusal(units(3));
        assertTrue(message.matches("head gate of level \\d+ reads '.*' with \\d+ channels, the head starts from .*"),
                message);
    }
}
