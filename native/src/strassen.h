// Matrix products with 7 multiplications for 8, or 49 for 64.
#pragma once

#include "gemm.h"
#include "strassen_sizes.h"

namespace fovea {
namespace FOVEA_ISA {

/** Sums (in double) and packs weights w[o * strides[0] + i * strides[1]]. */
void strassenPack(const float *w, const int64_t strides[2], const float *bias, int32_t n, int32_t k, int32_t levels,
                  float *packed);

/** One group of rows. */
void strassen(const StrassenArgs &a);

/** Image rows y0..y1 of a block without expansion, whose projection takes them as one group. False for a wrong entry. */
bool blockGroup(const BlockArgs &args, int32_t levels);

} // namespace FOVEA_ISA
} // namespace fovea
