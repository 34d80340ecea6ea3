package io.fovea.format;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;

/** JSON documents among the files of a package. */
final class JsonFiles {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonFiles() {
    }

    static JsonObject object(String path, Map<String, byte[]> files) {
        return new JsonObject(tree(path, files), path);
    }

    static com.fasterxml.jackson.databind.JsonNode tree(String path, Map<String, byte[]> files) {
        byte[] bytes = files.get(path);
        if (bytes == null) {
            throw new ModelFormatException("file '" + path + "' is missing");
        }
        try {
            return MAPPER.readTree(bytes);
        } catch (IOException e) {
            throw new ModelFormatException(path + ": no valid JSON (" + e.getMessage().lines().findFirst().orElse("")
                    + ")", e);
        }
    }

    /** Returns the folder of a path with its slash, or nothing. */
    static String folder(String path) {
        return path.substring(0, path.lastIndexOf('/') + 1);
    }
}
