package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Depthwise convolution through a table; units are row blocks. */
final class CppDepthwise implements RowKernel {
    private static final int ROWS = 48;
    /** Rows that are worth a call of their own. */
    private static final int FEWEST = 12;
    private final Layer.Conv layer;
    private final MemorySegment packed;
    private final NativeActivation activation;

    CppDepthwise(Layer.Conv layer, Arena arena) {
        this.layer = layer;
        this.activation = NativeActivation.of(layer.activation());
        this.packed = Native.packDepthwise(layer.weights(), layer.bias(), layer.outChannels(), layer.window().taps(),
                arena);
    }

    @Override
    public String name() {
        return "cpp/depthwise";
    }

    @Override
    public int units(Operands o) {
        return Split.shared(o.outRows, ROWS, FEWEST).pieces();
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        int channels = layer.outChannels();
        o.check(channels, channels, channels, layer.residual() ? channels : 0);
        Split rows = Split.shared(o.outRows, ROWS, FEWEST);
        int first = rows.start(from);
        int end = rows.start(to);
        boolean adds = layer.residual();
        Native.depthwise(o, channels, layer.window().kernelH(), layer.window().kernelW(), layer.window().strideW(),
                packed, adds ? NativeActivation.NONE : activation, first, end);
        if (adds) {
            long start = (long) first * channels;
            long stop = (long) end * channels;
            NativeRows.add(o.out, o.in2, o.out, layer.activation().low(), layer.activation().high(), start, stop);
            if (!layer.activation().isClip()) {
                NativeRows.activate(o.out, o.out, activation, start, stop);
            }
        }
    }
}
