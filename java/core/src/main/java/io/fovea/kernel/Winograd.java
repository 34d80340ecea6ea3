package io.fovea.kernel;

/**
 * Which kernels with fewer multiplications (Winograd's minimal filtering, Lavin and Gray 2016) may compute 3x3 convolutions of stride 1.
 * They round differently from a direct sum: docs/performance.md states by how much.
 */
public enum Winograd {
    /** F(4x4,3x3), a quarter of the multiplications, wherever it is the fastest. */
    AUTO("winograd"),
    /** F(2x2,3x3) instead: 2.25 times fewer, and errors like those of a direct sum. */
    SMALL("winograd2"),
    /** None. */
    OFF(null);

    private final String tier;

    Winograd(String tier) {
        this.tier = tier;
    }

    /** Returns whether a tier has only such kernels, so that another must serve the rest of a net. */
    public static boolean isTier(String name) {
        return name.equals(AUTO.tier) || name.equals(SMALL.tier);
    }

    /** Returns the name of the kernel tier that it allows, or null. */
    public String tier() {
        return tier;
    }
}
