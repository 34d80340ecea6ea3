// How a block divides its scratch: [gathered rows of a k x k expansion][depthwise rows][ring of expanded rows].
#pragma once

#include "conv_sizes.h"
#include "fovea_native.h"

namespace fovea {

/** Scratch of one block: lengths in rows of `channels` floats where not said otherwise. */
struct BlockSizes {
    int64_t gathered;      // floats
    int32_t depthwiseRows; // outputs of the depthwise stage that wait for the projection
    int32_t bandRows;      // output image rows of one band
    int64_t ringRows;      // 0 without expansion

    int64_t length(int32_t channels) const { return gathered + (depthwiseRows + ringRows) * channels; }
};

/** Channels that the projection reads. */
static inline int32_t projectInputs(const fovea_block &b) {
    return b.kept ? static_cast<int32_t>(b.kept_length) : b.channels;
}

/** Longest image row of a map. */
static inline int32_t longestRow(const int32_t *start, int32_t height) {
    int32_t longest = 1;
    for (int32_t y = 0; y < height; y++) {
        longest = start[y + 1] - start[y] > longest ? start[y + 1] - start[y] : longest;
    }
    return longest;
}

/** Rows of the ring for bands of `band` output image rows: what a band reads, and a row for the gap where it wraps. */
static inline int64_t ringRows(const fovea_block &b, int32_t longest, int32_t band) {
    const int64_t imageRows = static_cast<int64_t>(band - 1) * b.stride + b.kh + 1;
    const int64_t rows = imageRows * longest;
    return rows < b.in_rows ? rows : b.in_rows;
}

/** The division for `rows` depthwise outputs and a ring of at most `budget` floats (at least that of one band row). */
static inline BlockSizes divided(const fovea_block &b, int64_t gathered, int64_t rows, int64_t budget) {
    BlockSizes s{};
    s.gathered = gathered;
    s.depthwiseRows = static_cast<int32_t>(rows);
    if (!b.expand) {
        s.bandRows = b.out_height > 1 ? b.out_height : 1;
        return s;
    }
    const int32_t longest = longestRow(b.in_start, b.in_height);
    s.bandRows = 1;
    s.ringRows = ringRows(b, longest, 1);
    int32_t band = 1;
    while (band < b.out_height && ringRows(b, longest, band + 1) * b.channels <= budget) {
        band++;
    }
    // Image rows go in pairs.
    s.bandRows = band > 1 && band < b.out_height ? band / 2 * 2 : band;
    s.ringRows = ringRows(b, longest, s.bandRows);
    return s;
}

/**
 * The division for scratch of at most `available` floats (at least that of one band row), or with available < 0 the one
 * that runs best: expanded rows within a share of the second-level cache.
 */
static inline BlockSizes blockSizes(const fovea_block &b, int32_t tileRows, int64_t available) {
    constexpr int64_t RING_FLOATS = 96 * 1024;
    constexpr int64_t WHOLE_FLOATS = 128 * 1024;    // depthwise outputs up to this size are projected all at once
    constexpr int64_t RESIDENT_FLOATS = 64 * 1024; // projection weights that stay in cache beside the rows
    constexpr int64_t FIRST_LEVEL_FLOATS = 5 * 1024;
    const bool small = static_cast<int64_t>(b.channels) * b.cout <= RESIDENT_FLOATS;
    const int64_t fit = (small ? FIRST_LEVEL_FLOATS : RING_FLOATS) / b.channels / tileRows * tileRows;
    const int64_t least = fit < tileRows ? tileRows : fit > 8 * tileRows && small ? 8 * tileRows : fit;
    const int64_t pair = 2 * static_cast<int64_t>(longestRow(b.out_start, b.out_height));
    int64_t most = least < pair ? pair : least;
    if (!small && static_cast<int64_t>(b.out_rows) * b.channels <= WHOLE_FLOATS && b.out_rows > most) {
        most = b.out_rows;
    }
    const int64_t gathered =
        b.expand_table ? gatheredLength(static_cast<int64_t>(b.cin) * b.expand_taps, tileRows) : 0;
    const BlockSizes best = divided(b, gathered, most, RING_FLOATS);
    if (available < 0 || available >= best.length(b.channels)) {
        return best;
    }
    return divided(b, gathered, least, available - gathered - least * b.channels);
}

} // namespace fovea
