package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Interpolation;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.Arrays;
import java.util.List;

/** Reads what looks at all channels or all positions at once, and what repeats values over them. */
final class OnnxReductions {
    private OnnxReductions() {
    }

    static void negate(OnnxGraph g, NodeProto node, String name) {
        OnnxValue x = g.value(node, 0);
        boolean rows = x instanceof OnnxValue.Rows;
        String value = rows ? ((OnnxValue.Rows) x).value() : g.map(node, 0);
        int channels = g.builder().shape(value).channels();
        g.derive(2L * channels);
        float[] minus = new float[channels];
        Arrays.fill(minus, -1f);
        g.emit(node, name, new Op.Affine(minus, new float[channels]), rows, value);
    }

    static void prelu(OnnxGraph g, NodeProto node, String name) {
        OnnxValue x = g.value(node, 0);
        boolean rows = x instanceof OnnxValue.Rows;
        String value = rows ? ((OnnxValue.Rows) x).value() : g.map(node, 0);
        Tensor slope = g.weights(node, 1);
        if (slope.size() == 1 && g.builder().shape(value).channels() > 1) {
            OnnxOperators.activate(g, node, name,
                    new Activation(Activation.Kind.LEAKY_RELU, slope.floats()[0], 0f));
            return;
        }
        Shape shape = g.builder().shape(value);
        boolean plain = slope.rank() == 1 && !rows && shape.width() == 1 && slope.size() == shape.channels();
        float[] each = plain ? slope.floats() : OnnxArithmetic.perChannel(g, slope, shape, rows);
        g.emit(node, name, new Op.PRelu(each), rows, value);
    }

    static void softmax(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        OnnxValue x = g.value(node, 0);
        long[] dims = OnnxShaping.dims(g, x);
        long given = a.integer("axis", g.opset() < 13 ? 1 : -1);
        long axis = given < 0 ? given + dims.length : given;
        need(axis >= 0 && axis < dims.length, "axis " + given + " is out of range");
        if (g.opset() < 13) {
            // Until opset 12 all axes from this one on were one.
            for (long i = axis; i < dims.length - 1; i++) {
                need(dims[(int) i + 1] == 1 || dims[(int) axis] == 1, "over several axes is not supported");
                axis = dims[(int) axis] == 1 ? i + 1 : axis;
            }
        }
        int width = (int) dims[(int) axis];
        Op op = new Op.Softmax(width);
        if (x instanceof OnnxValue.FeatureMap map && axis == 1) {
            g.emit(node, name, op, false, map.value());
        } else if (x instanceof OnnxValue.Rows rows && axis == 2) {
            g.emit(node, name, op, true, rows.value());
        } else if (x instanceof OnnxValue.SplitChannels split && axis == 2) {
            g.define(node, new OnnxValue.SplitChannels(g.add(name, op, node.getOutput(0), split.value()),
                    split.anchors()));
        } else if (x instanceof OnnxValue.Contiguous c && axis == dims.length - 1) {
            g.define(node, new OnnxValue.Contiguous(OnnxShaping.eachPart(g, node, 0, name, c, channels -> op), dims));
        } else {
            throw new ModelFormatException("along axis " + given + " of " + OnnxOperators.kind(x)
                    + " is not supported (along its channels is)");
        }
    }

    static void reduce(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        String x = g.map(node, 0);
        Tensor given = g.constant(node, 1);
        long[] axes = given != null ? given.ints() : a.list("axes");
        need(axes != null && axes.length > 0, "over all axes is not supported");
        long[] from = Arrays.stream(axes).map(v -> v < 0 ? v + 4 : v).sorted().toArray();
        boolean keep = a.integer("keepdims", 1) != 0;
        String type = node.getOpType();
        Shape s = g.builder().shape(x);
        if (Arrays.equals(from, new long[]{1}) && keep) {
            g.emit(node, name,
                    new Op.Reduce(Op.Reduce.Kind.valueOf(type.substring(6).toUpperCase(java.util.Locale.ROOT))),
                    false, x);
            return;
        }
        need(Arrays.equals(from, new long[]{2, 3}) && (type.equals("ReduceMean") || type.equals("ReduceMax")),
                "over axes " + Arrays.toString(axes) + (keep ? "" : " without keepdims") + " is not supported"
                        + " (over channels, and mean and maximum over height and width are)");
        Op op = type.equals("ReduceMean") ? new Op.GlobalAverage() : globalMax(s);
        if (keep) {
            g.emit(node, name, op, false, x);
        } else {
            String map = g.add(name, op, node.getOutput(0), x);
            g.define(node, new OnnxValue.Contiguous(List.of(map), new long[]{1, s.channels()}));
        }
    }

    /** Returns the maximum over a whole map. */
    static Op globalMax(Shape s) {
        return new Op.MaxPool(new Window(s.height(), s.width(), 1, 1, 0, 0, 0, 0, 1, 1));
    }

    /** Reads {@code x / |x|} over channels; a site of zeros stays zero. */
    static void normalise(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        String x = g.map(node, 0);
        long axis = a.integer("axis", -1);
        need((axis == 1 || axis == -3) && a.integer("p", 2) == 2, "is supported for p = 2 along the channels");
        String norm = g.add(name + "/norm", new Op.Reduce(Op.Reduce.Kind.L2), node.getOutput(0) + "/norm", x);
        String floor = g.add(name + "/floor", new Op.Activate(Activation.clip(1e-30f, Float.POSITIVE_INFINITY)),
                node.getOutput(0) + "/floor", norm);
        g.emit(node, name, new Op.Binary(Op.Binary.Kind.DIV), false, x, floor);
    }

    /** Reads Expand of a map along channels, or of one site to a map. */
    static void expand(OnnxGraph g, NodeProto node, String name) {
        String x = g.map(node, 0);
        Tensor target = g.constant(node, 1);
        need(target != null && target.size() <= 4, "the target must be constant and of at most four axes");
        long[] to = new long[]{1, 1, 1, 1};
        long[] wanted = TensorMath.dims(target);
        System.arraycopy(wanted, 0, to, 4 - wanted.length, wanted.length);
        Shape s = g.builder().shape(x);
        boolean channels = s.channels() == 1 && to[1] > 1;
        boolean sites = s.sites() == 1 && to[2] * to[3] > 1;
        need(to[0] == 1 && (channels || to[1] == 1 || to[1] == s.channels())
                && (sites || to[2] == 1 && to[3] == 1 || to[2] == s.height() && to[3] == s.width()),
                "of " + s + " to " + Arrays.toString(wanted) + " is not supported");
        need(to[1] <= 1 << 16 && to[2] <= 1 << 16 && to[3] <= 1 << 16, "target is out of range");
        Op repeat = channels ? new Op.SelectChannels(new int[(int) to[1]]) : new Op.Activate(Activation.NONE);
        g.derive(channels ? to[1] : 0);
        if (!sites) {
            g.emit(node, name, repeat, false, x);
            return;
        }
        String wide = channels ? g.add(name + "/channels", repeat, node.getOutput(0) + "/channels", x) : x;
        g.emit(node, name, new Op.Resize((int) to[2], (int) to[3], to[2], to[3], new Interpolation(false,
                Interpolation.Coordinates.ASYMMETRIC, Interpolation.Rounding.FLOOR)), false, wide);
    }
}
