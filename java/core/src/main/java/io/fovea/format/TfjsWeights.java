package io.fovea.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of a TensorFlow.js model: a manifest (groups of named tensors) and the shards that hold them one after another. Tensors
 * are float32 or int32, plain or quantised to uint8 or uint16 with {@code value = q * scale + min}.
 */
final class TfjsWeights {
    private final Map<String, Tensor> tensors = new HashMap<>();

    /**
     * Reads all tensors.
     *
     * @param manifest the manifest's list of groups
     * @param folder path of the manifest's folder within {@code files}, ending in a slash or empty
     * @param files contents by path
     * @throws ModelFormatException if a shard is missing or its length differs from what the tensors need
     */
    TfjsWeights(JsonNode manifest, String folder, Map<String, byte[]> files) {
        for (JsonNode group : manifest) {
            JsonObject g = new JsonObject(group, "weights manifest");
            byte[] data = joined(g.texts("paths"), folder, files);
            ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
            for (JsonObject entry : g.objects("weights")) {
                tensors.put(entry.text("name"), tensor(entry, buffer));
            }
            if (buffer.hasRemaining()) {
                throw new ModelFormatException("weights manifest: " + buffer.remaining() + " bytes of "
                        + g.texts("paths") + " belong to no tensor");
            }
        }
    }

    /** Returns the files that a manifest names, within the manifest's folder. */
    static List<String> shards(JsonNode manifest) {
        List<String> paths = new ArrayList<>();
        for (JsonNode group : manifest) {
            paths.addAll(new JsonObject(group, "weights manifest").texts("paths"));
        }
        return paths;
    }

    private static byte[] joined(List<String> paths, String folder, Map<String, byte[]> files) {
        int total = 0;
        for (String path : paths) {
            byte[] part = files.get(folder + path);
            if (part == null) {
                throw new ModelFormatException("weights manifest: file '" + folder + path + "' is missing");
            }
            total = Math.addExact(total, part.length);
        }
        ByteBuffer all = ByteBuffer.allocate(total);
        paths.forEach(path -> all.put(files.get(folder + path)));
        return all.array();
    }

    private static Tensor tensor(JsonObject entry, ByteBuffer data) {
        List<Float> shape = entry.floats("shape");
        int[] dims = shape.stream().mapToInt(Float::intValue).toArray();
        String type = entry.text("dtype");
        boolean real = type.equals("float32");
        entry.check(real || type.equals("int32"), "dtype", "'" + type + "' is not supported (float32, int32 are)");
        JsonObject quantisation = entry.has("quantization") ? entry.object("quantization") : null;
        String stored = quantisation == null ? type : quantisation.text("dtype");
        int bytes = switch (stored) {
            case "float32", "int32" -> 4;
            case "uint16" -> 2;
            case "uint8" -> 1;
            default -> throw new ModelFormatException(
                    "weight '" + entry.text("name") + "': stored type '" + stored + "' is not supported");
        };
        long count = Tensor.count(shape.stream().mapToLong(Float::longValue).toArray(), Integer.MAX_VALUE);
        entry.check(count >= 0 && count * bytes <= data.remaining(), "shape",
                "needs " + count + " values for '" + entry.text("name") + "', the shards hold " + data.remaining()
                        + " more bytes");
        double scale = quantisation == null ? 1 : quantisation.number("scale");
        double min = quantisation == null ? 0 : quantisation.number("min");
        float[] floats = real ? new float[(int) count] : null;
        long[] ints = real ? null : new long[(int) count];
        for (int i = 0; i < count; i++) {
            double value = switch (stored) {
                case "float32" -> data.getFloat();
                case "int32" -> data.getInt();
                case "uint16" -> Short.toUnsignedInt(data.getShort()) * scale + min;
                default -> Byte.toUnsignedInt(data.get()) * scale + min;
            };
            if (real) {
                floats[i] = (float) value;
            } else {
                ints[i] = Math.round(value);
            }
        }
        return new Tensor(dims, floats, ints);
    }

    Set<String> names() {
        return tensors.keySet();
    }

    /** Returns a tensor, or null. */
    Tensor find(String name) {
        return tensors.get(name);
    }

    /** Returns a float tensor with exactly these dims; -1 stands for any size. */
    Tensor get(String name, int... dims) {
        Tensor t = tensors.get(name);
        boolean fits = t != null && t.isFloat() && t.rank() == dims.length;
        for (int i = 0; fits && i < dims.length; i++) {
            fits = dims[i] == -1 || dims[i] == t.dims()[i];
        }
        if (!fits) {
            throw new ModelFormatException("weight '" + name + "' of shape " + java.util.Arrays.toString(dims)
                    + " is needed, the file has " + (t == null ? "none" : t.shape()));
        }
        return t;
    }
}
