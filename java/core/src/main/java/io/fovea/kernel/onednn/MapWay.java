package io.fovea.kernel.onednn;

import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import java.lang.foreign.Arena;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.Map;

/**
 * Convolution of a map whose sites are all active, so that packed rows are the map itself in NHWC order. The map is cut into bands of
 * output rows, each with its own part of the padding; bands of the same geometry share a program. Thread-safe.
 */
final class MapWay {
    private static final long CONV_MACS = 1 << 20;
    private static final long DEPTHWISE_MACS = 1 << 19;

    /** One band: where it begins in both maps, and what computes it. */
    private record Band(long src, long dst, Program program) {}

    /** What bands must share to share a program. */
    private record Cut(int rows, int padTop, int padBottom) {}

    private final boolean residual;
    private final Band[] bands;
    private final long scratchpad;

    /**
     * @param height rows of the input map
     * @param width its columns
     */
    MapWay(Layer.Conv layer, int height, int width, Parameters parameters, Arena arena) throws Refusal {
        Window w = layer.window();
        int outHeight = w.outHeight(height);
        int outWidth = w.outWidth(width);
        residual = layer.residual();
        long perRow = layer.macsPerSite() * outWidth;
        long target = layer.isDepthwise() ? DEPTHWISE_MACS : CONV_MACS;
        int rows = (int) Math.clamp((target + perRow / 2) / perRow, 1, outHeight);
        int count = (outHeight + rows - 1) / rows;
        bands = new Band[count];
        Map<Cut, Program> programs = new HashMap<>();
        Epilogue epilogue = Epilogue.of(layer, Epilogue.Residual.ADD);
        long most = 0;
        for (int b = 0; b < count; b++) {
            int first = b * rows;
            int end = Math.min(outHeight, first + rows);
            int above = first * w.strideH() - w.padTop();
            int below = (end - 1) * w.strideH() - w.padTop() + (w.kernelH() - 1) * w.dilationH() + 1;
            int from = Math.max(0, above);
            int to = Math.min(height, below);
            if (from >= to) {
                throw new Refusal("a band of the map reads padding only");
            }
            Cut cut = new Cut(to - from, from - above, below - to);
            Program program = programs.get(cut);
            if (program == null) {
                Window part = new Window(w.kernelH(), w.kernelW(), w.strideH(), w.strideW(), cut.padTop, w.padLeft(),
                        cut.padBottom, w.padRight(), w.dilationH(), w.dilationW());
                program = Program.convolution(arena, cut.rows, width, layer.inChannels(), layer.outChannels(), part,
                        parameters, epilogue);
                programs.put(cut, program);
            }
            most = Math.max(most, program.scratchpadBytes());
            bands[b] = new Band(4L * from * width * layer.inChannels(), 4L * first * outWidth * layer.outChannels(),
                    program);
        }
        scratchpad = most;
    }

    /** Returns the number of bands. */
    int count() {
        return bands.length;
    }

    /** Returns the scratch of one call. */
    long scratchFloats() {
        return (scratchpad + 3) / 4;
    }

    /** Computes one band; the buffers must hold the whole maps. */
    void run(Operands o, int band, Scratch scratch) {
        Band b = bands[band];
        b.program.run(0, RowWay.address(o.in) + b.src, RowWay.address(o.out) + b.dst,
                residual ? RowWay.address(o.in2) + b.dst : 0, scratch.segment(scratchFloats()).address(), o);
        Reference.reachabilityFence(scratch);
    }

    @Override
    public String toString() {
        return bands[0].program.implementation();
    }
}
