package io.fovea.kernel.onednn;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Convolution of one group as a matrix product: rows of the input itself, or the rows that the table names, gathered into a block. Whole
 * blocks run on a primitive made for their size, which oneDNN compiles as one kernel with everything that follows; what remains
 * at the end runs on one that learns its number of rows with each call. Where blocks begin depends on the number of rows alone,
 * so every row is computed by the same code however the work is split.
 */
final class MatmulWay implements RowWay {
    private static final long BLOCK_MACS = 1 << 20;
    private static final int MULTIPLE = 48;
    private static final int MOST = 40;
    private final int channels;
    private final int depth;
    private final int outChannels;
    private final boolean residual;
    private final int block;
    private final Program whole;
    private final Program rest;
    private final long scratchpad;

    MatmulWay(Layer.Conv layer, Arena arena) throws Refusal {
        channels = layer.inChannels();
        depth = channels * layer.window().taps();
        outChannels = layer.outChannels();
        residual = layer.residual();
        long perRow = (long) depth * outChannels;
        block = MULTIPLE * (int) Math.clamp((BLOCK_MACS / perRow + MULTIPLE / 2) / MULTIPLE, 1, MOST);
        Parameters parameters = new Parameters(arena, () -> matrix(layer), new long[]{depth, outChannels},
                new long[]{outChannels, 1}, layer.bias());
        whole = Program.matmul(arena, block, depth, outChannels, parameters,
                Epilogue.of(layer, Epilogue.Residual.ADD));
        rest = Program.matmul(arena, 0, depth, outChannels, parameters,
                Epilogue.of(layer, Epilogue.Residual.IN_PLACE));
        scratchpad = (Math.max(whole.scratchpadBytes(), rest.scratchpadBytes()) + 63) / 64 * 64;
    }

    /** Returns the weights as {@code [tap][in][out]}. */
    private static float[] matrix(Layer.Conv layer) {
        int in = layer.inChannels();
        int out = layer.outChannels();
        int taps = layer.window().taps();
        float[] matrix = new float[layer.weights().length];
        for (int n = 0, from = 0; n < out; n++) {
            for (int i = 0; i < in; i++) {
                for (int t = 0; t < taps; t++) {
                    matrix[(t * in + i) * out + n] = layer.weights()[from++];
                }
            }
        }
        return matrix;
    }

    @Override
    public int blockRows() {
        return block;
    }

    @Override
    public long scratchFloats() {
        return scratchpad / 4 + (long) block * depth;
    }

    @Override
    public void run(Operands o, int row, int rows, boolean direct, Scratch scratch) {
        MemorySegment work = scratch.segment(direct ? scratchpad / 4 : scratchFloats());
        long src;
        if (direct) {
            src = RowWay.address(o.in) + 4L * row * depth;
        } else {
            Gather.byRow(o, row, rows, channels, work.asSlice(scratchpad));
            src = work.address() + scratchpad;
        }
        long at = 4L * row * outChannels;
        long dst = RowWay.address(o.out) + at;
        if (rows == block) {
            whole.run(0, src, dst, residual ? RowWay.address(o.in2) + at : 0, work.address(), o);
        } else {
            if (residual) {
                MemorySegment.copy(o.in2, at, o.out, at, 4L * rows * outChannels);
            }
            rest.run(rows, src, dst, 0, work.address(), o);
        }
        Reference.reachabilityFence(scratch);
    }

    @Override
    public String toString() {
        return whole.implementation() + ", the last rows " + rest.implementation();
    }
}
