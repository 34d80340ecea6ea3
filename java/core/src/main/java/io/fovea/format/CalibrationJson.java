package io.fovea.format;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.format.Calibration.HeadUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@link Calibration} as compact JSON. Rows of floats are base64 (RFC 4648) of little-endian float32, so that what is written is read
 * back bit for bit:
 *
 * <pre>{@code
 * {"version": 1, "means": {"value": "AACAPw=="},
 *  "headGate": [{"input": "value", "weights": "AACAPw==", "bias": -1.5, "threshold": 0.25}]}
 * }</pre>
 *
 * Unknown keys are ignored; a missing or wrong one is named by its path. Stateless and thread-safe.
 */
public final class CalibrationJson {
    private static final int VERSION = 1;
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private CalibrationJson() {
    }

    /**
     * Reads a calibration.
     *
     * @throws ModelFormatException if the text is no JSON object or a value is missing or out of range
     */
    public static Calibration read(String json) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new ModelFormatException("calibration: no valid JSON (" + e.getOriginalMessage() + ")", e);
        }
        JsonObject o = new JsonObject(tree, "calibration");
        int version = o.integer("version");
        o.check(version == VERSION, "version", version + " is not known (" + VERSION + " is)");
        JsonObject means = o.object("means");
        Map<String, float[]> rows = new HashMap<>();
        for (String value : means.keys()) {
            rows.put(value, FloatRows.read(means, value));
        }
        List<HeadUnit> units = new ArrayList<>();
        for (JsonObject unit : o.objects("headGate")) {
            units.add(new HeadUnit(unit.text("input"), FloatRows.read(unit, "weights"), unit.real("bias"),
                    unit.real("threshold")));
        }
        return new Calibration(rows, units);
    }

    /** Returns the calibration as JSON without white space; the same calibration gives the same text. */
    public static String write(Calibration calibration) {
        ObjectNode o = JsonNodeFactory.instance.objectNode().put("version", VERSION);
        ObjectNode means = o.putObject("means");
        new TreeMap<>(calibration.means()).forEach((value, row) -> means.put(value, FloatRows.base64(row)));
        var units = o.putArray("headGate");
        for (HeadUnit unit : calibration.headGate()) {
            units.addObject().put("input", unit.input()).put("weights", FloatRows.base64(unit.weights()))
                    .put("bias", unit.bias()).put("threshold", unit.threshold());
        }
        return o.toString();
    }
}
