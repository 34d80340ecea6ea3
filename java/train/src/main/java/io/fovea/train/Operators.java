package io.fovea.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Sampling;
import io.fovea.graph.Window;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.function.Function;

/** What each operator of the graph package computes, as differentiable operations. */
final class Operators {
    private Operators() {
    }

    /**
     * Computes one node.
     *
     * @param weights its parameters by kind: {@code /weight}, {@code /bias}, {@code /scale}, {@code /shift}
     */
    static NDArray apply(Node node, List<NDArray> in, Function<String, NDArray> weights) {
        NDArray x = in.get(0);
        return switch (node.op()) {
            case Op.Conv conv -> {
                NDArray sum = convolution(conv, x, weights.apply("/weight"), weights.apply("/bias"));
                yield activate(in.size() == 2 ? sum.add(in.get(1)) : sum, conv.activation());
            }
            case Op.Affine affine -> {
                Shape perChannel = x.getShape().dimension() == 4
                        ? new Shape(1, affine.scale().length, 1, 1)
                        : new Shape(1, 1, affine.scale().length);
                yield x.mul(weights.apply("/scale").reshape(perChannel))
                        .add(weights.apply("/shift").reshape(perChannel));
            }
            case Op.Activate activate -> activate(x, activate.activation());
            case Op.Add add -> activate(x.add(in.get(1)), add.activation());
            case Op.Concat concat -> NDArrays.concat(new NDList(in), x.getShape().dimension() == 4 ? 1 : 2);
            case Op.MaxPool pool -> {
                NDArray padded = padded(x, pool.window(), Float.NEGATIVE_INFINITY);
                yield padded.getNDArrayInternal().maxPool(kernel(pool.window()), stride(pool.window()), new Shape(0, 0),
                        false);
            }
            case Op.AveragePool pool -> average(pool, x);
            case Op.GlobalAverage average -> x.mean(new int[]{3}, true).mean(new int[]{2}, true);
            case Op.PRelu prelu -> throw new IllegalArgumentException(untrained(node));
            case Op.Softmax softmax -> throw new IllegalArgumentException(untrained(node));
            case Op.Binary binary -> binary(binary.kind(), x, in.get(1));
            case Op.Reduce reduce -> reduce(reduce.kind(), x);
            case Op.SelectChannels select -> NDArrays.concat(
                    new NDList(java.util.Arrays.stream(select.channels())
                            .mapToObj(c -> x.get(
                                    new NDIndex(x.getShape().dimension() == 4 ? ":, {}:{}" : "..., {}:{}", c, c + 1)))
                            .toArray(NDArray[]::new)),
                    x.getShape().dimension() == 4 ? 1 : 2);
            case Op.Sampled sampled -> sampled(sampled, x);
            case Op.HeadRows rows -> x.getShape().dimension() == 4
                    ? x.transpose(0, 2, 3, 1).reshape(x.getShape().get(0), -1, rows.width())
                    : x.reshape(x.getShape().get(0), -1, rows.width());
            case Op.JoinRows join -> NDArrays.concat(new NDList(in), 1);
        };
    }

    private static NDArray convolution(Op.Conv conv, NDArray x, NDArray weight, NDArray bias) {
        Window w = conv.window();
        boolean even = w.padTop() == w.padBottom() && w.padLeft() == w.padRight();
        NDArray in = even ? x : padded(x, w, 0);
        Shape pad = even ? new Shape(w.padTop(), w.padLeft()) : new Shape(0, 0);
        return Conv2d.conv2d(in, weight, bias, stride(w), pad, new Shape(w.dilationH(), w.dilationW()), conv.groups())
                .singletonOrThrow();
    }

    private static String untrained(Node node) {
        return "node '" + node.name() + "': " + node.op().label() + " cannot be trained through";
    }

    private static NDArray binary(Op.Binary.Kind kind, NDArray a, NDArray b) {
        return switch (kind) {
            case ADD -> a.add(b);
            case SUB -> a.sub(b);
            case SUB_FROM -> b.sub(a);
            case MUL -> a.mul(b);
            case DIV -> a.div(b);
            case DIV_INTO -> b.div(a);
            case MIN -> a.minimum(b);
            case MAX -> a.maximum(b);
        };
    }

    private static NDArray reduce(Op.Reduce.Kind kind, NDArray x) {
        int[] channels = {1};
        return switch (kind) {
            case SUM -> x.sum(channels, true);
            case MEAN -> x.mean(channels, true);
            case MAX -> x.max(channels, true);
            case L2 -> x.square().sum(channels, true).sqrt();
        };
    }

    /** Rows and columns are independent, so a sampling is a product of matrices from both sides. */
    private static NDArray sampled(Op.Sampled op, NDArray x) {
        int height = (int) x.getShape().get(2);
        int width = (int) x.getShape().get(3);
        Sampling s = op.sampling(height, width);
        NDArray vertical = x.getManager().create(matrix(s.vertical(), height), new Shape(s.vertical().size(), height));
        NDArray horizontal = x.getManager().create(matrix(s.horizontal(), width),
                new Shape(s.horizontal().size(), width));
        return vertical.matMul(x).matMul(horizontal.transpose());
    }

    /** Returns what each output position reads as a matrix {@code [outputs][inputs]}. */
    private static float[] matrix(Sampling.Axis axis, int inputs) {
        float[] matrix = new float[axis.size() * inputs];
        for (int i = 0; i < axis.index().length; i++) {
            if (axis.index()[i] != Sampling.PADDING) {
                matrix[i / axis.taps() * inputs + axis.index()[i]] += axis.weight()[i];
            }
        }
        return matrix;
    }

    /** Means over windows; a window at the border counts only what lies inside, unless padding counts as zeros. */
    private static NDArray average(Op.AveragePool pool, NDArray x) {
        Window w = pool.window();
        NDArray sums = mean(padded(x, w, 0), w);
        if (pool.countPadding() || w.padTop() + w.padBottom() + w.padLeft() + w.padRight() == 0) {
            return sums;
        }
        NDArray ones = x.getManager().ones(new Shape(1, 1, x.getShape().get(2), x.getShape().get(3)));
        return sums.div(mean(padded(ones, w, 0), w));
    }

    private static NDArray mean(NDArray x, Window w) {
        return x.getNDArrayInternal().avgPool(kernel(w), stride(w), new Shape(0, 0), false, true);
    }

    private static NDArray padded(NDArray x, Window w, double value) {
        return w.padTop() + w.padBottom() + w.padLeft() + w.padRight() == 0
                ? x
                : x.pad(new Shape(w.padLeft(), w.padRight(), w.padTop(), w.padBottom()), value);
    }

    private static Shape kernel(Window w) {
        return new Shape(w.kernelH(), w.kernelW());
    }

    private static Shape stride(Window w) {
        return new Shape(w.strideH(), w.strideW());
    }

    private static NDArray activate(NDArray x, io.fovea.graph.Activation a) {
        UnaryOperator<NDArray> sigmoid = Activation::sigmoid;
        return switch (a.kind()) {
            case CLIP -> clip(x, a.low(), a.high());
            case LEAKY_RELU -> Activation.leakyRelu(x, a.alpha());
            case SIGMOID -> sigmoid.apply(x);
            case HARD_SIGMOID -> x.mul(a.alpha()).add(a.beta()).clip(0f, 1f);
            case HARD_SWISH -> x.mul(x.div(6f).add(.5f).clip(0f, 1f));
            case SILU -> x.mul(sigmoid.apply(x));
            case TANH -> Activation.tanh(x);
            case ELU -> Activation.elu(x, a.alpha());
            case SOFTPLUS -> Activation.softPlus(x);
            // The engine takes the logarithm to the base of 2 for its own.
            case MISH -> x.mul(Activation.tanh(Activation.softPlus(x)));
            case EXP -> x.exp();
            case ABS -> x.abs();
            case POWER -> x.pow(a.alpha());
        };
    }

    private static NDArray clip(NDArray x, float low, float high) {
        if (low == Float.NEGATIVE_INFINITY && high == Float.POSITIVE_INFINITY) {
            return x;
        }
        if (low == 0 && high == Float.POSITIVE_INFINITY) {
            return Activation.relu(x);
        }
        return x.clip(Math.max(low, -Float.MAX_VALUE), Math.min(high, Float.MAX_VALUE));
    }
}
