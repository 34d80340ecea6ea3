package io.fovea.format;

import io.fovea.image.ColorOrder;
import io.fovea.image.InputEncoder;
import io.fovea.image.Resize;
import java.util.List;

/**
 * What a detector's weights do not say: how its input is made from a photo and how its raw outputs become boxes. Kept as JSON
 * in the ONNX file's {@code metadata_props} (key {@link #METADATA_KEY}) or in a file beside it.
 *
 * @param name model name
 * @param licence licence of the weights as an SPDX id, or null when unknown
 * @param input how the input tensor is made
 * @param boxesOutput name of the output {@code [1, N, 4]} with encoded boxes
 * @param scoresOutput name of the output {@code [1, N, classes]} with raw scores
 * @param classes one label per score column, the background included
 * @param backgroundIndex column of the background class, or -1 when there is none
 * @param scoreActivation what turns raw scores into scores
 * @param boxCoding how a row of the boxes output is decoded
 * @param featureMaps anchors per feature map, in the order of the output rows
 * @param nms thresholds for non-maximum suppression
 */
public record DetectorSpec(String name, String licence, InputSpec input, String boxesOutput, String scoresOutput,
        List<String> classes, int backgroundIndex, ScoreActivation scoreActivation, BoxCoding boxCoding,
        List<FeatureMap> featureMaps, NmsSpec nms) {

    /** Key of the spec in {@code metadata_props}. */
    public static final String METADATA_KEY = "fovea.detector";

    public DetectorSpec {
        classes = List.copyOf(classes);
        featureMaps = List.copyOf(featureMaps);
        check(!classes.isEmpty(), "classes: at least one label is needed");
        check(backgroundIndex >= -1 && backgroundIndex < classes.size(),
                "backgroundIndex: " + backgroundIndex + " is no column of " + classes.size() + " classes");
        check(scoreActivation != ScoreActivation.SIGMOID_OBJECTNESS || backgroundIndex >= 0,
                "backgroundIndex: sigmoid_objectness needs the column of the objectness");
        check(!featureMaps.isEmpty(), "featureMaps: at least one map is needed");
        check(featureMaps.stream().mapToLong(FeatureMap::rows).sum() <= 1 << 26, "featureMaps: too many anchors");
    }

    /** Returns the number of output rows, the anchors of all maps. */
    public int rows() {
        return featureMaps.stream().mapToInt(FeatureMap::rows).sum();
    }

    /** Returns the spec with another head: other classes, another background column, other anchors. */
    public DetectorSpec withHead(List<String> nextClasses, int nextBackground, List<FeatureMap> nextMaps) {
        return new DetectorSpec(name, licence, input, boxesOutput, scoresOutput, nextClasses, nextBackground,
                scoreActivation, boxCoding, nextMaps, nms);
    }

    static void check(boolean condition, String message) {
        if (!condition) {
            throw new ModelFormatException("detector spec: " + message);
        }
    }

    /** What turns a row of raw scores into scores in [0, 1]. */
    public enum ScoreActivation {
        /** The outputs are scores already. */
        NONE,
        /** Each class by itself. */
        SIGMOID,
        /** Over all classes of a row, the background included. */
        SOFTMAX,
        /** Each class by itself, times the sigmoid of the background's column, which holds the objectness (YOLO). */
        SIGMOID_OBJECTNESS
    }

    /** Order of the four values of an encoded box. */
    public enum BoxOrder {
        /** dx, dy, dw, dh (Caffe, torchvision). */
        XYWH,
        /** dy, dx, dh, dw (TensorFlow Object Detection API). */
        YXHW
    }

    /**
     * How the input tensor is made: the photo is stretched to {@code width x height}, then {@code (pixel - mean) * scale} with
     * pixels in 0..255.
     *
     * @param name name of the graph's input
     * @param width pixels, at least 1
     * @param height pixels, at least 1
     * @param colorOrder channel order
     * @param mean one value per channel in that order
     * @param scale one value per channel in that order
     * @param resize interpolation
     */
    public record InputSpec(String name, int width, int height, ColorOrder colorOrder, List<Float> mean,
            List<Float> scale, Resize resize) {
        public InputSpec {
            mean = List.copyOf(mean);
            scale = List.copyOf(scale);
            check(width >= 1 && height >= 1 && width <= 1 << 14 && height <= 1 << 14,
                    "input: size " + width + "x" + height + " is not within 1..16384");
            check(mean.size() == 3 && scale.size() == 3, "input: mean and scale need three values each");
        }

        /** Returns what makes the input from a photo. */
        public InputEncoder encoder() {
            return encoder(width, height);
        }

        /** Returns what makes an input of another size from a photo by the same rules. */
        public InputEncoder encoder(int otherWidth, int otherHeight) {
            return new InputEncoder(otherWidth, otherHeight, resize, colorOrder,
                    new float[]{mean.get(0), mean.get(1), mean.get(2)},
                    new float[]{scale.get(0), scale.get(1), scale.get(2)});
        }
    }

    /** How four raw values become a box. {@code a} is the anchor, {@code v} the variances, {@code s} the sigmoid. */
    public enum BoxCode {
        /** Centre {@code a + v * d * size of a}, size {@code size of a * exp(v * d)} (Liu et al., SSD, ECCV 2016). */
        CENTER_SIZE,
        /** Centre {@code cell + s(d) * stride}, size {@code size of a * exp(d)} (Redmon and Farhadi, YOLOv3). */
        YOLO_V3,
        /** Centre {@code cell + (2 s(d) - 1/2) * stride}, size {@code size of a * (2 s(d))^2} (YOLOv5). */
        YOLO_V5
    }

    /**
     * How a row of the boxes output is decoded. TensorFlow's scale factors are the inverse variances. For the YOLO codes the anchors'
     * centres are the middles of the cells (offset 0.5).
     *
     * @param order order of the four values
     * @param varianceX factor of dx
     * @param varianceY factor of dy
     * @param varianceW factor of dw
     * @param varianceH factor of dh
     * @param code what is computed
     * @param clamp largest {@code v * dw} and {@code v * dh} that go into the exponential; infinite for none
     */
    public record BoxCoding(BoxOrder order, float varianceX, float varianceY, float varianceW, float varianceH,
            BoxCode code, float clamp) {

        /** Makes the SSD code without a clamp. */
        public BoxCoding(BoxOrder order, float varianceX, float varianceY, float varianceW, float varianceH) {
            this(order, varianceX, varianceY, varianceW, varianceH, BoxCode.CENTER_SIZE, Float.POSITIVE_INFINITY);
        }
    }

    /**
     * Anchors of one feature map. Cell (y, x) has its centre at {@code ((x + offset) * strideX, (y + offset) * strideY)} in input
     * pixels; output rows run over y, then x, then the anchors.
     *
     * @param height rows of cells
     * @param width columns of cells
     * @param strideX input pixels per cell
     * @param strideY input pixels per cell
     * @param offset centre within a cell, 0.5 for its middle
     * @param anchors the shapes at every cell; may be empty (a level that pruning emptied)
     */
    public record FeatureMap(int height, int width, float strideX, float strideY, float offset, List<Anchor> anchors) {
        public FeatureMap {
            anchors = List.copyOf(anchors);
            check(height >= 1 && width >= 1 && (long) height * width <= 1 << 24,
                    "featureMaps: size " + height + "x" + width);
        }

        /** Returns the number of output rows of this map. */
        public int rows() {
            return Math.multiplyExact(height * width, anchors.size());
        }
    }

    /**
     * An anchor (prior box) shape.
     *
     * @param width input pixels
     * @param height input pixels
     */
    public record Anchor(float width, float height) {}

    /**
     * Defaults of non-maximum suppression.
     *
     * @param scoreThreshold rows at or below it are dropped before decoding
     * @param iouThreshold boxes of one class overlapping a better one by more are dropped
     * @param maxPerClass candidates per class that enter suppression, 0 for all
     * @param maxDetections detections kept per photo
     */
    public record NmsSpec(float scoreThreshold, float iouThreshold, int maxPerClass, int maxDetections) {}
}
