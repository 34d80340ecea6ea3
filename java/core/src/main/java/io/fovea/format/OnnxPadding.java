package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.Arrays;

/** Reads Pad, and ConvTranspose as a convolution over a map with zeros between its positions. */
final class OnnxPadding {
    private OnnxPadding() {
    }

    static void pad(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        String x = g.map(node, 0);
        Tensor pads = g.constant(node, 1);
        Tensor value = g.constant(node, 2);
        need(g.constant(node, 3) == null, "axes are not supported");
        need(pads != null && !pads.isFloat() && pads.size() == 8, "pads must be eight integers");
        long[] p = pads.ints();
        need(p[0] == 0 && p[1] == 0 && p[4] == 0 && p[5] == 0, "pads batch or channels");
        String mode = a.text("mode", "constant");
        need(!mode.equals("constant") || value == null || value.size() == 0 || value.at(0) == 0,
                "padding with " + (value == null ? 0 : value.at(0)) + " is not supported (with 0 is)");
        Op.Pad.Fill fill = switch (mode) {
            case "constant" -> Op.Pad.Fill.ZERO;
            case "edge" -> Op.Pad.Fill.EDGE;
            case "reflect" -> Op.Pad.Fill.REFLECT;
            default -> throw new ModelFormatException("mode '" + mode + "' is not supported");
        };
        long[] sides = {p[2], p[3], p[6], p[7]};
        need(Arrays.stream(sides).allMatch(v -> v <= 1 << 14 && v >= -(1 << 14)), "pads are out of range");
        if (Arrays.stream(sides).anyMatch(v -> v < 0)) {
            need(Arrays.stream(sides).allMatch(v -> v <= 0), "pads of both signs are not supported");
            Shape s = g.builder().shape(x);
            g.emit(node, name, new Op.Crop((int) -p[2], (int) -p[3], (int) (s.height() + p[2] + p[6]),
                    (int) (s.width() + p[3] + p[7]), 1, 1), false, x);
            return;
        }
        g.emit(node, name, new Op.Pad((int) p[2], (int) p[3], (int) p[6], (int) p[7], fill), false, x);
    }

    static void transposed(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        String x = g.map(node, 0);
        Tensor w = g.weights(node, 1);
        Shape in = g.builder().shape(x);
        int groups = (int) a.integer("group", 1);
        need(w.rank() == 4 && w.size() > 0 && groups >= 1 && w.dims()[0] == in.channels()
                && in.channels() % groups == 0, "weights of shape " + w.shape() + " do not fit " + in);
        int[] kernel = {w.dims()[2], w.dims()[3]};
        int[] stride = a.integers("strides", 1, 1);
        int[] dilation = a.integers("dilations", 1, 1);
        int[] pads = a.integers("pads", 0, 0, 0, 0).clone();
        int[] extra = a.integers("output_padding", 0, 0);
        String auto = a.text("auto_pad", "NOTSET");
        need(stride[0] > 0 && stride[1] > 0 && dilation[0] > 0 && dilation[1] > 0 && kernel[0] < 256
                && kernel[1] < 256 && dilation[0] < 256 && dilation[1] < 256, "strides, dilations or kernel");
        need(auto.equals("NOTSET") || auto.equals("VALID") && !a.has("pads"), "auto_pad " + auto
                + " is not supported; export explicit pads");
        if (a.has("output_shape")) {
            int[] wanted = a.integers("output_shape", 0, 0);
            int[] size = {in.height(), in.width()};
            for (int i = 0; i < 2; i++) {
                int total = stride[i] * (size[i] - 1) + extra[i] + (kernel[i] - 1) * dilation[i] + 1 - wanted[i];
                need(total >= 0, "output_shape " + Arrays.toString(wanted) + " needs negative padding");
                pads[i] = total / 2;
                pads[i + 2] = total - total / 2;
            }
        }
        int outGroup = w.dims()[1];
        int inGroup = in.channels() / groups;
        int taps = kernel[0] * kernel[1];
        boolean spreads = groups == in.channels() && outGroup == 1 && taps == 1 && allOnes(w.floats())
                && g.optional(node, 2) == null && Arrays.stream(pads).sum() == 0 && extra[0] + extra[1] == 0;
        Op.Spread spread = new Op.Spread(stride[0], stride[1]);
        if (spreads) {
            g.emit(node, name, spread, false, x);
            return;
        }
        int[] reach = {(kernel[0] - 1) * dilation[0], (kernel[1] - 1) * dilation[1]};
        need(reach[0] >= pads[0] && reach[1] >= pads[1] && reach[0] + extra[0] >= pads[2]
                && reach[1] + extra[1] >= pads[3], "pads are larger than the kernel's reach");
        Window window = new Window(kernel[0], kernel[1], 1, 1, reach[0] - pads[0], reach[1] - pads[1],
                reach[0] - pads[2] + extra[0], reach[1] - pads[3] + extra[1], dilation[0], dilation[1]);
        float[] weights = new float[w.size()];
        for (int i = 0; i < weights.length; i++) {
            int tap = i % taps;
            int c = i / taps % inGroup;
            int o = i / (taps * inGroup);
            int group = o / outGroup;
            int from = ((group * inGroup + c) * outGroup + o % outGroup) * taps + taps - 1 - tap;
            weights[i] = w.floats()[from];
        }
        g.derive(weights.length);
        float[] bias = g.optional(node, 2) == null ? new float[outGroup * groups] : g.weights(node, 2).floats();
        boolean plain = stride[0] == 1 && stride[1] == 1;
        String wide = plain ? x : g.add(name + "/spread", spread, node.getOutput(0) + "/spread", x);
        g.emit(node, name, new Op.Conv(window, groups, outGroup * groups, weights, bias, Activation.NONE), false, wide);
    }

    private static boolean allOnes(float[] values) {
        for (float v : values) {
            if (v != 1f) {
                return false;
            }
        }
        return true;
    }
}
