#pragma once

#include "kernels.h"

namespace fovea {

/** The kernels in use. */
const KernelTable &kernels();

} // namespace fovea
