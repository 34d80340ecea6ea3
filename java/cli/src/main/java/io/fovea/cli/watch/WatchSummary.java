package io.fovea.cli.watch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.fovea.Detection;
import io.fovea.VideoResult;
import io.fovea.cli.DetectJson;
import io.fovea.lab.eval.DetectionAgreement;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a stream has shown so far, frame by frame and summed up. */
final class WatchSummary {
    private static final JsonFactory FACTORY = new JsonFactory();
    private final DetectionAgreement agreement;
    private double[] millis = new double[1024];
    private int frames;
    private int keyFrames;
    private double activeShare;
    private double executedShare;
    private double writeBack;
    private double total;

    /** Makes an empty summary. */
    WatchSummary(boolean comparesDense) {
        agreement = comparesDense ? new DetectionAgreement() : null;
    }

    void add(VideoResult result) {
        if (frames == millis.length) {
            millis = Arrays.copyOf(millis, 2 * frames);
        }
        millis[frames++] = result.timings().totalMillis();
        keyFrames += result.isKeyFrame() ? 1 : 0;
        activeShare += result.work().activeShare();
        executedShare += result.work().executedShare();
        writeBack += result.timings().writeBackMillis();
        total += result.timings().totalMillis();
    }

    void compare(List<Detection> dense, List<Detection> got) {
        agreement.add(dense, got);
    }

    int frames() {
        return frames;
    }

    private double median() {
        double[] sorted = Arrays.copyOf(millis, frames);
        Arrays.sort(sorted);
        int half = frames / 2;
        return frames == 0 ? 0 : frames % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private double mean(double sum) {
        return frames == 0 ? 0 : sum / frames;
    }

    /** Returns the line of JSON of one frame. */
    static String frame(long index, VideoResult result, List<Detection> shown) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("frame", index);
            json.writeNumberField("millis", rounded(result.timings().totalMillis(), 1000));
            json.writeNumberField("activeShare", rounded(result.work().activeShare(), 10_000));
            json.writeNumberField("executedShare", rounded(result.work().executedShare(), 10_000));
            json.writeBooleanField("keyFrame", result.isKeyFrame());
            json.writeStringField("key", result.motion().key().name().toLowerCase(Locale.ROOT));
            DetectJson.detections(shown, json);
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    /** Returns the last line of JSON. */
    String json() throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("summary");
            json.writeNumberField("frames", frames);
            json.writeNumberField("keyFrames", keyFrames);
            json.writeNumberField("activeShare", rounded(mean(activeShare), 10_000));
            json.writeNumberField("executedShare", rounded(mean(executedShare), 10_000));
            json.writeNumberField("medianMillis", rounded(median(), 1000));
            json.writeNumberField("meanMillis", rounded(mean(total), 1000));
            json.writeNumberField("meanWriteBackMillis", rounded(mean(writeBack), 1000));
            if (agreement != null) {
                json.writeNumberField("f1", rounded(agreement.f1(), 10_000));
                json.writeNumberField("precision", rounded(agreement.precision(), 10_000));
                json.writeNumberField("recall", rounded(agreement.recall(), 10_000));
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    /** Returns the summary for people. */
    String text() {
        String line = String.format(Locale.ROOT,
                "%d frames, %d of them key frames; %.1f %% of the cells and %.1f %% of the net's MACs computed; %.2f ms a frame in "
                        + "the middle, %.2f on average (%.2f of it writing back)",
                frames, keyFrames, 100 * mean(activeShare), 100 * mean(executedShare), median(), mean(total),
                mean(writeBack));
        return agreement == null
                ? line
                : line + String.format(Locale.ROOT,
                        "%nagainst the dense detector: F1 %.4f, precision %.4f, recall %.4f over %d detections",
                        agreement.f1(), agreement.precision(), agreement.recall(), agreement.wanted());
    }

    private static double rounded(double value, double digits) {
        return Math.round(value * digits) / digits;
    }
}
