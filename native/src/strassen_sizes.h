// Sizes of products with fewer multiplications that the checks and the kernels agree on.
#pragma once

#include <cstdint>

namespace fovea {

/** Levels of halving, at most. */
constexpr int32_t MAX_STRASSEN_LEVELS = 2;

/** Halved as often as there are levels, inputs and outputs still fill whole cache lines. */
static inline bool strassenFits(int32_t cin, int32_t cout, int32_t levels) {
    return levels >= 1 && levels <= MAX_STRASSEN_LEVELS && cin % (16 << levels) == 0 && cout % (16 << levels) == 0;
}

/** Rows of a group, rounded up to what can be halved. */
static inline int64_t strassenRows(int64_t rows, int32_t levels) {
    return (rows + (1 << levels) - 1) >> levels << levels;
}

/** Packed floats of one of the 7 (or 49) products of k x n weights, without levels those of the product itself. */
static inline int64_t strassenPacked(int64_t k, int64_t n, int32_t levels) {
    return levels == 0 ? (n * (k + 1) + 15) / 16 * 16 : 7 * strassenPacked(k / 2, n / 2, levels - 1);
}

/** Distance in floats of the rows of sums of k / 2 inputs: an odd number of cache lines. */
static inline int64_t strassenSumRow(int64_t k) { return ((k / 2 + 15) / 16 | 1) * 16; }

/** Floats that the products of `rows` rows need beside their inputs and outputs. */
static inline int64_t strassenWork(int64_t k, int64_t n, int32_t levels, int64_t rows) {
    if (levels == 0) {
        return 0;
    }
    const int64_t half = rows / 2;
    return half * strassenSumRow(k) + (levels > 1 ? half * n / 2 : 0) + strassenWork(k / 2, n / 2, levels - 1, half);
}

/** Floats of scratch of a group of rows: [its inputs][its outputs][work], the first two for groups that are filled up or have a residual. */
static inline int64_t strassenScratch(int64_t k, int64_t n, int32_t levels, int64_t rows) {
    const int64_t whole = strassenRows(rows, levels);
    return whole * (k + n) + strassenWork(k, n, levels, whole);
}

} // namespace fovea
