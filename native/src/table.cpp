// The kernels of one instruction set, by address.
#include "activate.h"
#include "block.h"
#include "conv.h"
#include "depthwise.h"
#include "gemm.h"
#include "rows.h"
#include "strassen.h"
#include "winograd.h"

#define FOVEA_STRING2(x) #x
#define FOVEA_STRING(x) FOVEA_STRING2(x)

namespace fovea {
namespace FOVEA_ISA {

extern const KernelTable kernels;
const KernelTable kernels = {
    FOVEA_STRING(FOVEA_ISA),
    W,
    HALF,
    PANEL,
    TILE_ROWS,
    gemmPack,
    depthwisePack,
    winogradPack,
    strassenPack,
    gemm,
    strassen,
    conv,
    winograd,
    depthwise,
    block,
    blockGroup,
    activate,
    scaleRows,
    addRows,
    maxPool,
    averagePool,
    globalAverage,
    mapAverage,
    sample,
    entriesFit,
};

} // namespace FOVEA_ISA
} // namespace fovea
