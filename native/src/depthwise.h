// Depthwise convolution through a neighbour table.
#pragma once

#include "conv_sizes.h"
#include "spans.h"

namespace fovea {
namespace FOVEA_ISA {

/** What does not change from output to output of a call. */
struct DepthwiseRows {
    RowPlaces places;
    TableRuns table;
    const float *packed;
    Activation activation;
    bool ahead; // the rows read are not in cache yet
};

/** In place of a table: what the columns of image rows read as, and which outputs are wanted; see fovea_block. */
struct ImageLines {
    const int32_t *lines; // or null
    int64_t linesLength;
    const int32_t *sites;
    int64_t sitesLength;
    const int32_t *inStart;
    const int32_t *outStart;
    int32_t inHeight;
    int32_t outWidth;
    int32_t padTop;
    int32_t padLeft;

    /** Where the first stretch of an image row of the input is. */
    int32_t firstLine(int32_t y) const { return lines[y < 0 || y >= inHeight ? inHeight : y]; }
};

/** The entries of a block that tells lines. */
FOVEA_INLINE ImageLines linesOf(const fovea_block &b) {
    return {b.lines, b.lines_length, b.sites, b.sites_length, b.in_start, b.out_start, b.in_height, b.out_width, b.pad_top, b.pad_left};
}

/** Whether the rows of two windows, the weights and the sums fit into registers. */
constexpr bool PAIRS = FOVEA_ISA_ID == 1 || FOVEA_ISA_ID == 3;

/** Outputs from..to of the table into consecutive rows of `out`. False when an entry does not fit the range. */
bool depthwiseRows(const DepthwiseRows &d, const EntryRange &range, int from, int to, float *out);

/**
 * The same for the outputs of two image rows, from..middle and middle..to: where their windows cover the same rows, these are
 * loaded once for both.
 */
bool depthwiseRowPair(const DepthwiseRows &d, const EntryRange &upper, const EntryRange &lower, int from, int middle,
                      int to, float *out);

bool depthwise(const DepthwiseArgs &d);

void depthwisePack(const float *w, const int64_t strides[2], const float *bias, int32_t channels, int32_t taps,
                   float *packed);

} // namespace FOVEA_ISA
} // namespace fovea
