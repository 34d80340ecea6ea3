package io.fovea.kernel.onednn;

import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Depthwise convolution of rows that the table names: a block's rows are gathered tap by tap into a map of {@code taps x block} sites, over
 * which a depthwise convolution with a kernel of {@code taps x 1} passes.
 */
final class DepthwiseWay implements RowWay {
    private static final int BLOCK = 32;
    private final int channels;
    private final int taps;
    private final boolean residual;
    private final Program program;
    private final long scratchpad;

    DepthwiseWay(Layer.Conv layer, Arena arena) throws Refusal {
        channels = layer.outChannels();
        taps = layer.window().taps();
        residual = layer.residual();
        Parameters parameters = new Parameters(arena, layer::weights, new long[]{channels, 1, 1, taps, 1},
                new long[]{taps, taps, taps, 1, 1}, layer.bias());
        program = Program.convolution(arena, taps, BLOCK, channels, channels,
                new Window(taps, 1, 1, 1, 0, 0, 0, 0, 1, 1), parameters, Epilogue.of(layer, Epilogue.Residual.ADD));
        scratchpad = (program.scratchpadBytes() + 63) / 64 * 64;
    }

    @Override
    public int blockRows() {
        return BLOCK;
    }

    @Override
    public long scratchFloats() {
        return scratchpad / 4 + (taps + 2L) * BLOCK * channels;
    }

    @Override
    public void run(Operands o, int row, int rows, boolean direct, Scratch scratch) {
        MemorySegment work = scratch.segment(scratchFloats());
        long rowBytes = 4L * channels;
        long mapBytes = rowBytes * BLOCK;
        MemorySegment map = work.asSlice(scratchpad, taps * mapBytes);
        Gather.byTap(o, row, rows, BLOCK, channels, map);
        long at = rowBytes * row;
        if (rows == BLOCK) {
            program.run(0, map.address(), RowWay.address(o.out) + at, residual ? RowWay.address(o.in2) + at : 0,
                    work.address(), o);
        } else {
            for (int t = 0; t < taps; t++) {
                map.asSlice(t * mapBytes + rows * rowBytes, mapBytes - rows * rowBytes).fill((byte) 0);
            }
            MemorySegment in2 = work.asSlice(scratchpad + taps * mapBytes, mapBytes);
            MemorySegment out = work.asSlice(scratchpad + (taps + 1) * mapBytes, mapBytes);
            if (residual) {
                MemorySegment.copy(o.in2, at, in2, 0, rows * rowBytes);
            }
            program.run(0, map.address(), out.address(), residual ? in2.address() : 0, work.address(), o);
            MemorySegment.copy(out, 0, o.out, at, rows * rowBytes);
        }
        Reference.reachabilityFence(scratch);
    }

    @Override
    public String toString() {
        return program.implementation();
    }
}
