#include "gemm.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

template <int... R> struct TileTable {
    static constexpr TileFunction one[] = {nullptr, tile<R + 1, 1>...};
    static constexpr TileFunction two[] = {nullptr, tile<R + 1, 2>...};
};

template <int N, int... R> struct Count : Count<N - 1, N - 1, R...> {};
template <int... R> struct Count<0, R...> {
    using Tiles = TileTable<R...>;
};
using Tiles = Count<TILE_ROWS>::Tiles;

/** Rows whose inputs should stay in the second-level cache while all panels pass over them. */
constexpr int64_t BLOCK_FLOATS = 96 * 1024;
/** Weights up to this size stay in cache while rows pass: then each row is read and written once. */
constexpr int64_t RESIDENT_FLOATS = 64 * 1024;

/** All panels over rows from..to; panels outside, so that a panel is fetched once. */
void block(const TileInput &x, int from, int to, const Panels &panels, int panelFrom, int panelTo,
           const TileOutput &y) {
    const TileRows split(to - from);
    for (int p = panelFrom; p < panelTo; p++) {
        const int vectors = panels.vectors(p);
        const float *b = panels.at(p);
        int r = from;
        for (int t = 0; t < split.tiles; t++) {
            const int rows = split.rows(t);
            const float *a[MAX_SEGMENTS];
            for (int s = 0; s < x.segments; s++) {
                a[s] = x.a[s] + r * x.stride;
            }
            const ptrdiff_t at = r * y.stride + static_cast<ptrdiff_t>(p) * PANEL;
            tileFunction(rows, vectors)({a, x.segments, x.length, x.stride}, b,
                                        {y.out + at, y.residual ? y.residual + at : nullptr, y.stride,
                                         panels.columns(p), y.clamp});
            r += rows;
        }
    }
}

} // namespace

TileFunction tileFunction(int rows, int vectors) { return vectors == 2 ? Tiles::two[rows] : Tiles::one[rows]; }

void product(const TileInput &x, int rows, const Panels &panels, int panelFrom, int panelTo, const TileOutput &y) {
    const int64_t weights = static_cast<int64_t>(panels.k) * PANEL * (panelTo - panelFrom);
    int most = TILE_ROWS;
    if (weights > RESIDENT_FLOATS) {
        const int64_t fit = BLOCK_FLOATS / panels.k / TILE_ROWS * TILE_ROWS;
        most = fit < TILE_ROWS ? TILE_ROWS : static_cast<int>(fit);
    }
    const int blocks = (rows + most - 1) / most;
    for (int i = 0; i < blocks; i++) {
        const int from = static_cast<int>(static_cast<int64_t>(rows) * i / blocks);
        const int to = static_cast<int>(static_cast<int64_t>(rows) * (i + 1) / blocks);
        block(x, from, to, panels, panelFrom, panelTo, y);
    }
}

void gemm(const GemmArgs &g) {
    const Panels panels{g.packed, g.n, g.k};
    const float *a = g.in + static_cast<ptrdiff_t>(g.from) * g.k;
    const ptrdiff_t at = static_cast<ptrdiff_t>(g.from) * g.n;
    product({&a, 1, g.k, g.k}, g.to - g.from, panels, g.panelFrom, g.panelTo,
            {g.out + at, g.residual ? g.residual + at : nullptr, g.n, 0, g.clamp});
}

void gemmPack(const float *w, const int64_t strides[3], const float *bias, int32_t n, int32_t channels, int32_t taps,
              float *packed) {
    const Panels panels{packed, n, taps * channels};
    float *to = packed;
    for (int p = 0; p * PANEL < n; p++) {
        const int width = panels.vectors(p) * W;
        const int columns = panels.columns(p);
        const float *first = w + static_cast<int64_t>(p) * PANEL * strides[0];
        for (int c = 0; c < width; c++) {
            *to++ = bias && c < columns ? bias[p * PANEL + c] : 0.0f;
        }
        for (int tap = 0; tap < taps; tap++) {
            for (int k = 0; k < channels; k++) {
                for (int c = 0; c < width; c++) {
                    *to++ = c < columns ? first[c * strides[0] + k * strides[1] + tap * strides[2]] : 0.0f;
                }
            }
        }
    }
}

} // namespace FOVEA_ISA
} // namespace fovea
