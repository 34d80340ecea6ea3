#include "gemm.h"

#include "activate.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/** Tiles of 1 to TILE_ROWS rows, of each width that a panel may have. */
template <int... R> struct TileTable {
    static constexpr TileFunction half[] = {nullptr, tile<R + 1, 0, Half>...};
    static constexpr TileFunction one[] = {nullptr, tile<R + 1, 0, Vec>...};
    static constexpr TileFunction oneAndHalf[] = {nullptr, tile<R + 1, 1, Half>...};
    static constexpr TileFunction two[] = {nullptr, tile<R + 1, 1, Vec>...};
    static constexpr TileFunction twoAhead[] = {nullptr, tile<R + 1, 1, Vec, true>...};
};

template <int N, int... R> struct Count : Count<N - 1, N - 1, R...> {};
template <int... R> struct Count<0, R...> {
    using Tiles = TileTable<R...>;
};
using Tiles = Count<TILE_ROWS>::Tiles;

const TileFunction *tilesOf(int width) {
    return width == PANEL ? Tiles::two : width > W ? Tiles::oneAndHalf : width == W ? Tiles::one : Tiles::half;
}

/** Rows whose inputs should stay in the second-level cache while all panels pass over them. */
constexpr int64_t BLOCK_FLOATS = 96 * 1024;
/** Weights up to this size stay in cache while rows pass: then each row is read and written once. */
constexpr int64_t RESIDENT_FLOATS = 64 * 1024;
/** Panels up to this size are fetched while the last tile of a group uses the one before. */
constexpr int64_t AHEAD_FLOATS = 32 * 1024;

} // namespace

void product(const TileInput &x, int rows, const Panels &panels, int panelFrom, int panelTo, const TileOutput &y) {
    const TileRows split(rows);
    // Panels pass over a group of tiles: over one when the weights stay in cache, else over as many as do themselves.
    int group = 1;
    bool fetch = false;
    if (static_cast<int64_t>(panels.k) * PANEL * (panelTo - panelFrom) > RESIDENT_FLOATS) {
        fetch = static_cast<int64_t>(panels.k) * PANEL <= AHEAD_FLOATS;
        const int64_t fit = BLOCK_FLOATS / panels.k / TILE_ROWS;
        group = fit < 1 ? 1 : static_cast<int>(fit < split.tiles ? fit : split.tiles);
        // Groups of equal size: a last one of a tile or two would read all weights for few rows.
        const int groups = group < 1 ? 1 : (split.tiles + group - 1) / group;
        group = groups < 1 ? 1 : (split.tiles + groups - 1) / groups;
    }
    int first = 0; // row of the group
    for (int t0 = 0; t0 < split.tiles; t0 += group) {
        const int t1 = smaller(split.tiles, t0 + group);
        int r = first;
        for (int p = panelFrom; p < panelTo; p++) {
            const TileFunction *const tiles = tilesOf(panels.width(p));
            const float *const b = panels.at(p);
            const int columns = panels.columns(p);
            ptrdiff_t at = static_cast<ptrdiff_t>(first) * y.stride + static_cast<ptrdiff_t>(p) * PANEL;
            r = first;
            for (int t = t0; t < t1; t++) {
                const int count = split.rows(t);
                const bool ahead = fetch && t > t0 && t + 1 == t1 && p + 1 < panelTo;
                (ahead ? Tiles::twoAhead : tiles)[count](x, r * x.stride, b, y, at, columns);
                if (y.function) {
                    activateRows(*y.function, y.out + at, count, columns, y.stride);
                }
                r += count;
                at += count * y.stride;
            }
        }
        first = r;
    }
}

void gemm(const GemmArgs &g) {
    const Panels panels{g.packed, g.n, g.k};
    const float *a = g.in + static_cast<ptrdiff_t>(g.from) * g.k;
    const ptrdiff_t at = static_cast<ptrdiff_t>(g.from) * g.n;
    product({&a, 1, g.k, g.k}, g.to - g.from, panels, g.panelFrom, g.panelTo,
            {g.out + at, g.residual ? g.residual + at : nullptr, g.n, g.activation.clamp(), functionOf(g.activation)});
}

void gemmPack(const float *w, const int64_t strides[3], const float *bias, int32_t n, int32_t channels, int32_t taps,
              float *packed) {
    const Panels panels{packed, n, taps * channels};
    float *to = packed;
    for (int p = 0; p * PANEL < n; p++) {
        const int width = panels.width(p);
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
