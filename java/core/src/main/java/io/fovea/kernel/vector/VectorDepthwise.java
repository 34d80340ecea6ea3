package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** Depthwise convolution through the table: one vector of channels at a time, all taps summed in registers. */
final class VectorDepthwise implements RowKernel {
    private static final RowUnits UNITS = new RowUnits(32);
    private final Layer.Conv layer;
    private final int channels;
    private final int taps;
    private final int whole;
    private final float[] weights;
    private final float[] bias;
    private final float low;
    private final float high;

    VectorDepthwise(Layer.Conv layer) {
        this.layer = layer;
        this.channels = layer.inChannels();
        this.taps = layer.window().taps();
        this.whole = SPECIES.loopBound(channels);
        this.weights = new float[taps * channels];
        for (int c = 0; c < channels; c++) {
            for (int t = 0; t < taps; t++) {
                weights[t * channels + c] = layer.weights()[c * taps + t];
            }
        }
        this.bias = layer.bias();
        this.low = layer.activation().low();
        this.high = layer.activation().high();
    }

    @Override
    public String name() {
        return "vector/depthwise";
    }

    @Override
    public int units(Operands o) {
        return UNITS.count(o.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(channels, channels, channels, layer.residual() ? channels : 0);
        int first = UNITS.start(from, o.outRows);
        int rows = UNITS.start(to, o.outRows) - first;
        int[] entries = scratch.ints(rows * taps);
        MemorySegment.copy(o.table.data(), ValueLayout.JAVA_INT, 4L * first * taps, entries, 0, rows * taps);
        for (int r = 0; r < rows; r++) {
            if (taps == 9 && !layer.residual() && inside(entries, 9 * r, o.inRows)) {
                row9(o.in, entries, 9 * r, o.out, 4L * (first + r) * channels);
            } else {
                rowAny(o, first + r);
            }
            if (whole < channels) {
                tail(o, first + r);
            }
        }
    }

    private static boolean inside(int[] entries, int at, int inRows) {
        int most = Math.max(Math.max(entries[at], entries[at + 1]), Math.max(entries[at + 2], entries[at + 3]));
        most = Math.max(most, Math.max(Math.max(entries[at + 4], entries[at + 5]), entries[at + 6]));
        return Math.max(most, Math.max(entries[at + 7], entries[at + 8])) < inRows;
    }

    private void row9(MemorySegment in, int[] entries, int at, MemorySegment out, long outAt) {
        long stride = 4L * channels;
        long p0 = stride * entries[at];
        long p1 = stride * entries[at + 1];
        long p2 = stride * entries[at + 2];
        long p3 = stride * entries[at + 3];
        long p4 = stride * entries[at + 4];
        long p5 = stride * entries[at + 5];
        long p6 = stride * entries[at + 6];
        long p7 = stride * entries[at + 7];
        long p8 = stride * entries[at + 8];
        float[] w = weights;
        int n = channels;
        for (int c = 0; c < whole; c += LENGTH) {
            long b = 4L * c;
            FloatVector s = FloatVector.fromArray(SPECIES, bias, c);
            s = FloatVector.fromMemorySegment(SPECIES, in, p0 + b, ORDER).fma(FloatVector.fromArray(SPECIES, w, c), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p1 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + n), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p2 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + 2 * n), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p3 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + 3 * n), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p4 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + 4 * n), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p5 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + 5 * n), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p6 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + 6 * n), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p7 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + 7 * n), s);
            s = FloatVector.fromMemorySegment(SPECIES, in, p8 + b, ORDER)
                    .fma(FloatVector.fromArray(SPECIES, w, c + 8 * n), s);
            s.max(low).min(high).intoMemorySegment(out, outAt + b, ORDER);
        }
    }

    private void rowAny(Operands o, int row) {
        long outAt = (long) row * channels;
        for (int c = 0; c < whole; c += LENGTH) {
            FloatVector sum = FloatVector.fromArray(SPECIES, bias, c);
            for (int t = 0; t < taps; t++) {
                int entry = o.table.entry(row, t);
                MemorySegment from = entry < o.inRows ? o.in : o.edge;
                long at = (long) (entry < o.inRows ? entry : entry - o.inRows) * channels + c;
                FloatVector x = FloatVector.fromMemorySegment(SPECIES, from, 4 * at, ORDER);
                sum = x.fma(FloatVector.fromArray(SPECIES, weights, t * channels + c), sum);
            }
            if (layer.residual()) {
                sum = sum.add(FloatVector.fromMemorySegment(SPECIES, o.in2, 4 * (outAt + c), ORDER));
            }
            sum.max(low).min(high).intoMemorySegment(o.out, 4 * (outAt + c), ORDER);
        }
    }

    private void tail(Operands o, int row) {
        for (int c = whole; c < channels; c++) {
            float sum = bias[c];
            for (int t = 0; t < taps; t++) {
                int entry = o.table.entry(row, t);
                MemorySegment from = entry < o.inRows ? o.in : o.edge;
                long at = (long) (entry < o.inRows ? entry : entry - o.inRows) * channels + c;
                sum = Math.fma(from.getAtIndex(ValueLayout.JAVA_FLOAT, at), weights[t * channels + c], sum);
            }
            long at = (long) row * channels + c;
            if (layer.residual()) {
                sum += o.in2.getAtIndex(ValueLayout.JAVA_FLOAT, at);
            }
            o.out.setAtIndex(ValueLayout.JAVA_FLOAT, at, Math.min(Math.max(sum, low), high));
        }
    }
}
