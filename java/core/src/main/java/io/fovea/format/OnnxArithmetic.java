package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.Arrays;

/** Reads Add, Sub, Mul and Div: with a constant per channel they are affine, otherwise a residual addition or a SiLU. */
final class OnnxArithmetic {
    private OnnxArithmetic() {
    }

    static void read(OnnxGraph g, NodeProto node, String name) {
        OnnxValue a = g.value(node, 0);
        OnnxValue b = g.value(node, 1);
        need(!(a instanceof OnnxValue.Constant) || !(b instanceof OnnxValue.Constant),
                "arithmetic on two constants is not supported; fold constants when exporting");
        if (b instanceof OnnxValue.Constant c) {
            affine(g, node, name, a, c.tensor(), false);
        } else if (a instanceof OnnxValue.Constant c) {
            affine(g, node, name, b, c.tensor(), true);
        } else {
            two(g, node, name, a, b);
        }
    }

    private static void affine(OnnxGraph g, NodeProto node, String name, OnnxValue x, Tensor constant,
            boolean constantFirst) {
        boolean rows = x instanceof OnnxValue.Rows;
        String value = graphValue(x);
        float[] k = perChannel(g, constant, g.builder().shape(value), rows);
        g.derive(k.length);
        float[] other = new float[k.length];
        Op.Affine affine = switch (node.getOpType()) {
            case "Mul" -> new Op.Affine(k, other);
            case "Add" -> new Op.Affine(filled(other, 1f), k);
            case "Sub" -> constantFirst
                    ? new Op.Affine(filled(other, -1f), k)
                    : new Op.Affine(filled(other, 1f), map(k, v -> -v));
            default -> {
                need(!constantFirst, "a constant divided by a value is not supported");
                yield new Op.Affine(map(k, v -> 1 / v), other);
            }
        };
        g.emit(node, name, affine, rows, value);
    }

    private static void two(OnnxGraph g, NodeProto node, String name, OnnxValue a, OnnxValue b) {
        boolean rows = a instanceof OnnxValue.Rows;
        String x = graphValue(a);
        String y = graphValue(b);
        need(rows == b instanceof OnnxValue.Rows, "a feature map and rows cannot be combined");
        switch (node.getOpType()) {
            case "Add" -> g.emit(node, name, new Op.Add(Activation.NONE), rows, x, y);
            case "Mul" -> {
                Activation.Kind kind = gated(OnnxOperators.activationOf(g, y, x));
                if (kind != null) {
                    g.consumeGate(y);
                    g.emit(node, name, new Op.Activate(Activation.of(kind)), rows, x);
                    return;
                }
                kind = gated(OnnxOperators.activationOf(g, x, y));
                need(kind != null, "a product of two values is supported only as x * Sigmoid(x) or x * HardSigmoid(x)");
                g.consumeGate(x);
                g.emit(node, name, new Op.Activate(Activation.of(kind)), rows, y);
            }
            default -> throw new ModelFormatException("one side must be a constant");
        }
    }

    /** Returns what {@code x * gate(x)} is, or null. */
    private static Activation.Kind gated(Activation gate) {
        if (gate == null) {
            return null;
        }
        return switch (gate.kind()) {
            case SIGMOID -> Activation.Kind.SILU;
            case HARD_SIGMOID -> Math.abs(gate.alpha() - 1f / 6) < 1e-6f && gate.beta() == 0.5f
                    ? Activation.Kind.HARD_SWISH
                    : null;
            default -> null;
        };
    }

    private static String graphValue(OnnxValue value) {
        return switch (value) {
            case OnnxValue.FeatureMap map -> map.value();
            case OnnxValue.Rows rows -> rows.value();
            default -> throw new ModelFormatException("cannot be applied to " + OnnxOperators.kind(value));
        };
    }

    /** Spreads a constant over the channels; it may vary along no other axis. */
    private static float[] perChannel(OnnxGraph g, Tensor t, Shape shape, boolean rows) {
        need(t.isFloat(), "the constant is not of a float type");
        int rank = rows ? 3 : 4;
        int axis = rows ? 2 : 1;
        need(t.rank() <= rank, "the constant has shape " + t.shape());
        for (int i = 0; i < t.rank(); i++) {
            int size = t.dims()[i];
            boolean channel = i + rank - t.rank() == axis;
            need(size == 1 || channel && size == shape.channels(), "the constant of shape " + t.shape()
                    + " is neither one value nor one per channel (" + shape.channels() + ")");
        }
        if (t.size() == shape.channels()) {
            return t.floats();
        }
        g.derive(shape.channels());
        return filled(new float[shape.channels()], t.floats()[0]);
    }

    private static float[] filled(float[] values, float value) {
        Arrays.fill(values, value);
        return values;
    }

    private interface Function {
        float apply(float v);
    }

    private static float[] map(float[] values, Function f) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = f.apply(values[i]);
        }
        return out;
    }
}
