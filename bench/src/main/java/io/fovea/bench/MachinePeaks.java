package io.fovea.bench;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.KernelTiers;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What this machine can do with one thread, measured: the roofs of the roofline. */
final class MachinePeaks {
    private static final long COPY_BYTES = 256L << 20;

    private MachinePeaks() {
    }

    /** Returns the multiply-accumulates a second (in 10^9) of the best kernel on a product that stays in cache. */
    static double gmacs() {
        LayerShape shape = LayerShape.parse("conv 12x10 256>64 k1s1");
        Layer.Conv layer = shape.layer();
        double best = 0;
        try (Arena arena = Arena.ofShared()) {
            LayerCase work = new LayerCase(shape, layer, arena);
            for (KernelTier tier : KernelTiers.find("auto")) {
                RowKernel kernel = tier.name().equals("scalar") ? null : tier.prepare(layer, arena).orElse(null);
                if (kernel != null) {
                    long macs = work.rows() * layer.macsPerSite();
                    best = Math.max(best, macs / least(3000, () -> work.run(kernel)));
                }
            }
        }
        return best;
    }

    /** Returns the gigabytes a second of a copy much larger than the caches, bytes read and written counted. */
    static double gigabytes() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment from = arena.allocate(COPY_BYTES, 64).fill((byte) 1);
            MemorySegment to = arena.allocate(COPY_BYTES, 64).fill((byte) 2);
            return 2.0 * COPY_BYTES / least(10, () -> to.copyFrom(from));
        }
    }

    private static double least(int runs, Runnable work) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            work.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }
}
