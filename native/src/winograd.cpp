// Tiles of m x m outputs are taken some at a time: their patches of (m + 2) x (m + 2) inputs are transformed into one
// matrix per position, each is multiplied with the transformed weights of its position, and the products are
// transformed back. All three work on the same scratch, which holds as many tiles as suits the caches.
#include "winograd.h"
#include "activate.h"
#include "conv.h"
#include "winograd_sizes.h"
#include "winograd_transform.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/** Where one tile's patch is read. */
template <int M> struct Patch {
    static constexpr int N = M + 2;
    const float *rows[N * N];
};

/** Finds the inputs of a tile. False when an entry of it or of its patch is out of range. */
template <int M> bool find(const WinogradArgs &a, ptrdiff_t tile, Patch<M> &patch) {
    constexpr int N = M + 2;
    const uint32_t limit = static_cast<uint32_t>(a.source.inRows) + static_cast<uint32_t>(a.source.edgeRows);
    const int32_t *entries = a.patches + tile * (N * N);
    const int32_t *rows = a.tiles + tile * (M * M);
    bool wrong = false;
    for (int i = 0; i < M * M; i++) {
        wrong |= rows[i] < -1 || rows[i] >= a.outRows;
    }
    for (int i = 0; i < N * N; i++) {
        wrong |= static_cast<uint32_t>(entries[i]) >= limit;
    }
    if (!wrong) {
        const Rows source{a.source};
        for (int i = 0; i < N * N; i++) {
            patch.rows[i] = source.at(entries[i]);
        }
    }
    return !wrong;
}

/**
 * W channels of a patch from channel c on; FULL: all of them exist. v is where position 0 is written. The same channels of
 * the next patch arrive meanwhile: no hardware follows so many rows.
 */
template <int M, bool FULL>
FOVEA_INLINE void transformIn(const Patch<M> &patch, const Patch<M> &next, int c, int channels, float *v,
                              ptrdiff_t slot) {
    constexpr int N = M + 2;
    Vec t[N][N];
#pragma GCC unroll 6
    for (int x = 0; x < N; x++) {
        Vec d[N];
#pragma GCC unroll 6
        for (int y = 0; y < N; y++) {
            const float *from = patch.rows[y * N + x] + c;
            d[y] = FULL ? load(from) : loadPartial(from, channels - c);
            __builtin_prefetch(next.rows[y * N + x] + c);
        }
        Winograd<M>::input(d);
#pragma GCC unroll 6
        for (int y = 0; y < N; y++) {
            t[y][x] = d[y];
        }
    }
#pragma GCC unroll 6
    for (int y = 0; y < N; y++) {
        Winograd<M>::input(t[y]);
#pragma GCC unroll 6
        for (int x = 0; x < N; x++) {
            store(v + c, t[y][x]);
            v += slot;
            hide(v);
        }
    }
}

/** W columns of a tile's outputs from column c on. */
template <int M, bool PLAIN>
FOVEA_INLINE void transformOut(const WinogradArgs &a, const int32_t *tile, const int32_t *next, const float *products,
                               ptrdiff_t slot, int c) {
    constexpr int N = M + 2;
    Vec t[M][N];
    products += c;
#pragma GCC unroll 6
    for (int x = 0; x < N; x++) {
        Vec s[N];
        const float *from = products;
#pragma GCC unroll 6
        for (int y = 0; y < N; y++) {
            s[y] = load(from);
            from += N * slot;
        }
        products += slot;
        Winograd<M>::output(s);
#pragma GCC unroll 4
        for (int y = 0; y < M; y++) {
            t[y][x] = s[y];
        }
    }
    const Vec bias = load(a.packed + c);
    const Vec lo = splat(a.activation.clamp().lo);
    const Vec hi = splat(a.activation.clamp().hi);
    const int columns = a.n - c;
#pragma GCC unroll 4
    for (int y = 0; y < M; y++) {
        Winograd<M>::output(t[y]);
#pragma GCC unroll 4
        for (int x = 0; x < M; x++) {
            const int32_t r = tile[y * M + x];
            if (r >= 0) {
                const ptrdiff_t at = static_cast<ptrdiff_t>(r) * a.n + c;
                const float *residual = !PLAIN && a.residual ? a.residual + at : nullptr;
                finish<PLAIN>(add(t[y][x], bias), residual, a.out + at, smaller(columns, W), lo, hi);
            }
            if (next[y * M + x] >= 0) {
                __builtin_prefetch(a.out + static_cast<ptrdiff_t>(next[y * M + x]) * a.n + c, 1);
            }
        }
    }
}

/** Floats of packed weights of one position. */
ptrdiff_t positionLength(int cin, int cout) {
    const ptrdiff_t columns = (cout + HALF - 1) / HALF * HALF;
    return (columns * (cin + 1) + 15) / 16 * 16;
}

ptrdiff_t biasLength(int cout) { return (cout + 15) / 16 * 16; }

template <int M> bool compute(const WinogradArgs &a) {
    constexpr int N = M + 2;
    const int channels = a.source.channels;
    const ptrdiff_t row = static_cast<ptrdiff_t>(winogradRow(channels, a.n));
    const int total = a.to - a.from;
    if (total == 0 || a.panelFrom == a.panelTo) {
        return true;
    }
    int most = total;
    while (most > 1 && winogradScratch(M, channels, a.n, most) > a.scratchLength) {
        most = smaller(most - 1, static_cast<int>(a.scratchLength / ((N * N + 1) * row)));
    }
    const int blocks = (total + most - 1) / most;
    const int firstColumn = a.panelFrom * PANEL;
    const int endColumn = smaller(a.n, a.panelTo * PANEL);
    int first = a.from;
    for (int b = 0; b < blocks; b++) {
        const int end = a.from + static_cast<int>(static_cast<int64_t>(total) * (b + 1) / blocks);
        const int count = end - first;
        const ptrdiff_t slot = static_cast<ptrdiff_t>(winogradSlot(row, count));
        Patch<M> patches[2];
        if (!find<M>(a, first, patches[0])) {
            return false;
        }
        for (int t = 0; t < count; t++) {
            const Patch<M> &patch = patches[t % 2];
            const Patch<M> &next = patches[t + 1 < count ? (t + 1) % 2 : t % 2];
            if (t + 1 < count && !find<M>(a, first + t + 1, patches[(t + 1) % 2])) {
                return false;
            }
            float *v = a.scratch + slot + t * row;
            int c = 0;
            for (; c + W <= channels; c += W) {
                transformIn<M, true>(patch, next, c, channels, v, slot);
            }
            if (c < channels) {
                transformIn<M, false>(patch, next, c, channels, v, slot);
            }
        }
        for (int i = 0; i < N * N; i++) {
            const float *in = a.scratch + (i + 1) * slot;
            const Panels panels{a.packed + biasLength(a.n) + i * positionLength(channels, a.n), a.n, channels};
            product({&in, 1, channels, row}, count, panels, a.panelFrom, a.panelTo,
                    {a.scratch + i * slot, nullptr, row, {-__builtin_inff(), __builtin_inff()}});
        }
        for (int t = 0; t < count; t++) {
            const int32_t *tile = a.tiles + static_cast<ptrdiff_t>(first + t) * (M * M);
            const int32_t *next = t + 1 < count ? tile + M * M : tile;
            const float *products = a.scratch + t * row;
            int c = firstColumn;
            if (!a.residual) {
                for (; c + W <= endColumn; c += W) {
                    transformOut<M, true>(a, tile, next, products, slot, c);
                }
            }
            for (; c < endColumn; c += W) {
                transformOut<M, false>(a, tile, next, products, slot, c);
            }
            if (!a.activation.isClamp()) {
                for (int i = 0; i < M * M; i++) {
                    if (tile[i] >= 0) {
                        float *const to = a.out + static_cast<ptrdiff_t>(tile[i]) * a.n + firstColumn;
                        activate(a.activation, to, to, endColumn - firstColumn);
                    }
                }
            }
        }
        first = end;
    }
    return true;
}

/**
 * The filters of one input channel and a panel's columns, transformed: position k of column c to to[k * length + c]. Columns
 * beyond `columns` are zero.
 */
template <int M>
void transformWeights(const float *w, const int64_t strides[3], int columns, int width, float *to, ptrdiff_t length) {
    constexpr int N = M + 2;
    double g[3][3][PANEL] = {};
    for (int tap = 0; tap < 9; tap++) {
        for (int c = 0; c < columns; c++) {
            g[tap / 3][tap % 3][c] = w[c * strides[0] + tap * strides[2]];
        }
    }
    double half[3][N][PANEL]; // [column of the filter][transformed row]
    for (int x = 0; x < 3; x++) {
        for (int c = 0; c < PANEL; c++) {
            const double column[3] = {g[0][x][c], g[1][x][c], g[2][x][c]};
            double u[N];
            Winograd<M>::weights(column, u);
            for (int y = 0; y < N; y++) {
                half[x][y][c] = u[y];
            }
        }
    }
    for (int y = 0; y < N; y++) {
        for (int c = 0; c < width; c++) {
            const double line[3] = {half[0][y][c], half[1][y][c], half[2][y][c]};
            double u[N];
            Winograd<M>::weights(line, u);
            for (int x = 0; x < N; x++) {
                to[(y * N + x) * length + c] = static_cast<float>(u[x]);
            }
        }
    }
}

template <int M>
void pack(const float *w, const int64_t strides[3], const float *bias, int n, int channels, float *packed) {
    constexpr int POSITIONS = (M + 2) * (M + 2);
    for (int c = 0; c < biasLength(n); c++) {
        packed[c] = bias && c < n ? bias[c] : 0.0f;
    }
    packed += biasLength(n);
    const ptrdiff_t length = positionLength(channels, n);
    const Panels panels{packed, n, channels};
    for (int p = 0; p < panelCount(n); p++) {
        const int width = panels.width(p);
        float *to = packed + (panels.at(p) - packed);
        for (int k = 0; k < POSITIONS; k++) {
            std::memset(to + k * length, 0, sizeof(float) * static_cast<size_t>(width)); // in place of a bias
        }
        for (int i = 0; i < channels; i++) {
            to += width;
            transformWeights<M>(w + static_cast<int64_t>(p) * PANEL * strides[0] + i * strides[1], strides,
                                panels.columns(p), width, to, length);
        }
    }
}

} // namespace

void winogradPack(const float *w, const int64_t strides[3], const float *bias, int32_t n, int32_t channels, int32_t m,
                  float *packed) {
    if (m == 2) {
        pack<2>(w, strides, bias, n, channels, packed);
    } else {
        pack<4>(w, strides, bias, n, channels, packed);
    }
}

bool winograd(const WinogradArgs &a) { return a.m == 2 ? compute<2>(a) : compute<4>(a); }

} // namespace FOVEA_ISA
} // namespace fovea
