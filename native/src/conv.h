// Convolution through a neighbour table as an implicit matrix product over row pointers.
#pragma once

#include "conv_sizes.h"
#include "gemm.h"

namespace fovea {
namespace FOVEA_ISA {

/** Rows of one table, and where an entry points. */
struct Rows {
    Source source;

    FOVEA_INLINE const float *at(int32_t entry) const {
        const ptrdiff_t c = source.channels;
        return entry < source.inRows ? source.in + entry * c : source.edge + (entry - source.inRows) * c;
    }
};

/**
 * Output rows from..to of the panels into y (whose out and residual are those of row 0). scratch holds at least
 * TILE_ROWS gathered rows.
 */
void convRows(const Rows &rows, const int32_t *table, int taps, int from, int to, const Panels &panels, int panelFrom,
              int panelTo, const TileOutput &y, float *scratch, int64_t scratchLength);

bool conv(const ConvArgs &c);

} // namespace FOVEA_ISA
} // namespace fovea
