package io.fovea.format;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCode;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@link DetectorSpec} as JSON. Unknown keys are ignored; a missing or wrong one is named by its path. What is written is read back
 * bit for bit. Stateless and thread-safe.
 */
public final class SpecJson {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Names of the outputs that combined ones are cut into. */
    private static final String BOXES = "boxes";
    private static final String SCORES = "scores";

    private SpecJson() {
    }

    /**
     * Reads a spec.
     *
     * @throws ModelFormatException if the text is no JSON object or a value is missing or out of range
     */
    public static DetectorSpec read(String json) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new ModelFormatException("detector spec: no valid JSON (" + e.getOriginalMessage() + ")", e);
        }
        return read(new JsonObject(tree, "detector spec"));
    }

    /** Returns the outputs that hold boxes and scores side by side, or null when the spec names two outputs. */
    static CombinedHead combined(String json) {
        try {
            JsonObject outputs = new JsonObject(MAPPER.readTree(json), "detector spec").object("outputs");
            return outputs.has("combined") ? new CombinedHead(outputs.texts("combined")) : null;
        } catch (JacksonException e) {
            throw new ModelFormatException("detector spec: no valid JSON (" + e.getOriginalMessage() + ")", e);
        }
    }

    private static DetectorSpec read(JsonObject o) {
        JsonObject outputs = o.object("outputs");
        JsonObject nms = o.optional("detectionOutput");
        String named = o.text("codeType", "CENTER_SIZE");
        List<BoxCode> codes = List.of(BoxCode.values());
        o.check(codes.stream().anyMatch(c -> c.name().equals(named)), "codeType",
                "'" + named + "' is not supported (" + codes + " are)");
        BoxCode code = BoxCode.valueOf(named);
        List<Float> variances = o.has("variances") || code == BoxCode.CENTER_SIZE
                ? o.floats("variances")
                : List.of(1f, 1f, 1f, 1f);
        o.check(variances.size() == 4, "variances", "four values are needed");
        boolean applied = o.flag("variancesEncodedInTarget", false);
        BoxOrder order = o.choice("boxOrder", BoxOrder.class, BoxOrder.XYWH);
        ScoreActivation activation = o.flag("scoreActivationInGraph", false)
                ? ScoreActivation.NONE
                : o.choice("scoreActivation", ScoreActivation.class, null);
        InputSpec input = input(o.object("input"));
        List<FeatureMap> maps = new ArrayList<>();
        if (o.has("anchors") && !o.has("featureMaps")) {
            maps.addAll(AnchorGenerators.read(o.object("anchors"), input));
        } else {
            for (JsonObject map : o.objects("featureMaps")) {
                maps.add(map(map));
            }
        }
        boolean combined = outputs.has("combined");
        float clamp = o.real("deltaClamp", Float.POSITIVE_INFINITY);
        DetectorSpec spec = new DetectorSpec(o.text("name", "unnamed"),
                o.text("licence", o.text("license", null)),
                input, combined ? BOXES : outputs.object("boxes").text("name"),
                combined ? SCORES : outputs.object("scores").text("name"),
                o.texts("classes"), o.integer("backgroundIndex", -1), activation,
                applied
                        ? new BoxCoding(order, 1f, 1f, 1f, 1f, code, clamp)
                        : new BoxCoding(order, variances.get(0), variances.get(1), variances.get(2), variances.get(3),
                                code, clamp),
                maps,
                new NmsSpec(nms.real("confidenceThreshold", 0.01f), nms.real("nmsThreshold", 0.45f),
                        Math.max(0, nms.integer("topK", 400)), nms.integer("keepTopK", 200)));
        int stated = o.integer("numAnchors", spec.rows());
        o.check(stated == spec.rows(), "numAnchors", stated + " differs from the " + spec.rows() + " of featureMaps");
        return spec;
    }

    private static InputSpec input(JsonObject o) {
        return new InputSpec(o.text("name"), o.integer("width"), o.integer("height"),
                o.choice("colorOrder", ColorOrder.class, null), o.floats("mean"), o.floats("scale"), resize(o));
    }

    /** Our own names, or a description such as "stretch, linear". */
    private static Resize resize(JsonObject o) {
        String text = o.text("resize", "BILINEAR").toUpperCase(Locale.ROOT);
        for (Resize r : Resize.values()) {
            if (r.name().equals(text)) {
                return r;
            }
        }
        o.check(text.contains("LINEAR") || text.startsWith("STRETCH") || text.startsWith("FIXED"), "resize",
                "'" + text + "' is none of " + List.of(Resize.values()));
        return text.contains("ANTIALIAS") ? Resize.BILINEAR_ANTIALIAS : Resize.BILINEAR;
    }

    private static FeatureMap map(JsonObject o) {
        List<Anchor> anchors = new ArrayList<>();
        for (List<Float> a : o.floatLists("anchors")) {
            o.check(a.size() == 2, "anchors", "an anchor is [width, height]");
            anchors.add(new Anchor(a.get(0), a.get(1)));
        }
        return new FeatureMap(o.integer("height"), o.integer("width"), o.real("strideX"), o.real("strideY"),
                o.real("offset", 0.5f), anchors);
    }

    /** Returns the spec as indented JSON. */
    public static String write(DetectorSpec spec) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree(spec));
        } catch (JacksonException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode tree(DetectorSpec spec) {
        ObjectNode o = JsonNodeFactory.instance.objectNode();
        o.put("name", spec.name());
        if (spec.licence() != null) {
            o.put("licence", spec.licence());
        }
        InputSpec in = spec.input();
        ObjectNode input = o.putObject("input");
        input.put("name", in.name()).put("width", in.width()).put("height", in.height());
        input.put("colorOrder", in.colorOrder().name());
        in.mean().forEach(input.putArray("mean")::add);
        in.scale().forEach(input.putArray("scale")::add);
        input.put("resize", in.resize().name());
        ObjectNode outputs = o.putObject("outputs");
        outputs.putObject("boxes").put("name", spec.boxesOutput());
        outputs.putObject("scores").put("name", spec.scoresOutput());
        spec.classes().forEach(o.putArray("classes")::add);
        o.put("backgroundIndex", spec.backgroundIndex());
        o.put("scoreActivation", spec.scoreActivation().name().toLowerCase(Locale.ROOT));
        o.put("codeType", spec.boxCoding().code().name());
        if (spec.boxCoding().clamp() != Float.POSITIVE_INFINITY) {
            o.put("deltaClamp", spec.boxCoding().clamp());
        }
        o.put("boxOrder", spec.boxCoding().order().name().toLowerCase(Locale.ROOT));
        BoxCoding code = spec.boxCoding();
        o.putArray("variances").add(code.varianceX()).add(code.varianceY()).add(code.varianceW()).add(code.varianceH());
        ArrayNode maps = o.putArray("featureMaps");
        for (FeatureMap map : spec.featureMaps()) {
            ObjectNode m = maps.addObject().put("height", map.height()).put("width", map.width());
            m.put("strideX", map.strideX()).put("strideY", map.strideY()).put("offset", map.offset());
            ArrayNode anchors = m.putArray("anchors");
            map.anchors().forEach(a -> anchors.addArray().add(a.width()).add(a.height()));
        }
        NmsSpec nms = spec.nms();
        o.putObject("detectionOutput").put("confidenceThreshold", nms.scoreThreshold())
                .put("nmsThreshold", nms.iouThreshold()).put("topK", nms.maxPerClass())
                .put("keepTopK", nms.maxDetections());
        return o;
    }
}
