package io.fovea.format;

import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.GraphException;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Converts the part of a TensorFlow graph that a value depends upon, back to the resized image. The image's own constant scale and shift
 * do not become nodes but {@link #inputScale} and {@link #inputShift}.
 */
final class TfjsNet {
    /** Name of the input value of the graph that is built. */
    static final String INPUT = "image";

    private final Map<String, TfjsNode> nodes;
    private final TfjsWeights weights;
    private final String name;
    /** Value name in our graph by TensorFlow name. */
    private final Map<String, String> known = new HashMap<>();
    /** TensorFlow names that are the image times a factor plus a shift. */
    private final Map<String, double[]> image = new HashMap<>();
    private GraphBuilder builder;
    private double[] normalisation;

    TfjsNet(String name, Map<String, TfjsNode> nodes, TfjsWeights weights) {
        this.name = name;
        this.nodes = nodes;
        this.weights = weights;
    }

    double inputScale() {
        return normalisation[0];
    }

    double inputShift() {
        return normalisation[1];
    }

    Graph build(List<String> outputs) {
        return builder.build(outputs);
    }

    /** Converts everything that a TensorFlow value needs and returns the name of our value. */
    String value(String wanted) {
        Deque<String> open = new ArrayDeque<>(List.of(wanted));
        Set<String> entered = new HashSet<>();
        while (!open.isEmpty()) {
            String next = open.peek();
            if (known.containsKey(next) || image.containsKey(next)) {
                open.pop();
                continue;
            }
            TfjsNode node = nodes.get(next);
            if (node == null) {
                throw new ModelFormatException("value '" + next + "' is written by no supported node");
            }
            List<String> missing = data(node).stream().filter(v -> !known.containsKey(v) && !image.containsKey(v))
                    .toList();
            if (missing.isEmpty()) {
                open.pop();
                try {
                    convert(node);
                } catch (GraphException e) {
                    throw new ModelFormatException(e.getMessage(), e);
                }
            } else if (entered.add(next)) {
                missing.reversed().forEach(open::push);
            } else {
                throw node.failure("depends upon itself");
            }
        }
        return mapped(wanted);
    }

    /** Returns the inputs that are computed, in order. */
    private List<String> data(TfjsNode node) {
        return switch (node.op()) {
            case "TensorArrayGatherV3" -> List.of();
            case "Reshape", "Conv2D", "DepthwiseConv2dNative", "FusedBatchNorm", "FusedBatchNormV2",
                    "FusedBatchNormV3" ->
                List.of(node.input(0));
            default -> node.inputs().stream().filter(v -> weights.find(v) == null).toList();
        };
    }

    private void convert(TfjsNode node) {
        switch (node.op()) {
            case "TensorArrayGatherV3" -> image(node);
            case "Mul", "Sub", "Add", "AddV2", "AddN", "BiasAdd" -> arithmetic(node);
            case "Conv2D", "DepthwiseConv2dNative" -> convolution(node);
            case "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3" -> {
                Op.Affine affine = OnnxOperators.normalisation(weights.get(node.input(1), -1).floats(),
                        weights.get(node.input(2), -1).floats(), weights.get(node.input(3), -1).floats(),
                        weights.get(node.input(4), -1).floats(), node.real("epsilon", 1e-4f));
                emit(node, node.name(), affine);
            }
            case "Relu" -> emit(node, node.name(), new Op.Activate(Activation.RELU));
            case "Relu6" -> emit(node, node.name(), new Op.Activate(Activation.RELU6));
            case "Identity" -> emit(node, node.name(), new Op.Activate(Activation.NONE));
            case "Reshape" -> emit(node, node.name(), new Op.HeadRows(rowWidth(node)));
            case "ConcatV2" -> emit(node, node.name(), new Op.JoinRows());
            default -> throw node.failure("operator is not supported between the image and the head's outputs");
        }
    }

    /** The resized images of a batch, gathered: the input of the net. */
    private void image(TfjsNode node) {
        int[] shape = node.shape("element_shape");
        if (shape.length != 3 || shape[2] != 3) {
            throw node.failure("is no image of fixed size with 3 channels");
        }
        if (builder != null) {
            throw node.failure("is a second image");
        }
        builder = new GraphBuilder(name, INPUT, new Shape(shape[0], shape[1], shape[2]));
        image.put(node.name(), new double[]{1, 0});
    }

    private void arithmetic(TfjsNode node) {
        List<String> data = data(node);
        if (data.size() == 1 && node.inputs().size() == 2) {
            boolean constantFirst = weights.find(node.input(0)) != null;
            Tensor k = weights.find(node.input(constantFirst ? 0 : 1));
            if (node.op().equals("Sub") && constantFirst) {
                throw node.failure("a constant minus a value is not supported");
            }
            if (image.containsKey(data.get(0)) && k.isFloat() && k.size() == 1) {
                image.put(node.name(), affineImage(image.get(data.get(0)), node.op(), k.floats()[0]));
            } else {
                emit(node, node.name(), affine(node, k, builder.shape(mapped(data.get(0))).channels()));
            }
        } else if (data.size() == 2 && node.inputs().size() == 2 && node.op().startsWith("Add")) {
            emit(node, node.name(), new Op.Add(Activation.NONE));
        } else {
            throw node.failure("is supported with one constant, or as the sum of two values");
        }
    }

    private static double[] affineImage(double[] x, String op, float k) {
        return switch (op) {
            case "Mul" -> new double[]{x[0] * k, x[1] * k};
            case "Sub" -> new double[]{x[0], x[1] - k};
            default -> new double[]{x[0], x[1] + k};
        };
    }

    private Op.Affine affine(TfjsNode node, Tensor k, int channels) {
        if (!k.isFloat() || k.size() != 1 && (k.size() != channels || k.dims()[k.rank() - 1] != channels)) {
            throw node.failure("its constant of shape " + k.shape() + " is neither one value nor one per channel");
        }
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        for (int c = 0; c < channels; c++) {
            float v = k.floats()[k.size() == 1 ? 0 : c];
            scale[c] = node.op().equals("Mul") ? v : 1f;
            shift[c] = switch (node.op()) {
                case "Mul" -> 0f;
                case "Sub" -> -v;
                default -> v;
            };
        }
        return new Op.Affine(scale, shift);
    }

    private void convolution(TfjsNode node) {
        Tensor w = weights.get(node.input(1), -1, -1, -1, -1);
        Shape in = builder.shape(mapped(node.input(0)));
        int stride = node.spatial("strides");
        int dilation = node.spatial("dilations");
        boolean same = node.isSame();
        emit(node, shortName(node.input(1)), node.op().equals("Conv2D")
                ? TfLayouts.conv(w, stride, dilation, same, in)
                : TfLayouts.depthwise(w, stride, dilation, same, in));
    }

    /** Names a layer after its weights: {@code expanded_conv_1/expand} rather than what graph rewriting left of it. */
    private static String shortName(String weights) {
        String layer = weights.substring(0, Math.max(0, weights.lastIndexOf('/')));
        return layer.replaceFirst("^FeatureExtractor/[^/]*/", "").replaceFirst("/Conv2D$", "");
    }

    /** The last size of a head's Reshape, a constant that is packed behind the batch size. */
    private int rowWidth(TfjsNode node) {
        TfjsNode pack = nodes.get(node.input(1));
        Tensor last = pack == null || !pack.op().equals("Pack") ? null : weights.find(pack.inputs().getLast());
        if (last == null || last.isFloat() || last.size() != 1 || last.ints()[0] < 1 || last.ints()[0] > 1 << 16) {
            throw node.failure("its shape does not end in a constant");
        }
        return (int) last.ints()[0];
    }

    private void emit(TfjsNode node, String layer, Op op) {
        List<String> inputs = data(node).stream().map(this::mapped).toList();
        known.put(node.name(), builder.add(layer, op, node.name(), inputs));
    }

    /** Returns our value for a converted TensorFlow value; the first use of the normalised image fixes the normalisation. */
    private String mapped(String value) {
        double[] affine = image.get(value);
        if (affine == null) {
            return known.get(value);
        }
        if (normalisation != null && normalisation != affine) {
            throw new ModelFormatException("the net reads the image '" + value + "' and an otherwise normalised one");
        }
        normalisation = affine;
        return INPUT;
    }
}
