package io.fovea.bench.verify;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.format.DetectorSpec;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Expected outputs that lie beside a model's JSON, for an input that a formula gives. Under the key {@code golden} the JSON names
 * one file of little-endian float32 values per output, the input's first values and its sum, against which the formula is checked:
 * blocks of 16 x 16 pixels plus noise, both out of an integer hash, 0 to 254, and, where the first values say so, normalised as
 * the model's input is.
 *
 * @param input {@code [channels][height][width]}
 * @param outputs expected values by name of the graph's output
 */
record Golden(float[] input, Map<String, float[]> outputs) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * Reads golden outputs.
     *
     * @param json the file that describes them
     * @param spec the detector's
     * @param shape the net's input
     * @return null when the file has no key {@code golden}
     * @throws ModelFormatException if they cannot be used; the message names the place
     */
    static Golden read(Path json, DetectorSpec spec, Shape shape) throws IOException {
        JsonNode golden;
        try {
            golden = MAPPER.readTree(Files.readString(json)).path("golden");
        } catch (JacksonException e) {
            throw new ModelFormatException(json + ": no valid JSON (" + e.getOriginalMessage() + ")", e);
        }
        if (golden.isMissingNode()) {
            return null;
        }
        float[] input = input(golden, spec, shape);
        if (input == null) {
            throw new ModelFormatException(
                    json + ": golden.firstValues and golden.sum are not those of the known formula");
        }
        Map<String, float[]> outputs = new LinkedHashMap<>();
        for (JsonNode output : golden.path("outputs")) {
            String key = output.path("output").asText();
            String name = switch (key) {
                case "boxes" -> spec.boxesOutput();
                case "scores" -> spec.scoresOutput();
                default -> key;
            };
            Path file = json.resolveSibling(output.path("file").asText());
            float[] values = values(file);
            long count = output.path("count").asLong(values.length);
            if (values.length != count) {
                throw new ModelFormatException(file + ": " + values.length + " values, golden.outputs says " + count);
            }
            outputs.put(name, values);
        }
        if (outputs.isEmpty()) {
            throw new ModelFormatException(json + ": golden.outputs is empty");
        }
        return new Golden(input, outputs);
    }

    private static float[] values(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    /** Returns the formula's values, plain or normalised, whichever the JSON's first values and sum are; else null. */
    private static float[] input(JsonNode golden, DetectorSpec spec, Shape shape) {
        float[] plain = pattern(shape);
        if (fits(plain, golden)) {
            return plain;
        }
        DetectorSpec.InputSpec in = spec.input();
        float[] normalised = plain.clone();
        for (int i = 0; i < normalised.length; i++) {
            int c = i / shape.sites();
            normalised[i] = (plain[i] - in.mean().get(c)) * in.scale().get(c);
        }
        return fits(normalised, golden) ? normalised : null;
    }

    private static boolean fits(float[] values, JsonNode golden) {
        double sum = 0;
        double size = 0;
        for (float v : values) {
            sum += v;
            size += Math.abs(v);
        }
        for (int i = 0; i < golden.path("firstValues").size(); i++) {
            double wanted = golden.path("firstValues").get(i).asDouble();
            if (Math.abs(values[i] - wanted) > 1e-5 * Math.max(1, Math.abs(wanted))) {
                return false;
            }
        }
        return !golden.has("sum") || Math.abs(sum - golden.path("sum").asDouble()) <= 1e-5 * Math.max(1, size);
    }

    private static float[] pattern(Shape shape) {
        float[] x = new float[shape.values()];
        int i = 0;
        for (int c = 0; c < shape.channels(); c++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int at = 0; at < shape.width(); at++, i++) {
                    x[i] = (mix((c * 4096 + y / 16) * 4096 + at / 16) & 127) + (mix(i) & 127);
                }
            }
        }
        return x;
    }

    private static int mix(int k) {
        int h = k * 0x9E3779B1;
        h ^= h >>> 15;
        h *= 0x85EBCA77;
        return h ^ h >>> 13;
    }
}
