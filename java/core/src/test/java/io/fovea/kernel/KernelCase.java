package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/**
 * One layer on random rows, run by a kernel and computed again from whole maps in double precision. Inactive input sites read their
 * background, outputs are compared at active sites, and the bytes around the output must stay as they were.
 */
final class KernelCase {
    private static final int GUARD = 64;
    private static final float CANARY = 12345.678f;

    final String repro;
    final Layer layer;
    private final Random random;
    private final Shape in;
    private final SiteSet inSites;
    private final SiteSet outSites;
    private final Operands operands = new Operands();
    private final float[] map;
    private final float[] edgeMap;
    private final MemorySegment guarded;
    private final int outFloats;

    /** Makes random data: inputs, background, masks of about the given share. */
    KernelCase(Layer layer, Window window, int height, int width, double share, boolean perSite, long seed,
            Arena arena) {
        this.repro = layer.getClass().getSimpleName() + " in=" + layer.inChannels() + " out=" + layer.outChannels()
                + " window=" + window + " map=" + height + "x" + width + " share=" + share + " perSite=" + perSite
                + " seed=" + seed;
        this.layer = layer;
        this.random = new Random(seed);
        int channels = layer.inChannels();
        this.in = new Shape(height, width, channels);
        boolean identity = window == null;
        Window w = identity ? Window.POINTWISE : window;
        int outH = w.outHeight(height);
        int outW = w.outWidth(width);
        inSites = new SiteSet(SiteGrid.of(height, width, List.of(w)), perSite, arena);
        outSites = identity ? inSites : new SiteSet(SiteGrid.of(outH, outW, List.of()), false, arena);
        inSites.set(mask(height * width, share));
        if (!identity) {
            outSites.set(mask(outH * outW, share));
        }
        map = values(height * width * channels);
        edgeMap = values(height * width * channels);
        if (!perSite) {
            for (int p = 1; p < height * width; p++) {
                System.arraycopy(edgeMap, 0, edgeMap, p * channels, channels);
            }
        }
        operands.inRows = inSites.count();
        operands.in = rows(inSites, map, channels, arena);
        operands.outRows = outSites.count();
        if (!identity) {
            NeighbourTable table = new NeighbourTable(window, inSites, outSites, arena);
            table.build();
            operands.table = table;
            operands.edgeRows = inSites.edgeRows();
            operands.edge = arena.allocate(4L * operands.edgeRows * channels + 64, 64);
            int background = perSite ? edgeMap.length : channels;
            MemorySegment.copy(edgeMap, 0, operands.edge, ValueLayout.JAVA_FLOAT, 4L * channels, background);
        }
        outFloats = operands.outRows * layer.outChannels();
        guarded = arena.allocate(4L * (outFloats + 2 * GUARD) + 64, 64);
        for (int i = 0; i < outFloats + 2 * GUARD; i++) {
            guarded.setAtIndex(ValueLayout.JAVA_FLOAT, i, CANARY);
        }
        operands.out = guarded.asSlice(4L * GUARD, 4L * outFloats);
        operands.in2 = rows(outSites, values(outSites.grid().sites() * layer.outChannels()), layer.outChannels(),
                arena);
    }

    private boolean[] mask(int sites, double share) {
        boolean[] mask = new boolean[sites];
        for (int i = 0; i < sites; i++) {
            mask[i] = random.nextDouble() < share;
        }
        return mask;
    }

    private float[] values(int n) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }

    private static MemorySegment rows(SiteSet sites, float[] map, int channels, Arena arena) {
        MemorySegment rows = arena.allocate(4L * sites.count() * channels + 64, 64);
        for (int r = 0; r < sites.count(); r++) {
            MemorySegment.copy(map, sites.position(r) * channels, rows, ValueLayout.JAVA_FLOAT, 4L * r * channels,
                    channels);
        }
        return rows.asSlice(0, 4L * sites.count() * channels);
    }

    /** Runs the kernel in pieces and returns the output rows. */
    float[] run(RowKernel kernel, int pieces) {
        int units = kernel.units(operands);
        Scratch scratch = new Scratch();
        for (int p = 0; p < pieces; p++) {
            int from = (int) ((long) units * p / pieces);
            int to = (int) ((long) units * (p + 1) / pieces);
            if (from < to) {
                kernel.run(operands, from, to, scratch);
            }
        }
        return operands.out.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Checks that the kernel's output is right, stays in its buffer and is the same bits however it is split. */
    void check(RowKernel kernel) {
        float[] got = run(kernel, 1);
        double[] want = reference();
        // Tiles of 4x4 outputs lose up to two bits more. The worst error among 6,000 cases was 1.4e-6 of this scale there (once 2.01e-6), 1.1e-6 elsewhere.
        double unit = kernel.name().equals("winograd/4x4") ? 1e-5 : 4e-6;
        for (int i = 0; i < want.length; i++) {
            double bound = unit * (8 + Math.sqrt(depth())) * (1 + Math.abs(want[i]));
            assertEquals(want[i], got[i], bound, kernel.name() + ": row " + i / layer.outChannels() + " channel "
                    + i % layer.outChannels() + " of " + repro);
        }
        for (int g = 0; g < GUARD; g++) {
            assertEquals(CANARY, guarded.getAtIndex(ValueLayout.JAVA_FLOAT, g),
                    kernel.name() + " wrote before " + repro);
            assertEquals(CANARY, guarded.getAtIndex(ValueLayout.JAVA_FLOAT, GUARD + outFloats + g),
                    kernel.name() + " wrote behind " + repro);
        }
        float[] again = run(kernel, 3);
        for (int i = 0; i < got.length; i++) {
            assertTrue(Float.floatToIntBits(got[i]) == Float.floatToIntBits(again[i]),
                    kernel.name() + ": other bits when split, value " + i + " of " + repro);
        }
    }

    private int depth() {
        return layer instanceof Layer.Conv c
                ? c.weights().length / c.outChannels()
                : layer instanceof Layer.Pool p ? p.window().taps() : 1;
    }

    private double[] reference() {
        double[] want = new double[outFloats];
        int n = layer.outChannels();
        for (int r = 0; r < operands.outRows; r++) {
            int y = outSites.position(r) / outSites.grid().width();
            int x = outSites.position(r) % outSites.grid().width();
            for (int c = 0; c < n; c++) {
                double second = operands.in2.getAtIndex(ValueLayout.JAVA_FLOAT, (long) r * n + c);
                want[r * n + c] = switch (layer) {
                    case Layer.Conv conv ->
                        conv.activation().apply(conv(conv, y, x, c) + (conv.residual() ? second : 0));
                    case Layer.Add add -> add.activation().apply(input(y, x, c) + second);
                    case Layer.Activate act -> act.activation().apply(input(y, x, c));
                    case Layer.Affine affine -> input(y, x, c) * affine.scale()[c] + affine.shift()[c];
                    case Layer.Pool pool -> pool(pool, y, x, c);
                    case Layer.PRelu prelu -> input(y, x, c) * (input(y, x, c) < 0 ? prelu.slope()[c] : 1);
                    case Layer.Binary b -> b.kind().apply(input(y, x, c), operands.in2.getAtIndex(
                            ValueLayout.JAVA_FLOAT,
                            (b.oneRow() ? 0 : (long) r * (b.oneChannel() ? 1 : n)) + (b.oneChannel() ? 0 : c)));
                    case Layer.SelectColumns select -> input(y, x, select.columns()[c]);
                    default -> throw new IllegalArgumentException(layer.toString());
                };
            }
        }
        return want;
    }

    private double conv(Layer.Conv conv, int y, int x, int c) {
        Window w = conv.window();
        int groupIn = conv.inChannels() / conv.groups();
        int first = c / (conv.outChannels() / conv.groups()) * groupIn;
        double sum = conv.bias()[c];
        for (int i = 0; i < groupIn; i++) {
            for (int ky = 0; ky < w.kernelH(); ky++) {
                for (int kx = 0; kx < w.kernelW(); kx++) {
                    sum += conv.weights()[((c * groupIn + i) * w.kernelH() + ky) * w.kernelW() + kx]
                            * input(y * w.strideH() - w.padTop() + ky * w.dilationH(),
                                    x * w.strideW() - w.padLeft() + kx * w.dilationW(), first + i);
                }
            }
        }
        return sum;
    }

    private double pool(Layer.Pool pool, int y, int x, int c) {
        Window w = pool.window();
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        int counted = 0;
        for (int ky = 0; ky < w.kernelH(); ky++) {
            for (int kx = 0; kx < w.kernelW(); kx++) {
                int iy = y * w.strideH() - w.padTop() + ky;
                int ix = x * w.strideW() - w.padLeft() + kx;
                if (iy >= 0 && ix >= 0 && iy < in.height() && ix < in.width()) {
                    max = Math.max(max, input(iy, ix, c));
                    sum += input(iy, ix, c);
                    counted++;
                }
            }
        }
        return pool.max() ? max : sum / (pool.countPadding() ? w.taps() : counted);
    }

    private double input(int y, int x, int c) {
        if (y < 0 || x < 0 || y >= in.height() || x >= in.width()) {
            return 0;
        }
        int i = (y * in.width() + x) * in.channels() + c;
        return inSites.row(y, x) >= 0 ? map[i] : edgeMap[i];
    }
}
