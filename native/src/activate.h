// Element-wise functions that end a layer.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

/** out[i] = f(in[i]); out may be in. */
void activate(const Activation &f, const float *in, float *out, int64_t length);

/** The same in place, for the first `columns` values of `rows` rows. */
void activateRows(const Activation &f, float *x, int rows, int columns, ptrdiff_t stride);

/** A function that clamping in the kernels does not do, or null. */
FOVEA_INLINE const Activation *functionOf(const Activation &f) { return f.isClamp() ? nullptr : &f; }

} // namespace FOVEA_ISA
} // namespace fovea
