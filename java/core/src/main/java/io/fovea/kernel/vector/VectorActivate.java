package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import io.fovea.graph.Activation;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Element-wise functions; rows are contiguous, so a unit is one long vector loop. One loop per function, so that each compiles by itself. */
final class VectorActivate implements RowKernel {
    private static final Set<Activation.Kind> KINDS = EnumSet.of(Activation.Kind.ELU, Activation.Kind.SIGMOID,
            Activation.Kind.SILU, Activation.Kind.HARD_SIGMOID, Activation.Kind.HARD_SWISH, Activation.Kind.LEAKY_RELU,
            Activation.Kind.TANH, Activation.Kind.MISH);
    private static final RowUnits UNITS = new RowUnits(64);
    private final Layer.Activate layer;

    VectorActivate(Layer.Activate layer) {
        this.layer = layer;
    }

    /** Returns whether there is a loop for a function. */
    static boolean covers(Activation activation) {
        return KINDS.contains(activation.kind());
    }

    @Override
    public String name() {
        return "vector/activate";
    }

    @Override
    public int units(Operands o) {
        return UNITS.count(o.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(layer.channels(), layer.channels(), layer.channels(), 0);
        long first = (long) UNITS.start(from, o.outRows) * layer.channels();
        long end = (long) UNITS.start(to, o.outRows) * layer.channels();
        float alpha = layer.activation().alpha();
        float beta = layer.activation().beta();
        switch (layer.activation().kind()) {
            case ELU -> elu(o.in, o.out, first, end, alpha);
            case SIGMOID -> sigmoid(o.in, o.out, first, end);
            case SILU -> silu(o.in, o.out, first, end);
            case HARD_SIGMOID -> hardSigmoid(o.in, o.out, first, end, alpha, beta);
            case HARD_SWISH -> hardSwish(o.in, o.out, first, end);
            case LEAKY_RELU -> leaky(o.in, o.out, first, end, alpha);
            case TANH -> tanh(o.in, o.out, first, end);
            case MISH -> mish(o.in, o.out, first, end);
            default -> throw new IllegalStateException(layer.toString());
        }
    }

    private static FloatVector load(MemorySegment in, long i, long end) {
        return i + LENGTH <= end
                ? FloatVector.fromMemorySegment(SPECIES, in, 4 * i, ORDER)
                : FloatVector.fromMemorySegment(SPECIES, in, 4 * i, ORDER, SPECIES.indexInRange(i, end));
    }

    private static void store(FloatVector v, MemorySegment out, long i, long end) {
        if (i + LENGTH <= end) {
            v.intoMemorySegment(out, 4 * i, ORDER);
        } else {
            VectorMask<Float> inside = SPECIES.indexInRange(i, end);
            v.intoMemorySegment(out, 4 * i, ORDER, inside);
        }
    }

    private static void elu(MemorySegment in, MemorySegment out, long first, long end, float alpha) {
        for (long i = first; i < end; i += LENGTH) {
            FloatVector x = load(in, i, end);
            store(VectorMath.exp(x.min(0f)).sub(1f).fma(splat(alpha), x.max(0f)), out, i, end);
        }
    }

    private static void sigmoid(MemorySegment in, MemorySegment out, long first, long end) {
        for (long i = first; i < end; i += LENGTH) {
            store(VectorMath.sigmoid(load(in, i, end)), out, i, end);
        }
    }

    private static void silu(MemorySegment in, MemorySegment out, long first, long end) {
        for (long i = first; i < end; i += LENGTH) {
            FloatVector x = load(in, i, end);
            store(VectorMath.sigmoid(x).mul(x), out, i, end);
        }
    }

    private static void hardSigmoid(MemorySegment in, MemorySegment out, long first, long end, float alpha,
            float beta) {
        for (long i = first; i < end; i += LENGTH) {
            store(load(in, i, end).fma(splat(alpha), splat(beta)).max(0f).min(1f), out, i, end);
        }
    }

    private static void hardSwish(MemorySegment in, MemorySegment out, long first, long end) {
        for (long i = first; i < end; i += LENGTH) {
            FloatVector x = load(in, i, end);
            store(x.fma(splat(1f / 6), splat(0.5f)).max(0f).min(1f).mul(x), out, i, end);
        }
    }

    private static void leaky(MemorySegment in, MemorySegment out, long first, long end, float alpha) {
        for (long i = first; i < end; i += LENGTH) {
            FloatVector x = load(in, i, end);
            store(x.min(0f).fma(splat(alpha), x.max(0f)), out, i, end);
        }
    }

    private static void tanh(MemorySegment in, MemorySegment out, long first, long end) {
        for (long i = first; i < end; i += LENGTH) {
            FloatVector half = VectorMath.sigmoid(load(in, i, end).mul(2f));
            store(half.fma(splat(2f), splat(-1f)), out, i, end);
        }
    }

    /** With e = exp(x): tanh(log(1 + e)) = (e * e + 2 e) / (e * e + 2 e + 2). */
    private static void mish(MemorySegment in, MemorySegment out, long first, long end) {
        for (long i = first; i < end; i += LENGTH) {
            FloatVector x = load(in, i, end);
            FloatVector e = VectorMath.exp(x.min(20f));
            FloatVector n = e.fma(e, e.mul(2f));
            store(n.div(n.add(2f)).mul(x), out, i, end);
        }
    }

    private static FloatVector splat(float v) {
        return FloatVector.broadcast(SPECIES, v);
    }
}
