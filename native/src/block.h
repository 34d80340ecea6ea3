// Fused inverted residual.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

void block(const BlockArgs &args);

} // namespace FOVEA_ISA
} // namespace fovea
