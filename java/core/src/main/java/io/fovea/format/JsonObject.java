package io.fovea.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A JSON object that is read key by key; every complaint names the path of the key. */
final class JsonObject {
    private final JsonNode node;
    private final String path;

    JsonObject(JsonNode node, String path) {
        this.node = node;
        this.path = path;
        if (node == null || !node.isObject()) {
            throw new ModelFormatException(path + ": a JSON object is needed");
        }
    }

    void check(boolean condition, String key, String message) {
        if (!condition) {
            throw new ModelFormatException(path + "." + key + ": " + message);
        }
    }

    boolean has(String key) {
        return node.hasNonNull(key);
    }

    Iterable<String> keys() {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    JsonNode raw(String key) {
        return node.get(key);
    }

    JsonObject object(String key) {
        return new JsonObject(node.get(key), path + "." + key);
    }

    JsonObject optional(String key) {
        return has(key) ? object(key) : new JsonObject(JsonNodeFactory.instance.objectNode(), path + "." + key);
    }

    List<JsonObject> objects(String key) {
        List<JsonObject> out = new ArrayList<>();
        for (JsonNode item : array(key)) {
            out.add(new JsonObject(item, path + "." + key + "[" + out.size() + "]"));
        }
        return out;
    }

    String text(String key) {
        String text = text(key, null);
        check(text != null, key, "is missing");
        return text;
    }

    String text(String key, String otherwise) {
        check(!has(key) || node.get(key).isTextual(), key, "a string is needed");
        return has(key) ? node.get(key).textValue() : otherwise;
    }

    List<String> texts(String key) {
        List<String> out = new ArrayList<>();
        for (JsonNode item : array(key)) {
            check(item.isTextual(), key, "strings are needed");
            out.add(item.textValue());
        }
        return out;
    }

    int integer(String key) {
        check(has(key), key, "is missing");
        return integer(key, 0);
    }

    int integer(String key, int otherwise) {
        check(!has(key) || node.get(key).isIntegralNumber() && node.get(key).canConvertToInt(), key,
                "an integer is needed");
        return has(key) ? node.get(key).intValue() : otherwise;
    }

    boolean flag(String key, boolean otherwise) {
        check(!has(key) || node.get(key).isBoolean(), key, "true or false is needed");
        return has(key) ? node.get(key).booleanValue() : otherwise;
    }

    float real(String key) {
        check(has(key), key, "is missing");
        return real(key, 0f);
    }

    float real(String key, float otherwise) {
        return has(key) ? real(node.get(key), key) : otherwise;
    }

    double number(String key) {
        check(has(key) && node.get(key).isNumber(), key, "a number is needed");
        return node.get(key).doubleValue();
    }

    private float real(JsonNode item, String key) {
        check(item.isNumber(), key, "a number is needed");
        float value = item.floatValue();
        check(Float.isFinite(value), key, "the number does not fit");
        return value;
    }

    List<Float> floats(String key) {
        return floats(array(key), key);
    }

    List<List<Float>> floatLists(String key) {
        List<List<Float>> out = new ArrayList<>();
        for (JsonNode item : array(key)) {
            out.add(floats(item, key));
        }
        return out;
    }

    private List<Float> floats(JsonNode items, String key) {
        check(items.isArray(), key, "lists of numbers are needed");
        List<Float> out = new ArrayList<>();
        for (JsonNode item : items) {
            out.add(real(item, key));
        }
        return out;
    }

    <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
        String text = otherwise == null ? text(key) : text(key, otherwise.name());
        for (E e : type.getEnumConstants()) {
            if (e.name().equals(text.toUpperCase(Locale.ROOT))) {
                return e;
            }
        }
        throw new ModelFormatException(
                path + "." + key + ": '" + text + "' is none of " + List.of(type.getEnumConstants()));
    }

    private JsonNode array(String key) {
        check(has(key) && node.get(key).isArray(), key, "a list is needed");
        return node.get(key);
    }
}
