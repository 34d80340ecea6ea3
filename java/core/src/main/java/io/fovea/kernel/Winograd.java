package io.fovea.kernel;

/**
 * Which kernels with fewer multiplications may compute 3x3 convolutions of stride 1 (Winograd's minimal filtering, Lavin and Gray 2016) and
 * large 1x1 convolutions (Strassen's product, 1969, in Winograd's form). They round differently from a direct sum: docs/performance.md states by
 * how much.
 */
public enum Winograd {
    /** F(4x4,3x3), a quarter of the multiplications, wherever it is the fastest. */
    AUTO("winograd"),
    /** F(2x2,3x3) instead: 2.25 times fewer, and errors like those of a direct sum. */
    SMALL("winograd2"),
    /** None, and no fewer multiplications in 1x1 convolutions either. */
    OFF(null);

    private static final String PRODUCTS = "strassen";
    private final String tier;

    Winograd(String tier) {
        this.tier = tier;
    }

    /** Returns whether a tier has only such kernels, so that another must serve the rest of a net. */
    public static boolean isTier(String name) {
        return name.equals(AUTO.tier) || name.equals(SMALL.tier) || name.equals(PRODUCTS);
    }

    /** Returns whether {@code auto} may take a tier with fewer multiplications. */
    public boolean allows(String name) {
        return name.equals(tier) || this != OFF && name.equals(PRODUCTS);
    }
}
