package io.fovea.kernel.cpp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.kernel.KernelTier;
import io.fovea.kernel.KernelTiers;
import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The fused inverted residual equals its steps, and buffers that do not fit are refused before native code sees them. */
class CppBlockTest {
    private static KernelTier tier;

    @BeforeAll
    static void library() {
        try {
            tier = KernelTiers.find("cpp").getFirst();
        } catch (IllegalStateException e) {
            System.out.println("SKIPPED cpp: " + e.getMessage());
            Assumptions.abort(e.getMessage());
        }
    }

    @Test
    void equalsItsStepsBitForBit() {
        for (double share : new double[]{1, 0.6, 0.1, 0}) {
            for (int stride : new int[]{1, 2}) {
                for (int size : new int[]{1, 2, 9, 19, 40}) {
                    for (boolean expands : new boolean[]{true, false}) {
                        Window window = Window.same(3, stride, size, size + 1);
                        new Case(8, 40, 24, window, expands, stride == 1, size, share, size * 31 + stride).check();
                    }
                }
            }
        }
        new Case(16, 48, 20, Window.same(5, 1, 11, 12), true, true, 11, 0.7, 1).check();
        new Case(16, 48, 20, Window.same(5, 2, 11, 12), true, false, 11, 1, 2).check();
    }

    @Test
    void refusesBuffersThatAreTooSmall() {
        Case c = new Case(8, 40, 24, Window.same(3, 1, 6, 7), true, false, 6, 1, 3);
        RowKernel kernel = c.kernel(c.block);
        MemorySegment out = c.operands.out;
        c.operands.out = out.asSlice(0, out.byteSize() - 4);
        IndexOutOfBoundsException e = assertThrows(IndexOutOfBoundsException.class,
                () -> kernel.run(c.operands, 0, kernel.units(c.operands), new Scratch()));
        assertTrue(e.getMessage().startsWith("out has"), e.getMessage());
    }

    @Test
    void leavesBlocksItCannotRunToTheirSteps() {
        Case c = new Case(8, 40, 24, Window.same(3, 1, 6, 7), true, false, 6, 1, 4);
        Layer.Conv d = c.block.depthwise();
        Window dilated = new Window(3, 3, 1, 1, 2, 2, 2, 2, 2, 2);
        Layer.Conv wide = new Layer.Conv(40, 40, dilated, 40, d.weights(), d.bias(), d.activation(), false);
        Optional<RowKernel> kernel = tier.prepare(new Layer.Block(c.block.expand(), wide, c.block.project()),
                Arena.ofAuto());
        assertFalse(kernel.isPresent());
    }

    /** A block on random rows of a map of which a share is active. */
    private static final class Case {
        final Arena arena = Arena.ofAuto();
        final Random random;
        final Layer.Block block;
        final Operands operands = new Operands();
        final String repro;

        Case(int in, int middle, int out, Window window, boolean expands, boolean residual, int size, double share,
                long seed) {
            repro = in + "->" + middle + "->" + out + " " + window + " expands=" + expands + " residual=" + residual
                    + " size=" + size + " share=" + share + " seed=" + seed;
            random = new Random(seed);
            Layer.Conv expand = expands ? conv(in, middle, Window.POINTWISE, 1, Activation.RELU6, false) : null;
            block = new Layer.Block(expand, conv(middle, middle, window, middle, Activation.RELU6, false),
                    conv(middle, out, Window.POINTWISE, 1, Activation.NONE, residual));
            int rowChannels = expands ? in : middle;
            int height = window.outHeight(size);
            int width = window.outWidth(size + 1);
            SiteSet inSites = new SiteSet(SiteGrid.of(size, size + 1, List.of(window)), true, arena);
            SiteSet outSites = new SiteSet(SiteGrid.of(height, width, List.of()), false, arena);
            inSites.set(mask(size * (size + 1), share));
            outSites.set(mask(height * width, share));
            operands.inRows = inSites.count();
            operands.in = floats(inSites.count() * rowChannels);
            operands.outRows = outSites.count();
            operands.in2 = floats(outSites.count() * out);
            operands.out = floats(outSites.count() * out);
            operands.edgeRows = inSites.edgeRows();
            operands.edge = floats(inSites.edgeRows() * middle);
            operands.edge.asSlice(0, 4L * middle).fill((byte) 0);
            operands.table = new NeighbourTable(window, inSites, outSites, arena);
            operands.table.build();
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

        private MemorySegment floats(int n) {
            MemorySegment s = arena.allocate(4L * n + 64, 64);
            MemorySegment.copy(values(n), 0, s, ValueLayout.JAVA_FLOAT, 0, n);
            return s.asSlice(0, 4L * n);
        }

        private Layer.Conv conv(int in, int out, Window window, int groups, Activation activation, boolean residual) {
            return new Layer.Conv(in, out, window, groups, values(out * (in / groups) * window.taps()), values(out),
                    activation, residual);
        }

        RowKernel kernel(Layer layer) {
            return tier.prepare(layer, arena).orElseThrow();
        }

        void check() {
            float[] fused = run(kernel(block), operands, 1);
            float[] split = run(kernel(block), operands, 3);
            float[] steps = steps();
            for (int i = 0; i < steps.length; i++) {
                assertEquals(Float.floatToIntBits(steps[i]), Float.floatToIntBits(fused[i]),
                        "value " + i + " " + repro);
                assertEquals(Float.floatToIntBits(steps[i]), Float.floatToIntBits(split[i]),
                        "value " + i + " " + repro);
            }
        }

        private float[] steps() {
            int middle = block.depthwise().outChannels();
            Operands expanded = new Operands();
            expanded.in = operands.in;
            expanded.out = operands.in;
            expanded.inRows = operands.inRows;
            expanded.outRows = operands.inRows;
            if (block.expand() != null) {
                expanded.out = floats(operands.inRows * middle);
                run(kernel(block.expand()), expanded, 1);
            }
            Operands filtered = new Operands();
            filtered.in = expanded.out;
            filtered.inRows = operands.inRows;
            filtered.edge = operands.edge;
            filtered.edgeRows = operands.edgeRows;
            filtered.table = operands.table;
            filtered.out = floats(operands.outRows * middle);
            filtered.outRows = operands.outRows;
            run(kernel(block.depthwise()), filtered, 1);
            Operands projected = new Operands();
            projected.in = filtered.out;
            projected.inRows = operands.outRows;
            projected.in2 = operands.in2;
            projected.out = operands.out;
            projected.outRows = operands.outRows;
            return run(kernel(block.project()), projected, 1);
        }

        private static float[] run(RowKernel kernel, Operands operands, int pieces) {
            int units = kernel.units(operands);
            Scratch scratch = new Scratch();
            for (int p = 0; p < pieces; p++) {
                int from = units * p / pieces;
                int to = units * (p + 1) / pieces;
                if (from < to) {
                    kernel.run(operands, from, to, scratch);
                }
            }
            return operands.out.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
