package io.fovea.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.fovea.Box;
import io.fovea.Detection;
import io.fovea.DetectionResult.Work;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;

/** One photo's result as one line of JSON. */
public final class DetectJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private DetectJson() {
    }

    static void write(PhotoResult result, Writer out) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("image", result.photo().path().toString());
            json.writeNumberField("width", result.width());
            json.writeNumberField("height", result.height());
            detections(result.detections(), json);
            Work work = result.work();
            json.writeObjectFieldStart("work");
            json.writeNumberField("activeShare", work.activeShare());
            json.writeNumberField("executedShare", work.executedShare());
            json.writeNumberField("denseMacs", work.denseMacs());
            json.writeNumberField("executedMacs", work.executedMacs());
            json.writeNumberField("gateMacs", work.gateMacs());
            json.writeEndObject();
            json.writeObjectFieldStart("millis");
            json.writeNumberField("decode", rounded(result.decodeMillis()));
            json.writeNumberField("gate", rounded(result.timings().gateMillis()));
            json.writeNumberField("preprocess", rounded(result.timings().preprocessMillis()));
            json.writeNumberField("net", rounded(result.timings().netMillis()));
            json.writeNumberField("head", rounded(result.timings().headMillis()));
            json.writeEndObject();
            json.writeEndObject();
        }
        out.write(text.append('\n').toString());
        out.flush();
    }

    /** Writes the field {@code detections}: a list of label, classId, score and box (x, y, width, height). */
    public static void detections(List<Detection> detections, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("detections");
        for (Detection d : detections) {
            json.writeStartObject();
            json.writeStringField("label", d.label());
            json.writeNumberField("classId", d.classId());
            json.writeNumberField("score", d.score());
            json.writeObjectFieldStart("box");
            Box box = d.box();
            json.writeNumberField("x", box.x());
            json.writeNumberField("y", box.y());
            json.writeNumberField("width", box.width());
            json.writeNumberField("height", box.height());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static double rounded(double millis) {
        return Math.round(millis * 1000) / 1000.0;
    }
}
