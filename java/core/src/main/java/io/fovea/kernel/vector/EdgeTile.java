package io.fovea.kernel.vector;

import static io.fovea.kernel.vector.Lanes.LENGTH;
import static io.fovea.kernel.vector.Lanes.PANEL;
import static io.fovea.kernel.vector.Lanes.ROWS;
import static io.fovea.kernel.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/** The sums of {@link GemmTile} into an array, in the same order and so with the same bits; residual and clamp are left to the caller. */
final class EdgeTile {
    private EdgeTile() {
    }

    static void run(float[] a, int aAt, int depth, float[] b, int bAt, float[] bias, int biasAt, float[] out,
            int outAt) {
        for (int r = 0; r < ROWS; r += 2) {
            FloatVector c00 = FloatVector.fromArray(SPECIES, bias, biasAt);
            FloatVector c01 = FloatVector.fromArray(SPECIES, bias, biasAt + LENGTH);
            FloatVector c10 = c00;
            FloatVector c11 = c01;
            int first = aAt + r * depth;
            for (int k = 0; k < depth; k++) {
                FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt + k * PANEL);
                FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + k * PANEL + LENGTH);
                FloatVector x = FloatVector.broadcast(SPECIES, a[first + k]);
                c00 = x.fma(b0, c00);
                c01 = x.fma(b1, c01);
                x = FloatVector.broadcast(SPECIES, a[first + depth + k]);
                c10 = x.fma(b0, c10);
                c11 = x.fma(b1, c11);
            }
            c00.intoArray(out, outAt + r * PANEL);
            c01.intoArray(out, outAt + r * PANEL + LENGTH);
            c10.intoArray(out, outAt + (r + 1) * PANEL);
            c11.intoArray(out, outAt + (r + 1) * PANEL + LENGTH);
        }
    }
}
