package io.fovea.sites;

/** Which background rows the inactive sites of a set have. */
public enum EdgeLayout {
    /** All inactive sites of a value share one row. */
    SHARED,
    /** Every site has a row of its own, at its position. */
    PER_SITE,
    /** Inactive sites that a table reads have a row of their own, packed in row-major order; the others have none. */
    RING
}
