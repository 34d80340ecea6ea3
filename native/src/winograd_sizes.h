// Sizes of the Winograd convolution that the checks and the kernels agree on.
#pragma once

#include <cstdint>

namespace fovea {

/** Positions of the transformed patch of m x m outputs: (m + 3 - 1) squared. */
static inline int32_t winogradPositions(int32_t m) { return (m + 2) * (m + 2); }

/** Distance in floats of two transformed tiles: an odd number of cache lines, so that a tile's rows fall into different sets. */
static inline int64_t winogradRow(int32_t cin, int32_t cout) {
    const int64_t widest = cin > cout ? cin : cout;
    return ((widest + 15) / 16 | 1) * 16;
}

/** Distance in floats of the tiles of two positions: odd in cache lines too. */
static inline int64_t winogradSlot(int64_t row, int64_t tiles) { return (row * tiles / 16 | 1) * 16; }

/**
 * Floats of scratch for some tiles at a time. One slot more than there are positions: products of position i overwrite
 * the inputs of position i - 1, which are done with.
 */
static inline int64_t winogradScratch(int32_t m, int32_t cin, int32_t cout, int64_t tiles) {
    return (winogradPositions(m) + 1) * winogradSlot(winogradRow(cin, cout), tiles);
}

} // namespace fovea
