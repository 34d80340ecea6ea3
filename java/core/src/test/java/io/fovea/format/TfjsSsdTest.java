package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.graph.Activation;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Window;
import io.fovea.image.Resize;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TfjsSsdTest {
    private static final List<String> CLASSES = List.of("background", "a", "b");

    private static Model read(Map<String, byte[]> files) {
        return TfjsSsd.read("mini", "MIT", "dir/model.json", files, CLASSES, new NmsSpec(0.01f, 0.6f, 0, 100));
    }

    @Test
    void theNetIsConvolutionsAndRows() {
        Model model = read(new MiniTfjs().files());
        assertEquals(List.of("Conv", "block", "Head/loc", "boxrows", "boxes", "Head/cls", "scorerows", "scores"),
                model.graph().nodes().stream().map(Node::name).map(n -> n.replace("Net/", "")).toList());
        Op.Conv first = (Op.Conv) model.graph().nodes().get(0).op();
        // An even size with stride 2: SAME pads only at the end.
        assertEquals(new Window(3, 3, 2, 2, 0, 0, 1, 1, 1, 1), first.window());
        assertEquals(Activation.RELU6, first.activation());
        Node block = model.graph().nodes().get(1);
        assertEquals(2, block.inputs().size());
        assertTrue(((Op.Conv) block.op()).isDepthwise());
        assertEquals(List.of("boxes", "scores"), model.graph().outputs());
    }

    /** The folded weights against batch normalisation by its definition. */
    @Test
    void batchNormalisationIsFolded() {
        Op.Conv conv = (Op.Conv) read(new MiniTfjs().files()).graph().nodes().get(0).op();
        float[] hwio = OnnxRuntime.noise("Net/Conv/weights".hashCode(), 3 * 3 * 3 * 4);
        double[] gamma = {1, 1.5, 2, 128.5};
        double[] mean = {-2, 0, 73, 65535 * 0.25 - 2};
        for (int o = 0; o < 4; o++) {
            double s = gamma[o] / Math.sqrt(o + 1 + 0.001f);
            assertEquals((o + 1) / 10.0 - mean[o] * s, conv.bias()[o], 1e-6 * Math.max(1, Math.abs(mean[o] * s)));
            for (int c = 0; c < 3; c++) {
                for (int t = 0; t < 9; t++) {
                    assertEquals(hwio[(t * 3 + c) * 4 + o] * s, conv.weights()[(o * 3 + c) * 9 + t], 1e-5 * s);
                }
            }
        }
    }

    @Test
    void theSpecComesOutOfTheNodesAround() {
        DetectorSpec spec = read(new MiniTfjs().files()).spec();
        assertEquals(Resize.BILINEAR_ASYMMETRIC, spec.input().resize());
        assertEquals(List.of(127.5f, 127.5f, 127.5f), spec.input().mean());
        assertEquals(2 / 255f, spec.input().scale().get(0));
        assertEquals(new BoxCoding(BoxOrder.YXHW, 0.1f, 0.1f, 0.25f, 0.2f), spec.boxCoding());
        assertEquals(List.of(new Anchor(2f, 2f), new Anchor(4f, 4f)), spec.featureMaps().get(0).anchors());
        assertEquals(2f, spec.featureMaps().get(0).strideX());
    }

    @Test
    void shardsAreNamed() {
        assertEquals(List.of("dir/shard1", "dir/shard2"),
                TfjsSsd.shards("dir/model.json", new MiniTfjs().files().get("dir/model.json")));
    }

    @Test
    void biasAndShiftAreFolded() {
        Model model = read(new MiniTfjs().files());
        Op.Conv loc = (Op.Conv) model.graph().nodes().get(2).op();
        assertArrayEquals(OnnxRuntime.noise("locbias".hashCode(), 8), loc.bias());
        Op.Conv block = (Op.Conv) model.graph().nodes().get(1).op();
        assertArrayEquals(OnnxRuntime.noise("shift".hashCode(), 4), block.bias());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "\"op\": \"Relu6\"          | \"op\": \"Softsign\"  | node 'r1' (Softsign): operator is not supported between",
            "\"op\": \"Squeeze\"        | \"op\": \"Sque\"      | one Squeeze of a ConcatV2 is needed, the graph has 0",
            "\"op\": \"Tile\"           | \"op\": \"Tiled\"     | one Tile of constant anchors is needed",
            "\"op\": \"Unpack\"         | \"op\": \"Unpick\"    | no box coder with four constant factors",
            "U0FNRQ==                   | !!!                   | node 'd' (DepthwiseConv2dNative): attribute padding is no base64",
            "U0FNRQ==                   | RVhQTA==              | padding 'EXPL' is not supported",
            "\"align_corners\": {\"b\": false | \"align_corners\": {\"b\": true | align_corners is not supported",
            "\"2\", 2, \"1\"            | \"2\", 3, \"1\"       | attribute strides",
            "\"size\": \"8\"            | \"size\": \"9\"       | its size is not the net's input size 9x8x3",
            "\"bn\"]                    | \"r1\"]               | node 'r1' (Relu6): depends upon itself",
            "\"c1\", \"gamma\"          | \"cc\", \"gamma\"     | value 'cc' is written by no supported node",
            "\"name\": \"beta\"         | \"name\": \"betta\"   | weight 'beta' of shape [-1] is needed, the file has none",
            "\"shape\": [8]             | \"shape\": [9]        | more bytes",
            "shard2                     | shard3                | file 'dir/shard3' is missing",
            "\"uint8\"                  | \"int3\"              | weight 'gamma': stored type 'int3' is not supported",
            "\"shape\": [1, 32, 4]      | \"shape\": [1, 31, 4] | 16 bytes of [shard1, shard2] belong to no tensor",
            "{\"modelTopology\"         | [                     | dir/model.json: no valid JSON"})
    void whatIsNotUnderstoodIsNamed(String from, String to, String message) {
        Map<String, byte[]> files = new MiniTfjs().files();
        String json = new String(files.get("dir/model.json"), StandardCharsets.UTF_8);
        assertTrue(json.contains(from), from);
        files.put("dir/model.json", json.replaceFirst(java.util.regex.Pattern.quote(from),
                java.util.regex.Matcher.quoteReplacement(to)).getBytes(StandardCharsets.UTF_8));
        String found = assertThrows(ModelFormatException.class, () -> read(files)).getMessage();
        assertTrue(found.contains(message), found);
        assertEquals(1, found.lines().count(), found);
    }
}
