package io.fovea.lab.eval;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An evaluation as it is written down.
 *
 * @param figures COCO's figures
 * @param macs average per photo, null when no model ran
 * @param millis median milliseconds per photo by stage, null when no model ran
 */
public record EvalReport(CocoFigures figures, Macs macs, Map<String, Double> millis) {
    public EvalReport {
        millis = millis == null ? null : new LinkedHashMap<>(millis);
    }

    /**
     * Multiply-accumulate operations per photo.
     *
     * @param dense what the dense net needs
     * @param executed what the kernels issued
     * @param gate what the gate needed
     * @param nonZero dense MACs of each layer times the share of non-zero values in its input; NaN when not measured
     */
    public record Macs(double dense, double executed, double gate, double nonZero) {}

    /** Returns the report as one JSON object. */
    public String toJson() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            for (Map.Entry<String, Double> e : figures.byName().entrySet()) {
                json.writeNumberField(e.getKey(), e.getValue());
            }
            json.writeObjectFieldStart("apPerCategory");
            for (Map.Entry<Integer, Double> e : figures.apPerCategory().entrySet()) {
                json.writeNumberField(e.getKey().toString(), e.getValue());
            }
            json.writeEndObject();
            json.writeNumberField("images", figures.images());
            if (macs != null) {
                json.writeObjectFieldStart("macs");
                json.writeNumberField("dense", macs.dense());
                json.writeNumberField("executed", macs.executed());
                json.writeNumberField("gate", macs.gate());
                if (Double.isNaN(macs.nonZero())) {
                    json.writeNullField("nonZero");
                } else {
                    json.writeNumberField("nonZero", macs.nonZero());
                }
                json.writeEndObject();
            }
            if (millis != null) {
                json.writeObjectFieldStart("millis");
                for (Map.Entry<String, Double> e : millis.entrySet()) {
                    json.writeNumberField(e.getKey(), e.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
