// 3 x 3 convolution of stride 1 with fewer multiplications: F(2 x 2, 3 x 3) and F(4 x 4, 3 x 3).
#pragma once

#include "gemm.h"

namespace fovea {
namespace FOVEA_ISA {

/** Transforms and packs weights w[o * strides[0] + i * strides[1] + tap * strides[2]]. */
void winogradPack(const float *w, const int64_t strides[3], const float *bias, int32_t n, int32_t channels, int32_t m,
                  float *packed);

/** False when an entry of a tile or of its patch is out of range; tiles before it may have been computed. */
bool winograd(const WinogradArgs &a);

} // namespace FOVEA_ISA
} // namespace fovea
