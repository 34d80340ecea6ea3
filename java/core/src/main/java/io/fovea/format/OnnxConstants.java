package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Computes at load what depends on constants and shapes alone: the chains of Shape, Gather, Cast and the like that exporters put before a
 * Reshape or Resize, anchors' tables, and weights that are stored as integers with a scale.
 */
final class OnnxConstants {
    private OnnxConstants() {
    }

    /** Folds a node into a constant; returns false when it depends on the image. */
    static boolean fold(OnnxGraph g, NodeProto node, OnnxAttributes a) {
        if (node.getOpType().equals("Shape") || node.getOpType().equals("Size")) {
            g.define(node, new OnnxValue.Constant(shape(g, node, a)));
            return true;
        }
        List<Tensor> in = new ArrayList<>();
        for (int i = 0; i < node.getInputCount(); i++) {
            OnnxValue value = g.optional(node, i);
            if (value != null && !(value instanceof OnnxValue.Constant)) {
                return false;
            }
            in.add(value instanceof OnnxValue.Constant c ? c.tensor() : null);
        }
        if (in.isEmpty() || in.getFirst() == null) {
            return false;
        }
        Tensor result = value(g, node, a, in);
        if (result != null) {
            g.define(node, new OnnxValue.Constant(result));
        }
        return result != null;
    }

    private static Tensor shape(OnnxGraph g, NodeProto node, OnnxAttributes a) {
        long[] dims = OnnxShaping.dims(g, g.value(node, 0));
        if (node.getOpType().equals("Size")) {
            return Tensor.of(new int[0], new long[]{Arrays.stream(dims).reduce(1, (x, y) -> x * y)});
        }
        int from = clampAxis(a.integer("start", 0), dims.length);
        int to = clampAxis(a.integer("end", dims.length), dims.length);
        long[] part = Arrays.copyOfRange(dims, from, Math.max(from, to));
        return Tensor.of(new int[]{part.length}, part);
    }

    private static int clampAxis(long axis, int rank) {
        return (int) Math.clamp(axis < 0 ? axis + rank : axis, 0, rank);
    }

    private static Tensor value(OnnxGraph g, NodeProto node, OnnxAttributes a, List<Tensor> in) {
        Tensor x = in.getFirst();
        return switch (node.getOpType()) {
            case "Identity" -> x;
            case "Cast" -> cast(g, x, a.integer("to", 0));
            case "Gather" -> TensorMath.gather(g, x, required(in, 1), a.integer("axis", 0));
            case "Slice" -> slice(g, in);
            case "Concat" -> TensorMath.concat(g, in, a.integer("axis", 0));
            case "Transpose" -> TensorMath.transpose(g, x, a.list("perm"));
            case "Range" -> range(g, x, required(in, 1), required(in, 2));
            case "ConstantOfShape" -> constantOfShape(g, x, a);
            case "Expand" -> TensorMath.expand(g, x, TensorMath.dims(required(in, 1)));
            case "Tile" -> TensorMath.tile(g, x, required(in, 1));
            case "Where" -> TensorMath.where(g, x, required(in, 1), required(in, 2));
            case "DequantizeLinear" -> dequantised(g, node, a, in);
            case "ReduceProd" -> TensorMath.reduced(g, x, axes(in, a), a.integer("keepdims", 1) != 0, 1,
                    (p, q) -> p * q);
            case "ReduceSum" -> TensorMath.reduced(g, x, axes(in, a), a.integer("keepdims", 1) != 0, 0, Double::sum);
            case "ReduceMax" -> TensorMath.reduced(g, x, axes(in, a), a.integer("keepdims", 1) != 0,
                    Double.NEGATIVE_INFINITY, Math::max);
            case "ReduceMin" -> TensorMath.reduced(g, x, axes(in, a), a.integer("keepdims", 1) != 0,
                    Double.POSITIVE_INFINITY, Math::min);
            default -> {
                DoubleUnaryOperator one = unary(node.getOpType());
                DoubleBinaryOperator two = in.size() == 2 ? binary(node.getOpType(), x) : null;
                yield one != null && in.size() == 1
                        ? TensorMath.map(g, x, one)
                        : two != null ? TensorMath.combine(g, x, required(in, 1), two) : null;
            }
        };
    }

    private static Tensor required(List<Tensor> in, int i) {
        need(i < in.size() && in.get(i) != null, "input " + i + " is missing");
        return in.get(i);
    }

    private static long[] axes(List<Tensor> in, OnnxAttributes a) {
        Tensor t = in.size() > 1 ? in.get(1) : null;
        need(t == null || !t.isFloat(), "axes must be integers");
        return t == null ? a.list("axes") : t.ints();
    }

    private static DoubleUnaryOperator unary(String type) {
        return switch (type) {
            case "Neg" -> x -> -x;
            case "Abs" -> Math::abs;
            case "Sqrt" -> Math::sqrt;
            case "Exp" -> Math::exp;
            case "Log" -> Math::log;
            case "Floor" -> Math::floor;
            case "Ceil" -> Math::ceil;
            case "Round" -> Math::rint;
            case "Reciprocal" -> x -> 1 / x;
            case "Sigmoid" -> x -> 1 / (1 + Math.exp(-x));
            case "Not" -> x -> x == 0 ? 1 : 0;
            default -> null;
        };
    }

    private static DoubleBinaryOperator binary(String type, Tensor first) {
        return switch (type) {
            case "Add" -> Double::sum;
            case "Sub" -> (x, y) -> x - y;
            case "Mul" -> (x, y) -> x * y;
            case "Div" -> first.isFloat() ? (x, y) -> x / y : OnnxConstants::whole;
            case "Mod" -> (x, y) -> y == 0 ? 0 : x - y * Math.floor(x / y);
            case "Pow" -> Math::pow;
            case "Min" -> Math::min;
            case "Max" -> Math::max;
            case "Equal" -> (x, y) -> x == y ? 1 : 0;
            case "Less" -> (x, y) -> x < y ? 1 : 0;
            case "Greater" -> (x, y) -> x > y ? 1 : 0;
            case "LessOrEqual" -> (x, y) -> x <= y ? 1 : 0;
            case "GreaterOrEqual" -> (x, y) -> x >= y ? 1 : 0;
            case "And" -> (x, y) -> x != 0 && y != 0 ? 1 : 0;
            case "Or" -> (x, y) -> x != 0 || y != 0 ? 1 : 0;
            default -> null;
        };
    }

    private static double whole(double x, double y) {
        need(y != 0, "divides by zero");
        return x / y < 0 ? Math.ceil(x / y) : Math.floor(x / y);
    }

    private static Tensor cast(OnnxGraph g, Tensor x, long to) {
        DataType type = DataType.forNumber((int) to);
        g.derive(x.size());
        return switch (type) {
            case FLOAT, DOUBLE, FLOAT16 -> x.isFloat() ? x : new Tensor(x.dims(), x.toFloats(), null);
            case INT64, INT32, INT16, INT8, UINT8 -> x.isFloat()
                    ? Tensor.of(x.dims(), IntStream.range(0, x.size()).mapToLong(i -> (long) x.floats()[i]).toArray())
                    : x;
            case BOOL -> Tensor.of(x.dims(),
                    IntStream.range(0, x.size()).mapToLong(i -> x.at(i) != 0 ? 1 : 0).toArray());
            case null, default -> throw new ModelFormatException("cast to type " + type + " is not supported");
        };
    }

    private static Tensor slice(OnnxGraph g, List<Tensor> in) {
        Tensor x = in.getFirst();
        long[][] s = OnnxSelection.bounds(x.rank(), required(in, 1), required(in, 2), in.size() > 3 ? in.get(3) : null,
                in.size() > 4 ? in.get(4) : null);
        Tensor out = x;
        for (int axis = 0; axis < x.rank(); axis++) {
            if (s[axis] != null) {
                int[] taken = OnnxSelection.positions(x.dims()[axis], s[axis]);
                out = TensorMath.take(g, out, axis, taken);
            }
        }
        return out;
    }

    private static Tensor range(OnnxGraph g, Tensor from, Tensor to, Tensor step) {
        need(from.size() == 1 && to.size() == 1 && step.size() == 1 && step.at(0) != 0, "needs three single values");
        long count = (long) Math.max(0, Math.ceil((to.at(0) - from.at(0)) / step.at(0)));
        g.derive(count);
        int n = Math.toIntExact(count);
        return from.isFloat()
                ? Tensor.of(new int[]{n}, TensorMath.floats(n, i -> from.at(0) + i * step.at(0)))
                : Tensor.of(new int[]{n}, IntStream.range(0, n)
                        .mapToLong(i -> from.ints()[0] + i * step.ints()[0]).toArray());
    }

    private static Tensor constantOfShape(OnnxGraph g, Tensor shape, OnnxAttributes a) {
        Tensor value = a.has("value")
                ? OnnxTensors.decode(a.get("value").getT())
                : Tensor.of(new int[]{1}, new float[]{0f});
        need(value.size() == 1, "value must be one number");
        Tensor one = new Tensor(new int[0], value.floats(), value.ints());
        return TensorMath.expand(g, one, TensorMath.dims(shape));
    }

    /** Returns {@code (x - zero point) * scale}, per tensor or along an axis. */
    private static Tensor dequantised(OnnxGraph g, NodeProto node, OnnxAttributes a, List<Tensor> in) {
        Tensor x = in.getFirst();
        Tensor scale = required(in, 1);
        Tensor zero = in.size() > 2 ? in.get(2) : null;
        need(!x.isFloat() && scale.isFloat(), "needs integers and a float scale");
        need(a.integer("block_size", 0) == 0, "block_size is not supported");
        int axis = clampAxis(a.integer("axis", 1), x.rank());
        boolean perAxis = scale.size() > 1;
        need(!perAxis || axis < x.rank() && scale.size() == x.dims()[axis],
                "scale has " + scale.size() + " values for shape " + x.shape());
        need(zero == null || zero.size() == scale.size(), "zero point and scale differ in size");
        long inner = 1;
        for (int i = axis + 1; i < x.rank(); i++) {
            inner *= x.dims()[i];
        }
        long each = perAxis ? inner : 1;
        g.derive(x.size());
        return new Tensor(x.dims(), TensorMath.floats(x.size(), i -> {
            int k = perAxis ? (int) (i / each % scale.size()) : 0;
            return (x.at(i) - (zero == null ? 0 : zero.at(k))) * scale.at(k);
        }), null);
    }
}
