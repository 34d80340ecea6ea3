package io.fovea.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** One node of a TensorFlow {@code GraphDef} in JSON. */
final class TfjsNode {
    private final JsonObject json;
    private final String name;
    private final String op;
    private final List<String> inputs;

    TfjsNode(JsonObject json) {
        this.json = json;
        this.name = json.text("name");
        this.op = json.text("op");
        List<String> data = new ArrayList<>();
        for (String input : json.has("input") ? json.texts("input") : List.<String>of()) {
            if (!input.startsWith("^")) {
                data.add(input.endsWith(":0") ? input.substring(0, input.length() - 2) : input);
            }
        }
        this.inputs = List.copyOf(data);
    }

    String name() {
        return name;
    }

    String op() {
        return op;
    }

    /** Returns the names of the values read, control inputs left out; {@code NAME:1} is a node's second output. */
    List<String> inputs() {
        return inputs;
    }

    String input(int i) {
        if (i >= inputs.size()) {
            throw failure("input " + i + " is missing");
        }
        return inputs.get(i);
    }

    ModelFormatException failure(String message) {
        return new ModelFormatException("node '" + name + "' (" + op + "): " + message);
    }

    /** Returns the value under a key of an attribute ({@code s}, {@code i}, {@code f}, {@code b}, {@code list}), or null. */
    private JsonNode attribute(String attribute, String key) {
        JsonObject all = json.optional("attr");
        return all.has(attribute) ? all.object(attribute).raw(key) : null;
    }

    /** Returns a string attribute; its bytes are written as base64 or as a list of numbers. */
    String text(String attribute, String otherwise) {
        JsonNode s = attribute(attribute, "s");
        if (s == null) {
            return otherwise;
        }
        if (s.isTextual()) {
            try {
                return new String(Base64.getDecoder().decode(s.textValue()), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw failure("attribute " + attribute + " is no base64");
            }
        }
        StringBuilder text = new StringBuilder();
        s.forEach(c -> text.append((char) c.intValue()));
        return text.toString();
    }

    float real(String attribute, float otherwise) {
        JsonNode f = attribute(attribute, "f");
        return f == null ? otherwise : f.floatValue();
    }

    boolean flag(String attribute, boolean otherwise) {
        JsonNode b = attribute(attribute, "b");
        return b == null ? otherwise : b.booleanValue();
    }

    /** Returns the spatial value of a {@code [1, v, v, 1]} attribute (strides, dilations). */
    int spatial(String attribute) {
        JsonNode list = attribute(attribute, "list");
        JsonNode i = list == null ? null : list.get("i");
        if (i == null || i.isEmpty()) {
            return 1;
        }
        int[] v = new int[i.size()];
        for (int k = 0; k < v.length; k++) {
            v[k] = i.get(k).asInt(-1);
        }
        if (v.length != 4 || v[0] != 1 || v[3] != 1 || v[1] != v[2] || v[1] < 1 || v[1] > 256) {
            throw failure("attribute " + attribute + " " + i + " is not supported ([1, v, v, 1] is)");
        }
        return v[1];
    }

    /** Returns the sizes of a shape attribute. */
    int[] shape(String attribute) {
        JsonNode shape = attribute(attribute, "shape");
        JsonNode dims = shape == null ? null : shape.get("dim");
        int[] out = new int[dims == null ? 0 : dims.size()];
        for (int k = 0; k < out.length; k++) {
            out[k] = dims.get(k).path("size").asInt(-1);
        }
        return out;
    }

    /** Returns whether padding is SAME and not VALID; anything else is refused. */
    boolean isSame() {
        String padding = text("padding", "");
        if (!padding.equals("SAME") && !padding.equals("VALID")) {
            throw failure("padding '" + padding + "' is not supported (SAME and VALID are)");
        }
        String format = text("data_format", "NHWC");
        if (!format.equals("NHWC")) {
            throw failure("data_format '" + format + "' is not supported (NHWC is)");
        }
        return padding.equals("SAME");
    }
}
