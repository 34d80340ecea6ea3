package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.ORDER;
import static io.fovea.kernel.vector.Lanes.PANEL;
import static io.fovea.kernel.vector.Lanes.ROWS;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The register tile: 6 rows x 2 vectors of {@code a * b + bias}. The sums go to an array and from there, in a second small method, to
 * the output: with segment stores in the same method C2 gives up inlining (NodeCountInliningCutoff) and the tile runs 6 times slower.
 */
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
     * @param tile receives 6 rows of {@code PANEL} sums
     * @param tileAt index of the first of them
     */
    static void run(float[] a, int aAt, int depth, float[] b, int bAt, float[] bias, int biasAt,
            float[] tile, int tileAt) {
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
        c00.intoArray(tile, tileAt);
        c01.intoArray(tile, tileAt + LENGTH);
        c10.intoArray(tile, tileAt + PANEL);
        c11.intoArray(tile, tileAt + PANEL + LENGTH);
        c20.intoArray(tile, tileAt + 2 * PANEL);
        c21.intoArray(tile, tileAt + 2 * PANEL + LENGTH);
        c30.intoArray(tile, tileAt + 3 * PANEL);
        c31.intoArray(tile, tileAt + 3 * PANEL + LENGTH);
        c40.intoArray(tile, tileAt + 4 * PANEL);
        c41.intoArray(tile, tileAt + 4 * PANEL + LENGTH);
        c50.intoArray(tile, tileAt + 5 * PANEL);
        c51.intoArray(tile, tileAt + 5 * PANEL + LENGTH);
    }

    /**
     * Finishes a whole tile: residual, clamp, store.
     *
     * @param residual added before the clamp, at the same offset as the output, or null
     * @param out where the tile goes
     * @param outAt byte offset of its first value
     * @param outStride bytes from row to row
     */
    static void store(float[] tile, int tileAt, MemorySegment residual, float low, float high, MemorySegment out,
            long outAt, long outStride) {
        long at = outAt;
        for (int r = 0; r < ROWS; r++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, tile, tileAt + r * PANEL);
            FloatVector c1 = FloatVector.fromArray(SPECIES, tile, tileAt + r * PANEL + LENGTH);
            if (residual != null) {
                c0 = c0.add(FloatVector.fromMemorySegment(SPECIES, residual, at, ORDER));
                c1 = c1.add(FloatVector.fromMemorySegment(SPECIES, residual, at + 4L * LENGTH, ORDER));
            }
            c0.max(low).min(high).intoMemorySegment(out, at, ORDER);
            c1.max(low).min(high).intoMemorySegment(out, at + 4L * LENGTH, ORDER);
            at += outStride;
        }
    }
}
