package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.Arrays;

/**
 * Reads Add, Sub, Mul, Div, Min, Max and Pow: with a constant per channel they are affine or an activation, otherwise a residual
 * addition, a SiLU or its kin, or two maps combined, one of which may be repeated.
 */
final class OnnxArithmetic {
    private OnnxArithmetic() {
    }

    static void read(OnnxGraph g, NodeProto node, String name) {
        OnnxValue a = g.value(node, 0);
        OnnxValue b = g.value(node, 1);
        need(!(a instanceof OnnxValue.Constant) || !(b instanceof OnnxValue.Constant),
                "arithmetic on these constants is not supported");
        if (b instanceof OnnxValue.Constant c) {
            constant(g, node, name, a, c.tensor(), false);
        } else if (a instanceof OnnxValue.Constant c) {
            constant(g, node, name, b, c.tensor(), true);
        } else {
            two(g, node, name, a, b);
        }
    }

    /** Reads Sum: two or more values of one shape. */
    static void sum(OnnxGraph g, NodeProto node, String name) {
        String x = g.map(node, 0);
        int last = node.getInputCount() - 1;
        need(last > 0 && last < 64, "has " + (last + 1) + " inputs");
        for (int i = 1; i < last; i++) {
            x = g.add(name + "/" + i, new Op.Add(Activation.NONE), node.getOutput(0) + "/" + i, x, g.map(node, i));
        }
        g.emit(node, name, new Op.Add(Activation.NONE), false, x, g.map(node, last));
    }

    private static void constant(OnnxGraph g, NodeProto node, String name, OnnxValue x, Tensor c,
            boolean constantFirst) {
        String type = node.getOpType();
        if (type.equals("Pow") || type.equals("Min") || type.equals("Max")) {
            need(c.size() == 1, "a constant of shape " + c.shape() + " is not supported (one number is)");
            need(!type.equals("Pow") || !constantFirst, "a constant to the power of a map is not supported");
            float k = (float) c.at(0);
            OnnxOperators.activate(g, node, name, switch (type) {
                case "Min" -> Activation.clip(Float.NEGATIVE_INFINITY, k);
                case "Max" -> Activation.clip(k, Float.POSITIVE_INFINITY);
                default -> new Activation(Activation.Kind.POWER, k, 0);
            });
        } else if (x instanceof OnnxValue.Contiguous values && c.size() == 1) {
            need(!constantFirst || !type.equals("Div"), "a constant divided by such values is not supported");
            g.define(node, new OnnxValue.Contiguous(OnnxShaping.eachPart(g, node, 0, name, values, channels -> {
                g.derive(2L * channels);
                return affine(type, filled(new float[channels], (float) c.at(0)), constantFirst);
            }), values.dims()));
        } else if (type.equals("Div") && constantFirst) {
            String inverse = g.add(name + "/reciprocal", new Op.Activate(new Activation(Activation.Kind.POWER, -1, 0)),
                    node.getOutput(0) + "/reciprocal", graphValue(x));
            boolean rows = x instanceof OnnxValue.Rows;
            float[] k = perChannel(g, c, g.builder().shape(inverse), rows);
            g.emit(node, name, new Op.Affine(k, new float[k.length]), rows, inverse);
        } else {
            affine(g, node, name, x, c, constantFirst);
        }
    }

    private static void affine(OnnxGraph g, NodeProto node, String name, OnnxValue x, Tensor constant,
            boolean constantFirst) {
        boolean rows = x instanceof OnnxValue.Rows;
        String value = graphValue(x);
        float[] k = perChannel(g, constant, g.builder().shape(value), rows);
        g.derive(k.length);
        g.emit(node, name, affine(node.getOpType(), k, constantFirst), rows, value);
    }

    private static Op.Affine affine(String type, float[] k, boolean constantFirst) {
        float[] other = new float[k.length];
        return switch (type) {
            case "Mul" -> new Op.Affine(k, other);
            case "Add" -> new Op.Affine(filled(other, 1f), k);
            case "Sub" -> constantFirst
                    ? new Op.Affine(filled(other, -1f), k)
                    : new Op.Affine(filled(other, 1f), map(k, v -> -v));
            default -> new Op.Affine(map(k, v -> 1 / v), other);
        };
    }

    private static void two(OnnxGraph g, NodeProto node, String name, OnnxValue a, OnnxValue b) {
        boolean rows = a instanceof OnnxValue.Rows;
        String x = graphValue(a);
        String y = graphValue(b);
        need(rows == b instanceof OnnxValue.Rows, "a feature map and rows cannot be combined");
        if (node.getOpType().equals("Mul")) {
            Activation.Kind kind = gated(g, y, x);
            if (kind != null) {
                g.consumeGate(y);
                g.emit(node, name, new Op.Activate(Activation.of(kind)), rows, x);
                return;
            }
            kind = gated(g, x, y);
            if (kind != null) {
                g.consumeGate(x);
                g.emit(node, name, new Op.Activate(Activation.of(kind)), rows, y);
                return;
            }
        }
        Shape first = g.builder().shape(x);
        Shape second = g.builder().shape(y);
        Op.Binary.Kind kind = switch (node.getOpType()) {
            case "Add" -> Op.Binary.Kind.ADD;
            case "Sub" -> Op.Binary.Kind.SUB;
            case "Mul" -> Op.Binary.Kind.MUL;
            case "Div" -> Op.Binary.Kind.DIV;
            case "Min" -> Op.Binary.Kind.MIN;
            case "Max" -> Op.Binary.Kind.MAX;
            default -> throw new ModelFormatException("one side must be a constant");
        };
        if (kind == Op.Binary.Kind.ADD && first.equals(second)) {
            g.emit(node, name, new Op.Add(Activation.NONE), rows, x, y);
        } else if (first.values() >= second.values()) {
            g.emit(node, name, new Op.Binary(kind), rows, x, y);
        } else {
            g.emit(node, name, new Op.Binary(kind.exchanged()), rows, y, x);
        }
    }

    /** Returns what {@code x * gate(x)} is, or null. */
    private static Activation.Kind gated(OnnxGraph g, String gateValue, String x) {
        Activation gate = OnnxOperators.activationOf(g, gateValue, x);
        Node tanh = g.builder().writer(gateValue);
        if (gate == null && tanh != null && tanh.op() instanceof Op.Activate t
                && t.activation().kind() == Activation.Kind.TANH) {
            Activation inner = OnnxOperators.activationOf(g, tanh.inputs().get(0), x);
            if (inner != null && inner.kind() == Activation.Kind.SOFTPLUS) {
                g.consumeGate(tanh.inputs().get(0));
                return Activation.Kind.MISH;
            }
        }
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
    static float[] perChannel(OnnxGraph g, Tensor t, Shape shape, boolean rows) {
        int rank = rows ? 3 : 4;
        int axis = rows ? 2 : 1;
        need(t.rank() <= rank, "the constant has shape " + t.shape());
        for (int i = 0; i < t.rank(); i++) {
            int size = t.dims()[i];
            boolean channel = i + rank - t.rank() == axis;
            need(size == 1 || channel && size == shape.channels(), "the constant of shape " + t.shape()
                    + " is neither one value nor one per channel (" + shape.channels()
                    + "); constants that vary over positions are not supported");
        }
        if (t.size() == shape.channels()) {
            return t.toFloats();
        }
        g.derive(shape.channels());
        return filled(new float[shape.channels()], (float) t.at(0));
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
