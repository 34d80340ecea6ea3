// Sizes that the checks and the kernels agree on.
#pragma once

#include <cstdint>

namespace fovea {

/** Largest height and width of a depthwise kernel. */
constexpr int32_t MAX_DEPTHWISE_KERNEL = 9;

/** Distance in floats of two gathered rows of k values: apart from multiples of the size of a cache way. */
static inline int64_t gatheredStride(int64_t k) { return (k + 15) / 16 * 16 + 16; }

/** Floats of scratch for gathered rows: a share of the second-level cache, at least one tile. */
static inline int64_t gatheredLength(int64_t k, int32_t tileRows) {
    const int64_t rows = 96 * 1024 / gatheredStride(k) / tileRows * tileRows;
    return gatheredStride(k) * (rows < tileRows ? tileRows : rows > 4 * tileRows ? 4 * tileRows : rows);
}

} // namespace fovea
