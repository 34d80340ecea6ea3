// Sizes that the checks and the kernels agree on.
#pragma once

#include <cstdint>

namespace fovea {

/** Largest height and width of a depthwise kernel. */
constexpr int32_t MAX_DEPTHWISE_KERNEL = 9;
/** Most taps of a window. */
constexpr int32_t MAX_TAPS = 1 << 10;

/** Columns that a told run names in each kernel row: the first two and the last two, or of a single output all kw. */
static inline int32_t toldColumns(int32_t kw) { return kw > 4 ? kw : 4; }

/** Ints of a told run: its first output, the column of that in the map, then the columns of its kernel rows. */
static inline int32_t toldLength(int32_t kh, int32_t kw) { return 2 + kh * toldColumns(kw); }

/** Distance in floats of two gathered rows of k values: apart from multiples of the size of a cache way. */
static inline int64_t gatheredStride(int64_t k) { return (k + 15) / 16 * 16 + 16; }

/** Floats of scratch for gathered rows: a share of the second-level cache, at least one tile. */
static inline int64_t gatheredLength(int64_t k, int32_t tileRows) {
    const int64_t rows = 96 * 1024 / gatheredStride(k) / tileRows * tileRows;
    return gatheredStride(k) * (rows < tileRows ? tileRows : rows > 4 * tileRows ? 4 * tileRows : rows);
}

} // namespace fovea
