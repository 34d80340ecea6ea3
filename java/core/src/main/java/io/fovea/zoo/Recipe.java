package io.fovea.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.format.CalibrationJson;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.FaceSsd;
import io.fovea.format.GateFile;
import io.fovea.format.Model;
import io.fovea.format.TfjsSsd;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * How one model of the zoo is made: a JSON resource ({@code models/} in the source tree) that names a package, a file of it, the
 * converter, and what the weights do not say.
 *
 * @param name model name
 * @param title one line for people
 * @param licence SPDX id
 * @param source package with the weights
 * @param path file of the package that the converter starts from
 * @param format which converter
 * @param width input pixels
 * @param height input pixels
 * @param classes labels, one per score column
 * @param classCount labels that stand for something to detect
 * @param nms defaults for non-maximum suppression
 * @param calibration what was measured for it, as JSON; null when nothing was
 * @param gate its trained gate, a whole gate file; null when there is none. Not to be written.
 * @param hash digest of the recipe's text, the calibration and the gate
 */
record Recipe(String name, String title, String licence, NpmPackage source, String path, String format, int width,
        int height, List<String> classes, int classCount, NmsSpec nms, String calibration, byte[] gate,
        String hash) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Recipe load(String name) {
        String text = resource(name + ".json");
        byte[] measured = bytes("calibration/" + name + ".json");
        String calibration = measured == null ? null : new String(measured, StandardCharsets.UTF_8);
        byte[] gate = bytes("gates/" + name + ".onnx");
        JsonNode o = parse(text);
        List<String> classes = new ArrayList<>(List.of("background"));
        int columns = o.required("columns").intValue();
        for (int id = 1; id < columns; id++) {
            classes.add(o.required("labels").path(Integer.toString(id)).asText("n/a " + id));
        }
        JsonNode nms = o.required("detectionOutput");
        return new Recipe(name, o.required("title").textValue(), o.required("licence").textValue(),
                source(o.required("source")), o.required("source").required("path").textValue(),
                o.required("format").textValue(), o.required("input").required("width").intValue(),
                o.required("input").required("height").intValue(), List.copyOf(classes), o.required("labels").size(),
                new NmsSpec(nms.required("confidenceThreshold").floatValue(), nms.required("nmsThreshold").floatValue(),
                        nms.required("topK").intValue(), nms.required("keepTopK").intValue()),
                calibration, gate, hash(text + (calibration == null ? "" : calibration)
                        + (gate == null ? "" : HexFormat.of().formatHex(gate))));
    }

    static NpmPackage source(JsonNode o) {
        return new NpmPackage(o.required("package").textValue(), o.required("version").textValue(),
                o.required("integrity").textValue());
    }

    static JsonNode index() {
        return parse(resource("index.json"));
    }

    Model convert(Map<String, byte[]> files) {
        Model model = switch (format) {
            case "tfjs-ssd" -> TfjsSsd.read(name, licence, path, files, classes, nms);
            case "face-ssd" -> FaceSsd.read(name, licence, path, files, classes, nms);
            default -> throw new IllegalStateException("recipe " + name + ": unknown format " + format);
        };
        if (calibration != null) {
            model = model.with(CalibrationJson.read(calibration));
        }
        return gate == null ? model : model.with(GateFile.read(gate));
    }

    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String resource(String file) {
        byte[] bytes = bytes(file);
        if (bytes == null) {
            throw new IllegalStateException("resource " + file + " is missing");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String file) {
        try (InputStream in = Recipe.class.getResourceAsStream(file)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
