package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.PANEL;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** The register tile: 6 rows x 2 vectors of {@code a * b + bias (+ residual)}, clamped. */
final class GemmTile {
    private GemmTile() {
    }

    /**
     * Computes one tile.
     *
     * @param a 6 rows of {@code depth} values from {@code aAt}
     * @param depth length of the sum
     * @param b panel of {@code depth x PANEL} values from {@code bAt}
     * @param bias padded to whole panels, read from {@code biasAt}
     * @param residual added before the clamp, at the same offset as the output, or null
     * @param out where the tile goes
     * @param outAt byte offset of its first value
     * @param outStride bytes from row to row
     */
    static void run(float[] a, int aAt, int depth, float[] b, int bAt, float[] bias, int biasAt,
            MemorySegment residual, float low, float high, MemorySegment out, long outAt, long outStride) {
        FloatVector s0 = FloatVector.fromArray(SPECIES, bias, biasAt);
        FloatVector s1 = FloatVector.fromArray(SPECIES, bias, biasAt + LENGTH);
        FloatVector c00 = s0;
        FloatVector c01 = s1;
        FloatVector c10 = s0;
        FloatVector c11 = s1;
        FloatVector c20 = s0;
        FloatVector c21 = s1;
        FloatVector c30 = s0;
        FloatVector c31 = s1;
        FloatVector c40 = s0;
        FloatVector c41 = s1;
        FloatVector c50 = s0;
        FloatVector c51 = s1;
        int a1 = aAt + depth;
        int a2 = a1 + depth;
        int a3 = a2 + depth;
        int a4 = a3 + depth;
        int a5 = a4 + depth;
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt + k * PANEL);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + k * PANEL + LENGTH);
            FloatVector x = FloatVector.broadcast(SPECIES, a[aAt + k]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[a1 + k]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[a2 + k]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[a3 + k]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(SPECIES, a[a4 + k]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(SPECIES, a[a5 + k]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
        }
        store(c00, c01, residual, low, high, out, outAt);
        store(c10, c11, residual, low, high, out, outAt + outStride);
        store(c20, c21, residual, low, high, out, outAt + 2 * outStride);
        store(c30, c31, residual, low, high, out, outAt + 3 * outStride);
        store(c40, c41, residual, low, high, out, outAt + 4 * outStride);
        store(c50, c51, residual, low, high, out, outAt + 5 * outStride);
    }

    private static void store(FloatVector c0, FloatVector c1, MemorySegment residual, float low, float high,
            MemorySegment out, long at) {
        if (residual != null) {
            c0 = c0.add(FloatVector.fromMemorySegment(SPECIES, residual, at, ORDER));
            c1 = c1.add(FloatVector.fromMemorySegment(SPECIES, residual, at + 4L * LENGTH, ORDER));
        }
        c0.max(low).min(high).intoMemorySegment(out, at, ORDER);
        c1.max(low).min(high).intoMemorySegment(out, at + 4L * LENGTH, ORDER);
    }
}
