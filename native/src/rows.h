// Row-wise helpers: addition, pooling through a table, global mean, mixtures of rows, and the check of table entries.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

/** out[r, c] = in[r, c] * factor[c] + shift[c]; shift may be null. */
void scaleRows(const float *in, const float *factor, const float *shift, float *out, int32_t rows, int32_t channels);
void addRows(const float *a, const float *b, float *out, int64_t length, Clamp clamp);
bool maxPool(const PoolArgs &p);
void averagePool(const PoolArgs &p);
void mapAverage(const MapAverageArgs &a);
void globalAverage(const float *in, int32_t rows, int32_t channels, const float *rest, float restWeight, float *out);

void sample(const SampleArgs &s);

/** Whether all entries lie in the range. */
bool entriesFit(const int32_t *entries, int64_t count, EntryRange range);

} // namespace FOVEA_ISA
} // namespace fovea
