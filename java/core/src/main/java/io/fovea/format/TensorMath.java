package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Arithmetic on small constant tensors, with numpy's broadcasting. What it makes is counted by {@link OnnxGraph#derive}. */
final class TensorMath {
    private TensorMath() {
    }

    static float[] floats(int n, IntToDoubleFunction at) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++) {
            out[i] = (float) at.applyAsDouble(i);
        }
        return out;
    }

    /** Returns the values of an integer vector as dims. */
    static long[] dims(Tensor shape) {
        need(!shape.isFloat() && shape.rank() <= 1 && shape.size() <= 8, "a shape must be a vector of few integers");
        return shape.ints();
    }

    /** Returns a tensor whose value i is that of {@code source.applyAsInt(i)} in x. */
    private static Tensor picked(OnnxGraph g, Tensor x, int[] dims, java.util.function.IntUnaryOperator source) {
        long count = Tensor.count(Arrays.stream(dims).asLongStream().toArray(), 1 << 28);
        need(count >= 0, "the result would have shape " + Arrays.toString(dims));
        g.derive(count);
        int n = (int) count;
        return x.isFloat()
                ? Tensor.of(dims, floats(n, i -> x.floats()[source.applyAsInt(i)]))
                : Tensor.of(dims, IntStream.range(0, n).mapToLong(i -> x.ints()[source.applyAsInt(i)]).toArray());
    }

    static Tensor map(OnnxGraph g, Tensor x, DoubleUnaryOperator f) {
        g.derive(x.size());
        return x.isFloat()
                ? Tensor.of(x.dims(), floats(x.size(), i -> f.applyAsDouble(x.at(i))))
                : Tensor.of(x.dims(), Arrays.stream(x.ints()).map(v -> (long) f.applyAsDouble(v)).toArray());
    }

    static Tensor combine(OnnxGraph g, Tensor x, Tensor y, DoubleBinaryOperator f) {
        int[] dims = common(x.dims(), y.dims());
        int[] a = places(g, x.dims(), dims);
        int[] b = places(g, y.dims(), dims);
        return x.isFloat() || y.isFloat()
                ? Tensor.of(dims, floats(a.length, i -> f.applyAsDouble(x.at(a[i]), y.at(b[i]))))
                : Tensor.of(dims, IntStream.range(0, a.length)
                        .mapToLong(i -> (long) f.applyAsDouble(x.at(a[i]), y.at(b[i]))).toArray());
    }

    static Tensor where(OnnxGraph g, Tensor condition, Tensor x, Tensor y) {
        int[] dims = common(condition.dims(), common(x.dims(), y.dims()));
        int[] c = places(g, condition.dims(), dims);
        int[] a = places(g, x.dims(), dims);
        int[] b = places(g, y.dims(), dims);
        need(x.isFloat() == y.isFloat(), "the two choices are of different types");
        return x.isFloat()
                ? Tensor.of(dims, floats(c.length, i -> condition.at(c[i]) != 0 ? x.at(a[i]) : y.at(b[i])))
                : Tensor.of(dims, IntStream.range(0, c.length)
                        .mapToLong(i -> condition.at(c[i]) != 0 ? x.ints()[a[i]] : y.ints()[b[i]]).toArray());
    }

    static Tensor expand(OnnxGraph g, Tensor x, long[] target) {
        int[] dims = common(x.dims(), narrow(target));
        int[] places = places(g, x.dims(), dims);
        return picked(g, x, dims, i -> places[i]);
    }

    static Tensor tile(OnnxGraph g, Tensor x, Tensor times) {
        long[] t = dims(times);
        need(t.length == x.rank(), "has " + t.length + " repeats for " + x.rank() + " axes");
        Tensor out = x;
        for (int axis = 0; axis < t.length; axis++) {
            need(t[axis] >= 0 && t[axis] * x.dims()[axis] <= 1 << 24, "repeats " + t[axis] + " times");
            int size = x.dims()[axis];
            int[] taken = new int[(int) t[axis] * size];
            Arrays.setAll(taken, i -> i % size);
            out = take(g, out, axis, taken);
        }
        return out;
    }

    static Tensor gather(OnnxGraph g, Tensor x, Tensor index, long axis) {
        int at = axis(axis, x.rank());
        need(!index.isFloat(), "indices must be integers");
        int[] taken = new int[index.size()];
        for (int i = 0; i < taken.length; i++) {
            long v = index.ints()[i] < 0 ? index.ints()[i] + x.dims()[at] : index.ints()[i];
            need(v >= 0 && v < x.dims()[at], "index " + index.ints()[i] + " is out of range");
            taken[i] = (int) v;
        }
        Tensor out = take(g, x, at, taken);
        int[] dims = IntStream.concat(IntStream.concat(Arrays.stream(x.dims(), 0, at), Arrays.stream(index.dims())),
                Arrays.stream(x.dims(), at + 1, x.rank())).toArray();
        return new Tensor(dims, out.floats(), out.ints());
    }

    /** Returns chosen positions along one axis. */
    static Tensor take(OnnxGraph g, Tensor x, int axis, int[] taken) {
        int[] dims = x.dims().clone();
        int size = dims[axis];
        dims[axis] = taken.length;
        int inner = (int) count(dims, axis + 1, dims.length);
        return picked(g, x, dims,
                i -> (i / inner / taken.length * size + taken[i / inner % taken.length]) * inner + i % inner);
    }

    static Tensor concat(OnnxGraph g, List<Tensor> in, long axis) {
        Tensor first = in.getFirst();
        int at = axis(axis, first.rank());
        int[] dims = first.dims().clone();
        dims[at] = 0;
        for (Tensor t : in) {
            need(t != null && t.rank() == dims.length && t.isFloat() == first.isFloat(),
                    "constants differ in rank or type");
            for (int i = 0; i < dims.length; i++) {
                need(i == at || t.dims()[i] == dims[i], "constants " + t.shape() + " and " + first.shape() + " differ");
            }
            dims[at] = Math.addExact(dims[at], t.dims()[at]);
        }
        int outer = (int) count(dims, 0, at);
        int n = (int) count(dims, 0, dims.length);
        g.derive(n);
        Object out = first.isFloat() ? new float[n] : new long[n];
        int to = 0;
        for (int o = 0; n > 0 && o < outer; o++) {
            for (Tensor t : in) {
                int length = t.size() / outer;
                System.arraycopy(t.isFloat() ? t.floats() : t.ints(), o * length, out, to, length);
                to += length;
            }
        }
        return first.isFloat() ? Tensor.of(dims, (float[]) out) : Tensor.of(dims, (long[]) out);
    }

    static Tensor transpose(OnnxGraph g, Tensor x, long[] perm) {
        int rank = x.rank();
        need(perm == null || perm.length == rank, "perm has another rank than " + x.shape());
        int[] dims = new int[rank];
        int[] strides = new int[rank];
        boolean[] seen = new boolean[rank];
        for (int i = 0; i < rank; i++) {
            int from = perm == null ? rank - 1 - i : axis(perm[i], rank);
            need(!seen[from], "perm names an axis twice");
            seen[from] = true;
            dims[i] = x.dims()[from];
            strides[i] = (int) count(x.dims(), from + 1, rank);
        }
        return picked(g, x, dims, i -> {
            int rest = i;
            int at = 0;
            for (int d = rank - 1; d >= 0; d--) {
                at += rest % dims[d] * strides[d];
                rest /= dims[d];
            }
            return at;
        });
    }

    static Tensor reduced(OnnxGraph g, Tensor x, long[] axes, boolean keep, double start, DoubleBinaryOperator f) {
        boolean[] gone = new boolean[x.rank()];
        Arrays.fill(gone, axes == null || axes.length == 0);
        for (long a : axes == null ? new long[0] : axes) {
            gone[axis(a, x.rank())] = true;
        }
        int[] dims = x.dims().clone();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = gone[i] ? 1 : dims[i];
        }
        double[] sums = new double[(int) count(dims, 0, dims.length)];
        Arrays.fill(sums, start);
        g.derive(sums.length + (long) x.size());
        int[] to = places(g, dims, x.dims());
        for (int i = 0; i < x.size(); i++) {
            sums[to[i]] = f.applyAsDouble(sums[to[i]], x.at(i));
        }
        int[] shown = keep ? dims : IntStream.range(0, dims.length).filter(i -> !gone[i]).map(i -> dims[i]).toArray();
        return x.isFloat()
                ? Tensor.of(shown, floats(sums.length, i -> sums[i]))
                : Tensor.of(shown, Arrays.stream(sums).mapToLong(v -> (long) v).toArray());
    }

    private static int axis(long axis, int rank) {
        need(axis >= -rank && axis < rank, "axis " + axis + " of a tensor of rank " + rank);
        return (int) (axis < 0 ? axis + rank : axis);
    }

    private static long count(int[] dims, int from, int to) {
        long n = 1;
        for (int i = from; i < to; i++) {
            n *= dims[i];
        }
        need(n >= 0 && n <= 1 << 28, "the result would have shape " + Arrays.toString(dims));
        return n;
    }

    private static int[] narrow(long[] dims) {
        need(Tensor.count(dims, 1 << 28) >= 0, "shape " + Arrays.toString(dims) + " is out of range");
        return Arrays.stream(dims).mapToInt(d -> (int) d).toArray();
    }

    private static int[] common(int[] a, int[] b) {
        int rank = Math.max(a.length, b.length);
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            int p = i < rank - a.length ? 1 : a[i - rank + a.length];
            int q = i < rank - b.length ? 1 : b[i - rank + b.length];
            need(p == q || p == 1 || q == 1, "shapes " + Arrays.toString(a) + " and " + Arrays.toString(b) + " differ");
            dims[i] = p == 1 ? q : p;
        }
        return dims;
    }

    /** Returns for each position of {@code to} the position of {@code from} that is repeated there. */
    private static int[] places(OnnxGraph g, int[] from, int[] to) {
        int n = (int) count(to, 0, to.length);
        g.derive(n);
        int[] places = new int[n];
        for (int i = 0; i < n; i++) {
            int rest = i;
            int stride = 1;
            for (int d = to.length - 1, s = from.length - 1; s >= 0; d--, s--) {
                places[i] += from[s] == 1 ? 0 : rest % to[d] * stride;
                stride *= from[s];
                rest /= to[d];
            }
        }
        return places;
    }
}
