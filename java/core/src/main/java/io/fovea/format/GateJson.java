package io.fovea.format;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.GateSpec.Trunk;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@link GateSpec} as compact JSON; rows of floats are base64 as in {@link CalibrationJson}:
 *
 * <pre>{@code
 * {"version": 1, "detector": "name", "trunk": "detector", "inputHeight": 112, "inputWidth": 112, "reads": ["value"],
 *  "threshold": -2.5, "cell": 8, "margin": 0, "coarseShare": 0.25,
 *  "peripheral": {"value": {"a": "AACAPw==", "b": "AAAAAA=="}}, "trained": {"seed": "1"}}
 * }</pre>
 *
 * Unknown keys are ignored; a missing or wrong one is named by its path. Stateless and thread-safe.
 */
public final class GateJson {
    private static final int VERSION = 1;
    private static final int CELL = 8;
    private static final float COARSE_SHARE = 0.25f;
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private GateJson() {
    }

    /**
     * Reads a spec.
     *
     * @throws ModelFormatException if the text is no JSON object or a value is missing or out of range
     */
    public static GateSpec read(String json) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new ModelFormatException("gate spec: no valid JSON (" + e.getOriginalMessage() + ")", e);
        }
        JsonObject o = new JsonObject(tree, "gate spec");
        int version = o.integer("version");
        o.check(version == VERSION, "version", version + " is not known (" + VERSION + " is)");
        Trunk trunk = o.choice("trunk", Trunk.class, null);
        Map<String, Stretch> peripheral = new LinkedHashMap<>();
        JsonObject values = o.optional("peripheral");
        for (String value : values.keys()) {
            JsonObject line = values.object(value);
            float[] a = FloatRows.read(line, "a");
            float[] b = FloatRows.read(line, "b");
            line.check(a.length == b.length, "b", "has " + b.length + " channels, a has " + a.length);
            peripheral.put(value, new Stretch(a, b));
        }
        Map<String, String> trained = new LinkedHashMap<>();
        JsonObject facts = o.optional("trained");
        for (String key : facts.keys()) {
            JsonNode fact = facts.raw(key);
            trained.put(key, fact.isValueNode() ? fact.asText() : fact.toString());
        }
        return new GateSpec(o.text("detector"), trunk, o.integer("inputHeight"), o.integer("inputWidth"),
                trunk == Trunk.OWN && !o.has("reads") ? List.of() : o.texts("reads"), o.real("threshold"),
                o.integer("cell", CELL), o.integer("margin", 0), o.real("coarseShare", COARSE_SHARE),
                peripheral, trained);
    }

    /** Returns the spec as JSON without white space; the same spec gives the same text. */
    public static String write(GateSpec spec) {
        ObjectNode o = JsonNodeFactory.instance.objectNode().put("version", VERSION).put("detector", spec.detector())
                .put("trunk", spec.trunk().name().toLowerCase(Locale.ROOT)).put("inputHeight", spec.inputHeight())
                .put("inputWidth", spec.inputWidth());
        spec.reads().forEach(o.putArray("reads")::add);
        o.put("threshold", spec.threshold()).put("cell", spec.cell()).put("margin", spec.margin()).put("coarseShare",
                spec.coarseShare());
        ObjectNode peripheral = o.putObject("peripheral");
        new TreeMap<>(spec.peripheral()).forEach((value, line) -> peripheral.putObject(value)
                .put("a", FloatRows.base64(line.a())).put("b", FloatRows.base64(line.b())));
        ObjectNode trained = o.putObject("trained");
        spec.trained().forEach(trained::put);
        return o.toString();
    }
}
