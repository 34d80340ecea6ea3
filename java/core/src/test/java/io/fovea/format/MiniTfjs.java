package io.fovea.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A TensorFlow.js graph model in miniature: 8x8 image, one convolution, one residual block, one head of two anchors per cell. */
final class MiniTfjs {
    private final List<String> nodes = new ArrayList<>();
    private final List<String> entries = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    MiniTfjs() {
        node("image_tensor", "Placeholder", "", "");
        node("resize", "ResizeBilinear", "image_tensor size", "\"align_corners\": {\"b\": false}");
        node("gather", "TensorArrayGatherV3", "resize", "\"element_shape\": {\"shape\": {\"dim\": [{\"size\": \"8\"},"
                + "{\"size\": \"8\"}, {\"size\": \"3\"}]}}");
        node("scaled", "Mul", "factor gather", "");
        node("centred", "Sub", "scaled one", "");
        node("c1", "Conv2D", "centred Net/Conv/weights", window(2, "\"s\": [83, 65, 77, 69]"));
        node("bn", "FusedBatchNorm", "c1 gamma beta mean variance", "\"epsilon\": {\"f\": 0.001}");
        node("r1", "Relu6", "bn", "");
        node("d", "DepthwiseConv2dNative", "r1 Net/block/depthwise_weights",
                window(1, "\"s\": \"" + Base64.getEncoder().encodeToString("SAME".getBytes()) + "\""));
        node("sum", "AddN", "d r1", "\"N\": {\"i\": \"2\"}");
        node("shifted", "Add", "shift sum ^control", "");
        node("loc", "Conv2D", "shifted:0 Head/loc/weights", window(1, "\"s\": \"U0FNRQ==\""));
        node("locb", "BiasAdd", "loc locbias", "");
        node("cls", "Conv2D", "shifted Head/cls/weights", window(1, "\"s\": \"U0FNRQ==\""));
        node("dim", "StridedSlice", "gather", "");
        node("locshape", "Pack", "dim cells one_i four", "");
        node("clsshape", "Pack", "dim cells three", "");
        node("boxrows", "Reshape", "locb locshape", "");
        node("scorerows", "Reshape", "cls clsshape", "");
        node("concat", "ConcatV2", "boxrows one_i", "");
        node("concat_1", "ConcatV2", "scorerows one_i", "");
        node("squeeze", "Squeeze", "concat", "");
        node("sigmoid", "Sigmoid", "concat_1", "");
        node("transposed", "Transpose", "squeeze", "");
        node("unstack", "Unpack", "transposed", "");
        node("dy", "Mul", "unstack tenth", "");
        node("dx", "Mul", "unstack:1 tenth", "");
        node("dh", "Mul", "unstack:2 fifth", "");
        node("dw", "Mul", "unstack:3 fourth", "");
        node("tile", "Tile", "anchors dim", "");
        ints("size", new int[]{2}, 8, 8);
        floats("factor", new int[0], 2 / 255f);
        floats("one", new int[0], 1f);
        noise("Net/Conv/weights", 3, 3, 3, 4);
        quantised("gamma", new int[]{4}, "uint8", 0.5, 1.0, 0, 1, 2, 255);
        floats("beta", new int[]{4}, 0.1f, 0.2f, 0.3f, 0.4f);
        quantised("mean", new int[]{4}, "uint16", 0.25, -2, 0, 8, 300, 65535);
        floats("variance", new int[]{4}, 1f, 2f, 3f, 4f);
        noise("Net/block/depthwise_weights", 3, 3, 4, 1);
        noise("shift", 4);
        noise("Head/loc/weights", 1, 1, 4, 8);
        noise("locbias", 8);
        noise("Head/cls/weights", 1, 1, 4, 6);
        for (String constant : new String[]{"cells 32", "one_i 1", "four 4", "three 3"}) {
            String[] kv = constant.split(" ");
            ints(kv[0], new int[0], Integer.parseInt(kv[1]));
        }
        floats("tenth", new int[0], 0.1f);
        floats("fifth", new int[0], 0.2f);
        floats("fourth", new int[0], 0.25f);
        float[] anchors = new float[32 * 4];
        for (int i = 0; i < 32; i++) {
            float y = (i / 8 + 0.5f) / 4;
            float x = (i / 2 % 4 + 0.5f) / 4;
            float half = i % 2 == 0 ? 0.125f : 0.25f;
            anchors[4 * i] = y - half;
            anchors[4 * i + 1] = x - half;
            anchors[4 * i + 2] = y + half;
            anchors[4 * i + 3] = x + half;
        }
        floats("anchors", new int[]{1, 32, 4}, anchors);
    }

    private static String window(int stride, String padding) {
        return String.format("\"strides\": {\"list\": {\"i\": [\"1\", \"%d\", %d, \"1\"]}}, \"padding\": {%s}", stride,
                stride, padding);
    }

    private void node(String name, String op, String inputs, String attributes) {
        String quoted = inputs.isEmpty() ? "" : "\"" + inputs.replace(" ", "\", \"") + "\"";
        nodes.add("{\"name\": \"" + name + "\", \"op\": \"" + op + "\", \"input\": [" + quoted + "], \"attr\": {"
                + attributes + "}}");
    }

    private void entry(String name, int[] dims, String type, String more) {
        entries.add(String.format("{\"name\": \"%s\", \"shape\": %s, \"dtype\": \"%s\"%s}", name,
                java.util.Arrays.toString(dims), type, more));
    }

    private void noise(String name, int... dims) {
        int n = 1;
        for (int d : dims) {
            n *= d;
        }
        floats(name, dims, OnnxRuntime.noise(name.hashCode(), n));
    }

    private void floats(String name, int[] dims, float... values) {
        entry(name, dims, "float32", "");
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        data.writeBytes(bytes.array());
    }

    private void ints(String name, int[] dims, int... values) {
        entry(name, dims, "int32", "");
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        data.writeBytes(bytes.array());
    }

    private void quantised(String name, int[] dims, String type, double scale, double min, int... values) {
        entry(name, dims, "float32", String.format(Locale.ROOT,
                ", \"quantization\": {\"dtype\": \"%s\", \"scale\": %s, \"min\": %s}", type, scale, min));
        for (int v : values) {
            data.write(v);
            if (type.equals("uint16")) {
                data.write(v >> 8);
            }
        }
    }

    /** Returns the model's files; its weights lie in two shards that are cut in the middle of a value. */
    Map<String, byte[]> files() {
        byte[] all = data.toByteArray();
        String json = "{\"modelTopology\": {\"node\": [" + String.join(",\n", nodes)
                + "]},\n\"weightsManifest\": [{\"paths\": [\"shard1\", \"shard2\"], \"weights\": ["
                + String.join(",\n", entries) + "]}]}";
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("dir/model.json", json.getBytes());
        files.put("dir/shard1", java.util.Arrays.copyOf(all, 101));
        files.put("dir/shard2", java.util.Arrays.copyOfRange(all, 101, all.length));
        return files;
    }
}
