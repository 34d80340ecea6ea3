// The register tile of all matrix products: MR rows x NV vectors of columns, kept in registers over the whole of k.
//
// A value of the result is bias + sum over k in increasing k, each step one fused multiply-add, whatever MR and NV:
// so a row has the same bits however the rows are split into tiles, ranges or threads.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

/** Most segments of a TileInput. */
constexpr int MAX_SEGMENTS = 32;

/** Where a tile reads its rows: `segments` stretches of `length` consecutive inputs, row r at a[s] + r * stride. */
struct TileInput {
    const float *const *a;
    int segments;
    int length;
    ptrdiff_t stride;
};

/** Where a tile writes: row r at out + r * stride, only the first `columns` of its columns. */
struct TileOutput {
    float *out;
    const float *residual; // or null; same stride
    ptrdiff_t stride;
    int columns;
    Clamp clamp;
};

template <int MR, int NV>
static void tile(const TileInput &x, const float *b, const TileOutput &y) {
    Vec acc[MR][NV];
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) {
        Vec bias = load(b + v * W);
#pragma GCC unroll 16
        for (int r = 0; r < MR; r++) {
            acc[r][v] = bias;
        }
    }
    b += NV * W;
    const ptrdiff_t stride = x.stride;
    const int length = x.length;
    for (int s = 0; s < x.segments; s++) {
        // Three pointers and two strides address twelve rows; more would not stay in general registers.
        const float *a0 = x.a[s];
        const float *a1 = a0 + (MR > 4 ? 4 * stride : 0);
        const float *a2 = a0 + (MR > 8 ? 8 * stride : 0);
        for (int k = 0; k < length; k++) {
            Vec w[NV];
#pragma GCC unroll 2
            for (int v = 0; v < NV; v++) {
                w[v] = load(b + v * W);
            }
#pragma GCC unroll 16
            for (int r = 0; r < MR; r++) {
                const float *base = r < 4 ? a0 : r < 8 ? a1 : a2;
                Vec a = splat(base[(r & 3) * stride]);
#pragma GCC unroll 2
                for (int v = 0; v < NV; v++) {
                    acc[r][v] = fma(a, w[v], acc[r][v]);
                }
            }
            b += NV * W;
            a0++;
            a1++;
            a2++;
        }
    }
    const Vec lo = splat(y.clamp.lo);
    const Vec hi = splat(y.clamp.hi);
    if (y.columns == NV * W) {
#pragma GCC unroll 16
        for (int r = 0; r < MR; r++) {
#pragma GCC unroll 2
            for (int v = 0; v < NV; v++) {
                Vec value = acc[r][v];
                if (y.residual) {
                    value = add(value, load(y.residual + r * y.stride + v * W));
                }
                store(y.out + r * y.stride + v * W, clamp(value, lo, hi));
            }
        }
    } else {
#pragma GCC unroll 16
        for (int r = 0; r < MR; r++) {
#pragma GCC unroll 2
            for (int v = 0; v < NV; v++) {
                const int columns = smaller(y.columns - v * W, W);
                Vec value = acc[r][v];
                if (y.residual) {
                    value = add(value, loadPartial(y.residual + r * y.stride + v * W, columns));
                }
                storePartial(y.out + r * y.stride + v * W, clamp(value, lo, hi), columns);
            }
        }
    }
}

using TileFunction = void (*)(const TileInput &, const float *, const TileOutput &);

/** The tile of `rows` (1..TILE_ROWS) rows and `vectors` (1 or 2) vectors of columns. */
TileFunction tileFunction(int rows, int vectors);

/** Packed weights, panel by panel: bias of the panel's columns, then for each k the weights of its columns. */
struct Panels {
    const float *packed;
    int n;
    int k;

    /** Columns of panel p that exist. */
    FOVEA_INLINE int columns(int p) const { return smaller(n - p * PANEL, PANEL); }
    /** Vectors of panel p: the last panel is one vector wide when that is enough. */
    FOVEA_INLINE int vectors(int p) const { return columns(p) > W ? 2 : 1; }
    FOVEA_INLINE const float *at(int p) const { return packed + static_cast<ptrdiff_t>(p) * PANEL * (k + 1); }
};

/** Panels of n columns. */
FOVEA_INLINE int panelCount(int n) { return (n + PANEL - 1) / PANEL; }

/** Rows are dealt to tiles evenly: a remainder of one or two rows alone would wait for each multiply-add. */
struct TileRows {
    int tiles;
    int base;
    int extra;

    FOVEA_INLINE explicit TileRows(int rows)
        : tiles((rows + TILE_ROWS - 1) / TILE_ROWS), base(tiles ? rows / tiles : 0), extra(rows - base * tiles) {}
    FOVEA_INLINE int rows(int t) const { return base + (t < extra ? 1 : 0); }
};

} // namespace FOVEA_ISA
} // namespace fovea
