package io.fovea.kernel.plain;

import io.fovea.graph.Sampling;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Weighted sum of the rows that the table names; rows that are copies are copied. Units are row blocks. */
final class PlainSample implements RowKernel {
    private static final RowUnits UNITS = new RowUnits(64);
    private final Layer.Sample layer;
    private final boolean copies;

    PlainSample(Layer.Sample layer) {
        this.layer = layer;
        this.copies = layer.sampling().isCopy();
    }

    @Override
    public String name() {
        return copies ? "java/move" : "java/sample";
    }

    @Override
    public int units(Operands o) {
        return UNITS.count(o.outRows);
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.channels();
        o.check(channels, channels, channels, 0);
        int end = UNITS.start(to, o.outRows);
        long bytes = 4L * channels;
        if (copies) {
            for (int row = UNITS.start(from, o.outRows); row < end; row++) {
                int entry = o.table.entry(row, 0);
                MemorySegment.copy(rows(o, entry), index(o, entry) * bytes, o.out, row * bytes, bytes);
            }
            return;
        }
        float[] work = scratch.floats(2 * channels);
        for (int row = UNITS.start(from, o.outRows); row < end; row++) {
            mix(o, row, work);
            MemorySegment.copy(work, 0, o.out, ValueLayout.JAVA_FLOAT, row * bytes, channels);
        }
    }

    /** Sums the taps of a row into the first part of {@code work}. */
    private void mix(Operands o, int row, float[] work) {
        int channels = layer.channels();
        Sampling s = layer.sampling();
        int width = s.horizontal().size();
        int position = o.table.output().position(row);
        int first = position / width * s.kernelH();
        int column = position % width * s.kernelW();
        for (int t = 0; t < s.taps(); t++) {
            float weight = s.vertical().weight()[first + t / s.kernelW()]
                    * s.horizontal().weight()[column + t % s.kernelW()];
            int entry = o.table.entry(row, t);
            MemorySegment.copy(rows(o, entry), ValueLayout.JAVA_FLOAT, index(o, entry) * 4L * channels, work, channels,
                    channels);
            if (t == 0) {
                for (int c = 0; c < channels; c++) {
                    work[c] = weight * work[channels + c];
                }
            } else {
                for (int c = 0; c < channels; c++) {
                    work[c] += weight * work[channels + c];
                }
            }
        }
    }

    private static MemorySegment rows(Operands o, int entry) {
        return entry < o.inRows ? o.in : o.edge;
    }

    private static long index(Operands o, int entry) {
        return entry < o.inRows ? entry : entry - o.inRows;
    }
}
