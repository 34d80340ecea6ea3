// The register tile of all matrix products: MR rows x FULL vectors and a last vector of columns, kept in registers over
// the whole of k.
//
// A value of the result is bias + sum over k in increasing k, each step one fused multiply-add, whatever the tile: so a
// row has the same bits however the rows are split into tiles, ranges or threads.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

/** Most segments of a TileInput. */
constexpr int MAX_SEGMENTS = 32;

/** Where rows are read: `segments` stretches of `length` consecutive inputs, row r at a[s] + r * stride. */
struct TileInput {
    const float *const *a;
    int segments;
    int length;
    ptrdiff_t stride;
};

/** Where rows are written: row r at out + r * stride. */
struct TileOutput {
    float *out;
    const float *residual; // or null; same stride
    ptrdiff_t stride;
    Clamp clamp;
    const Activation *function = nullptr; // what follows instead of a clamp, or null; applied by product()
};

/**
 * Hides from the compiler where a pointer came from. Without it the addresses of all rows are computed before the sums
 * begin, and kept where there is no room for them.
 */
template <typename T> FOVEA_INLINE void hide(T *&p) { asm("" : "+r"(p)); }

/** Clamps and writes one vector of a row; FULL: all its columns exist. */
template <bool FULL, typename V>
FOVEA_INLINE void finish(V value, const float *residual, float *out, int columns, V lo, V hi) {
    if (residual) {
        value = add(value, FULL ? Lanes<V>::load(residual) : Lanes<V>::loadPartial(residual, columns));
    }
    value = clamp(value, lo, hi);
    if (FULL) {
        store(out, value);
    } else {
        storePartial(out, value, columns);
    }
}

/** The end of a tile. PLAIN: no residual, and all columns of the last vector exist. */
template <bool PLAIN, int MR, int FULL, typename Last>
FOVEA_INLINE void finishRows(const Vec (&acc)[MR][FULL ? FULL : 1], const Last (&last)[MR], const TileOutput &y,
                             ptrdiff_t outOffset, int lastColumns) {
    const Vec lo = splat(y.clamp.lo);
    const Vec hi = splat(y.clamp.hi);
    const Last loLast = Lanes<Last>::low(lo);
    const Last hiLast = Lanes<Last>::low(hi);
    float *out = y.out + outOffset;
    const float *residual = !PLAIN && y.residual ? y.residual + outOffset : nullptr;
    const ptrdiff_t step = y.stride;
#pragma GCC unroll 16
    for (int r = 0; r < MR; r++) {
        hide(out);
#pragma GCC unroll 2
        for (int v = 0; v < FULL; v++) {
            finish<true>(acc[r][v], residual ? residual + v * W : nullptr, out + v * W, W, lo, hi);
        }
        const float *add = residual ? residual + FULL * W : nullptr;
        if (PLAIN || lastColumns == Lanes<Last>::count) {
            finish<true>(last[r], add, out + FULL * W, lastColumns, loLast, hiLast);
        } else {
            finish<false>(last[r], add, out + FULL * W, lastColumns, loLast, hiLast);
        }
        out += step;
        if (residual) {
            residual += step;
            hide(residual);
        }
    }
}

/**
 * One tile. `aOffset` moves all rows of x, `outOffset` those of y; b is the packed panel, of which the first `columns`
 * columns exist. AHEAD: the panel that follows this one in memory is fetched meanwhile.
 */
template <int MR, int FULL, typename Last, bool AHEAD = false>
static void tile(const TileInput &x, ptrdiff_t aOffset, const float *b, const TileOutput &y, ptrdiff_t outOffset,
                 int columns) {
    constexpr int WIDTH = FULL * W + Lanes<Last>::count;
    Vec acc[MR][FULL ? FULL : 1];
    Last last[MR];
    const float *line = y.out + outOffset;
#pragma GCC unroll 16
    for (int r = 0; r < MR; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < FULL; v++) {
            acc[r][v] = load(b + v * W);
        }
        last[r] = Lanes<Last>::load(b + FULL * W);
        // The lines to write arrive while the sums are made: with few inputs, waiting for them would take longest.
#pragma GCC unroll 2
        for (int c = 0; c < WIDTH; c += 16) {
            __builtin_prefetch(line + c, 1);
        }
        line += y.stride;
        hide(line);
    }
    b += WIDTH;
    const ptrdiff_t stride = x.stride;
    const int length = x.length;
    const ptrdiff_t ahead = (static_cast<ptrdiff_t>(x.segments) * length + 1) * WIDTH;
    for (int s = 0; s < x.segments; s++) {
        // Three pointers and two strides address twelve rows; more would not stay in general registers.
        const float *a0 = x.a[s] + aOffset;
        const float *a1 = a0 + (MR > 4 ? 4 * stride : 0);
        const float *a2 = a0 + (MR > 8 ? 8 * stride : 0);
        for (int k = 0; k < length; k++) {
            Vec w[FULL ? FULL : 1];
#pragma GCC unroll 2
            for (int v = 0; v < FULL; v++) {
                w[v] = load(b + v * W);
            }
            const Last wLast = Lanes<Last>::load(b + FULL * W);
            if (AHEAD) {
#pragma GCC unroll 2
                for (int c = 0; c < WIDTH; c += 16) {
                    __builtin_prefetch(b + ahead + c, 0, 2);
                }
            }
#pragma GCC unroll 16
            for (int r = 0; r < MR; r++) {
                const float *base = r < 4 ? a0 : r < 8 ? a1 : a2;
                if (FULL == 0) {
                    last[r] = fma(Lanes<Last>::splat(base[(r & 3) * stride]), wLast, last[r]);
                    continue;
                }
                const Vec a = splat(base[(r & 3) * stride]);
#pragma GCC unroll 2
                for (int v = 0; v < FULL; v++) {
                    acc[r][v] = fma(a, w[v], acc[r][v]);
                }
                last[r] = fma(Lanes<Last>::low(a), wLast, last[r]);
            }
            b += WIDTH;
            a0++;
            a1++;
            a2++;
        }
    }
    const int lastColumns = columns - FULL * W;
    if (!y.residual && lastColumns == Lanes<Last>::count) {
        finishRows<true, MR, FULL, Last>(acc, last, y, outOffset, lastColumns);
    } else {
        finishRows<false, MR, FULL, Last>(acc, last, y, outOffset, lastColumns);
    }
}

using TileFunction = void (*)(const TileInput &, ptrdiff_t, const float *, const TileOutput &, ptrdiff_t, int);

/** Packed weights, panel by panel: bias of the panel's columns, then for each k the weights of its columns. */
struct Panels {
    const float *packed;
    int n;
    int k;

    /** Columns of panel p that exist. */
    FOVEA_INLINE int columns(int p) const { return smaller(n - p * PANEL, PANEL); }
    /** Columns of panel p in the packed weights: the last panel is as narrow as half vectors allow. */
    FOVEA_INLINE int width(int p) const { return (columns(p) + HALF - 1) / HALF * HALF; }
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
