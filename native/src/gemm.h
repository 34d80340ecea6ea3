// Matrix products over packed weights, and the loop order around the register tile.
#pragma once

#include "tile.h"

namespace fovea {
namespace FOVEA_ISA {

/**
 * `rows` rows of the columns of panels panelFrom..panelTo. x and y describe the first row and column 0.
 */
void product(const TileInput &x, int rows, const Panels &panels, int panelFrom, int panelTo, const TileOutput &y);

void gemm(const GemmArgs &g);

/** strides: of an output column, an input channel and a tap in w; order of k is tap by tap, channels inside. */
void gemmPack(const float *w, const int64_t strides[3], const float *bias, int32_t n, int32_t channels, int32_t taps,
              float *packed);

} // namespace FOVEA_ISA
} // namespace fovea
