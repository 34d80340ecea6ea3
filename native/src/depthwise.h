// Depthwise convolution through a neighbour table.
#pragma once

#include "conv_sizes.h"
#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

/**
 * What a call computes. Entries e < split lie at low + e * channels, entries up to inRows at high + e * channels: the
 * rows may live in two places, as in a ring buffer.
 */
struct DepthwiseRows {
    const float *low;
    const float *high;
    const float *edge;
    int32_t split;
    int32_t inRows;
    int32_t channels;
    const int32_t *table; // of the first output
    const float *packed;
    float *out; // of the first output
    int32_t kh;
    int32_t kw;
    int32_t stride;
    Clamp clamp;
};

/** The first `count` outputs of the table. */
void depthwiseRows(const DepthwiseRows &d, int count);

void depthwise(const DepthwiseArgs &d);

void depthwisePack(const float *w, const int64_t strides[2], const float *bias, int32_t channels, int32_t taps,
                   float *packed);

} // namespace FOVEA_ISA
} // namespace fovea
