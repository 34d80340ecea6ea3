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
