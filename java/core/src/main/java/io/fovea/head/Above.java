package io.fovea.head;

import io.fovea.kernel.KernelTiers;

/** Finds values above a bound. Stateless, thread-safe; every implementation gives the same answers. */
interface Above {

    /** Returns the first index of {@code from..to-1} whose value is above a bound, or {@code to}; what is no number is not above. */
    int next(float[] values, int from, int to, float bound);

    /** Returns the fastest that runs here. */
    static Above best() {
        return Best.ABOVE;
    }

    /** Chosen once. */
    final class Best {
        private static final Above ABOVE = KernelTiers.ready("vector").isPresent()
                ? new VectorAbove()
                : new ScalarAbove();

        private Best() {
        }
    }
}
