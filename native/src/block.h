// Fused inverted residual.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

/** Returns whether all table entries lie in the image rows that their outputs may read; stops at the first that does not. */
bool block(const BlockArgs &args);

} // namespace FOVEA_ISA
} // namespace fovea
