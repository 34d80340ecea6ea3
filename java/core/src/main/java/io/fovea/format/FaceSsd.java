package io.fovea.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds the face detector of face-api: an SSD over MobileNet V1 (Howard et al., 2017) at 512 x 512 whose weights are published without a
 * graph. Thirteen depthwise separable blocks, stride 2 in blocks 2, 4, 6 and 12, then four pairs of 1x1 and 3x3 stride 2
 * convolutions; heads of 1x1 convolutions on block 11, block 13 and the four pairs, with 3 anchors per cell on the first map and 6
 * on the others. Pixels enter as {@code x / 127.5 - 1}. Of the three score columns per anchor only the first two are kept: the
 * third is a class that the model was never used for.
 */
public final class FaceSsd {
    private static final int SIZE = 512;
    private static final int BLOCKS = 13;
    private static final Set<Integer> STRIDE_2 = Set.of(2, 4, 6, 12);
    private static final int HEADS = 6;
    private static final int PUBLISHED_CLASSES = 3;
    private static final float EPSILON = 0.001f;

    private final TfjsWeights weights;
    private final GraphBuilder builder;

    private FaceSsd(String name, TfjsWeights weights) {
        this.weights = weights;
        this.builder = new GraphBuilder(name, "image", new Shape(SIZE, SIZE, 3));
    }

    /**
     * Builds the model.
     *
     * @param name model name
     * @param licence SPDX id, or null
     * @param path path of the weights manifest within {@code files}
     * @param files contents of the manifest and of the shards beside it, by path
     * @param classes the two labels, background first
     * @param nms defaults for non-maximum suppression
     * @return the model with an optimised graph
     * @throws ModelFormatException if a weight is missing or has another shape
     */
    public static Model read(String name, String licence, String path, Map<String, byte[]> files, List<String> classes,
            NmsSpec nms) {
        JsonNode manifest = JsonFiles.tree(path, files);
        TfjsWeights weights = new TfjsWeights(manifest, JsonFiles.folder(path), files);
        Graph graph = Passes.optimise(new FaceSsd(name, weights).build(classes.size()));
        InputSpec input = new InputSpec("image", SIZE, SIZE, ColorOrder.RGB, Collections.nCopies(3, 127.5f),
                Collections.nCopies(3, 1 / 127.5f), Resize.BILINEAR_ASYMMETRIC);
        DetectorSpec spec = new DetectorSpec(name, licence, input, "boxes", "scores", classes, 0,
                ScoreActivation.SIGMOID, new BoxCoding(BoxOrder.YXHW, 0.1f, 0.1f, 0.2f, 0.2f),
                TfjsSsd.anchors(graph, weights.get("Output/extra_dim", 1, -1, 4)), nms);
        return ModelCheck.check(new Model(graph, spec));
    }

    private Graph build(int classes) {
        String x = pointwise("MobilenetV1/Conv2d_0_pointwise", 2, "image");
        List<String> maps = new ArrayList<>();
        for (int i = 1; i <= BLOCKS; i++) {
            String block = "MobilenetV1/Conv2d_" + i;
            x = depthwise(block + "_depthwise", STRIDE_2.contains(i) ? 2 : 1, x);
            x = pointwise(block + "_pointwise", 1, x);
            if (i == 11 || i == BLOCKS) {
                maps.add(x);
            }
        }
        for (int i = 0; maps.size() < HEADS; i += 2) {
            x = pointwise("Prediction/Conv2d_" + i + "_pointwise", 1, x);
            x = pointwise("Prediction/Conv2d_" + (i + 1) + "_pointwise", 2, x);
            maps.add(x);
        }
        List<String> boxes = new ArrayList<>();
        List<String> scores = new ArrayList<>();
        for (int i = 0; i < HEADS; i++) {
            String head = "Prediction/BoxPredictor_" + i;
            boxes.add(rows(head + "/BoxEncodingPredictor", 4, 4, maps.get(i)));
            scores.add(rows(head + "/ClassPredictor", PUBLISHED_CLASSES, classes, maps.get(i)));
        }
        builder.add("boxes", new Op.JoinRows(), "boxes", boxes);
        builder.add("scores", new Op.JoinRows(), "scores", scores);
        return builder.build(List.of("boxes", "scores"));
    }

    /** A convolution (not only 1x1) with its offset and ReLU6. */
    private String pointwise(String layer, int stride, String x) {
        Tensor w = weights.get(layer + "/weights", -1, -1, builder.shape(x).channels(), -1);
        float[] offset = weights.get(layer + "/convolution_bn_offset", w.dims()[3]).floats();
        Op.Conv conv = TfLayouts.conv(w, stride, 1, true, builder.shape(x));
        return builder.add(layer,
                new Op.Conv(conv.window(), 1, conv.outChannels(), conv.weights(), offset, Activation.RELU6), layer, x);
    }

    private String depthwise(String layer, int stride, String x) {
        int channels = builder.shape(x).channels();
        Tensor w = weights.get(layer + "/depthwise_weights", -1, -1, channels, 1);
        String norm = layer + "/BatchNorm/";
        String conv = builder.add(layer, TfLayouts.depthwise(w, stride, 1, true, builder.shape(x)), layer + "/conv", x);
        String scaled = builder.add(norm, OnnxOperators.normalisation(weights.get(norm + "gamma", channels).floats(),
                weights.get(norm + "beta", channels).floats(), weights.get(norm + "moving_mean", channels).floats(),
                weights.get(norm + "moving_variance", channels).floats(), EPSILON), layer + "/norm", conv);
        return builder.add(layer + "/relu6", new Op.Activate(Activation.RELU6), layer, scaled);
    }

    /** A predictor whose channels are anchors of {@code width} values each, of which the first {@code kept} stay. */
    private String rows(String layer, int width, int kept, String x) {
        Tensor w = weights.get(layer + "/weights", 1, 1, builder.shape(x).channels(), -1);
        float[] bias = weights.get(layer + "/biases", w.dims()[3]).floats();
        Op.Conv conv = TfLayouts.conv(w, 1, 1, true, builder.shape(x));
        int inputs = builder.shape(x).channels();
        int anchors = conv.outChannels() / width;
        float[] keptWeights = new float[anchors * kept * inputs];
        float[] keptBias = new float[anchors * kept];
        for (int a = 0; a < anchors; a++) {
            System.arraycopy(bias, a * width, keptBias, a * kept, kept);
            System.arraycopy(conv.weights(), a * width * inputs, keptWeights, a * kept * inputs, kept * inputs);
        }
        builder.add(layer,
                new Op.Conv(conv.window(), 1, anchors * kept, keptWeights, keptBias, Activation.NONE), layer, x);
        return builder.add(layer + "/rows", new Op.HeadRows(kept), layer + "/rows", layer);
    }
}
