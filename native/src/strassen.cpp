// Strassen's product in Winograd's form. Rows r and r + half of a group make a pair, inputs and outputs are halved; with A the pair's
// inputs and B the weights, each in four parts, the result is made of seven products of half the size each way:
//
//     P1 = A11 B11    P2 = A12 B21    P3 = S4 B22    P4 = -A22 T4    P5 = S1 T1    P6 = S2 T2    P7 = S3 T3
//     S1 = A21 + A22  S2 = S1 - A11   S3 = A11 - A21 S4 = A12 - S2
//     T1 = B12 - B11  T2 = B22 - T1   T3 = B22 - B12 T4 = T2 - B21
//     C11 = P1 + P2   U2 = P1 + P6    U3 = U2 + P7   C12 = U2 + P5 + P3   C21 = U3 + P4   C22 = U3 + P5
//
// The T are made when weights are packed, with the bias in those of P2, P4 and P5. Sums of products are added where the register tile
// ends, and wait in the result's own rows.
#include "strassen.h"

#include "activate.h"
#include "block.h"
#include "block_sizes.h"
#include "depthwise_lines.h"

#include <cmath>

namespace fovea {
namespace FOVEA_ISA {

namespace {

enum Product { P1, P2, P3, P4, P5, P6, P7 };

/** What a product takes of B11, B12, B21, B22. */
constexpr int WEIGHTS[7][4] = {{1, 0, 0, 0},  {0, 0, 1, 0},  {0, 0, 0, 1}, {-1, 1, 1, -1},
                               {-1, 1, 0, 0}, {1, -1, 0, 1}, {0, -1, 0, 1}};
/** Which half of the bias a product brings along; -1 for none. */
constexpr int BIAS[7] = {-1, 0, -1, 0, 1, -1, -1};

constexpr Clamp FREE{-INFINITY, INFINITY};

/** Weights to be packed: what product of which product this is. */
struct Path {
    const float *w;
    const int64_t *strides;
    const float *bias;
    int32_t k; // of the weights as a whole
    int32_t n;
    int32_t levels;
    int32_t product[MAX_STRASSEN_LEVELS];

    double weight(int level, int64_t in, int64_t out) const {
        if (level == levels || level == MAX_STRASSEN_LEVELS) {
            return static_cast<double>(w[out * strides[0] + in * strides[1]]);
        }
        double sum = 0;
        const int *const part = WEIGHTS[product[level]];
        for (int i = 0; i < 4; i++) {
            if (part[i] != 0) {
                sum += part[i] * weight(level + 1, in + (i / 2) * (k >> (level + 1)), out + (i % 2) * (n >> (level + 1)));
            }
        }
        return sum;
    }

    float biasOf(int64_t out) const {
        for (int level = 0; level < levels; level++) {
            const int half = BIAS[product[level]];
            if (half < 0) {
                return 0.0f;
            }
            out += half * (n >> (level + 1));
        }
        return bias ? bias[out] : 0.0f;
    }

    void pack(float *packed) const {
        const Panels panels{packed, n >> levels, k >> levels};
        for (int p = 0; p * PANEL < panels.n; p++) {
            const int columns = panels.columns(p);
            const int first = p * PANEL;
            for (int c = 0; c < columns; c++) {
                *packed++ = biasOf(first + c);
            }
            for (int i = 0; i < panels.k; i++) {
                for (int c = 0; c < columns; c++) {
                    *packed++ = static_cast<float>(weight(0, i, first + c));
                }
            }
        }
    }
};

/** The pairs' inputs of a product. k: half the inputs. */
template <typename Sum>
FOVEA_INLINE void sums(const float *top, const float *bottom, ptrdiff_t stride, int pairs, int k, float *to, ptrdiff_t ld,
                       Sum sum) {
    for (int r = 0; r < pairs; r++) {
        for (int i = 0; i < k; i += W) {
            store(to + i, sum(top + i, bottom + i));
        }
        top += stride;
        bottom += stride;
        to += ld;
    }
}

FOVEA_INLINE Vec s1(const float *bottom, int k) { return add(load(bottom), load(bottom + k)); }
FOVEA_INLINE Vec s2(const float *top, const float *bottom, int k) { return sub(s1(bottom, k), load(top)); }

/** to = clamp(a + b) row by row; a and b may be `to`. */
void addRowsTo(const float *a, ptrdiff_t aStride, const float *b, ptrdiff_t bStride, float *to, ptrdiff_t stride, int rows,
               int n, Clamp clampTo) {
    const Vec lo = splat(clampTo.lo);
    const Vec hi = splat(clampTo.hi);
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < n; c += W) {
            const Vec v = b ? add(load(a + c), load(b + c)) : load(a + c);
            store(to + c, clamp(v, lo, hi));
        }
        a += aStride;
        b = b ? b + bStride : b;
        to += stride;
    }
}

/** Rows that can be halved `levels` times, `stride` apart. */
struct In {
    const float *rows;
    ptrdiff_t stride;
};

/** out = clamp(x W + bias + add): k x n weights, packed for that many levels. `added` has out's stride and may be out, or is null. */
void multiply(int levels, const float *packed, int k, int n, const In &x, int rows, float *out, ptrdiff_t stride,
              const float *added, Clamp clampTo, float *work) {
    if (levels == 0) {
        product({&x.rows, 1, k, x.stride}, rows, Panels{packed, n, k}, 0, panelCount(n), {out, added, stride, clampTo});
        return;
    }
    const int half = rows / 2;
    const int k2 = k / 2;
    const int n2 = n / 2;
    const ptrdiff_t ld = static_cast<ptrdiff_t>(strassenSumRow(k));
    const ptrdiff_t length = static_cast<ptrdiff_t>(strassenPacked(k2, n2, levels - 1));
    const float *const top = x.rows;
    const float *const bottom = x.rows + half * x.stride;
    float *const sum = work;
    float *const products = sum + half * ld;
    float *const next = products + (levels > 1 ? static_cast<ptrdiff_t>(half) * n2 : 0);
    float *const c11 = out;
    float *const c12 = out + n2;
    float *const c21 = out + half * stride;
    float *const c22 = c21 + n2;
    const auto run = [&](Product p, const In &in, float *to, const float *plus, Clamp bounds) {
        const float *const weights = packed + p * length;
        if (levels == 1 || !plus) {
            multiply(levels - 1, weights, k2, n2, in, half, to, stride, plus, bounds, next);
        } else {
            multiply(levels - 1, weights, k2, n2, in, half, products, n2, nullptr, FREE, next);
            addRowsTo(products, n2, plus, stride, to, stride, half, n2, bounds);
        }
    };
    const auto summed = [&](auto of) {
        sums(top, bottom, x.stride, half, k2, sum, ld, of);
        return In{sum, ld};
    };
    run(P1, {top, x.stride}, c12, nullptr, FREE);
    run(P2, {top + k2, x.stride}, c11, c12, clampTo);
    run(P6, summed([=](const float *a, const float *b) { return s2(a, b, k2); }), c12, c12, FREE);
    run(P7, summed([](const float *a, const float *b) { return sub(load(a), load(b)); }), c21, c12, FREE);
    run(P5, summed([=](const float *, const float *b) { return s1(b, k2); }), c22, nullptr, FREE);
    addRowsTo(c12, stride, c22, stride, c12, stride, half, n2, FREE);
    addRowsTo(c22, stride, c21, stride, c22, stride, half, n2, clampTo);
    run(P4, {bottom + k2, x.stride}, c21, c21, clampTo);
    run(P3, summed([=](const float *a, const float *b) { return sub(load(a + k2), s2(a, b, k2)); }), c12, c12, clampTo);
}

/** A group of rows that begin at `in`; `filled`: the rows after them, up to whole pairs, may be written. */
void group(const StrassenArgs &a, const float *in, bool filled, int from, int rows, float *scratch) {
    const int whole = static_cast<int>(strassenRows(rows, a.levels));
    float *const inputs = scratch;
    float *const outputs = inputs + static_cast<ptrdiff_t>(whole) * a.k;
    float *const work = outputs + static_cast<ptrdiff_t>(whole) * a.n;
    const ptrdiff_t at = static_cast<ptrdiff_t>(from) * a.n;
    float *const out = a.out + at;
    const float *const residual = a.residual ? a.residual + at : nullptr;
    if (whole > rows) {
        const size_t used = sizeof(float) * static_cast<size_t>(rows) * static_cast<size_t>(a.k);
        if (!filled) {
            std::memcpy(inputs, in, used);
            in = inputs;
        }
        std::memset(inputs + static_cast<ptrdiff_t>(rows) * a.k, 0,
                    sizeof(float) * static_cast<size_t>(whole - rows) * static_cast<size_t>(a.k));
    }
    if (whole == rows && !residual) {
        multiply(a.levels, a.packed, a.k, a.n, {in, a.k}, rows, out, a.n, nullptr, a.activation.clamp(), work);
    } else {
        multiply(a.levels, a.packed, a.k, a.n, {in, a.k}, whole, outputs, a.n, nullptr, FREE, work);
        addRowsTo(outputs, a.n, residual, a.n, out, a.n, rows, a.n, a.activation.clamp());
    }
    if (!a.activation.isClamp()) {
        activate(a.activation, out, out, static_cast<int64_t>(rows) * a.n);
    }
}

} // namespace

void strassen(const StrassenArgs &a) {
    if (a.to > a.from) {
        group(a, a.in + static_cast<ptrdiff_t>(a.from) * a.k, false, a.from, a.to - a.from, a.scratch);
    }
}

bool blockGroup(const BlockArgs &args, int32_t levels) {
    const fovea_block &b = args.b;
    const int32_t *const start = b.out_start;
    const int32_t from = start[args.y0];
    const DepthwiseRows d{
        {b.in, b.in, b.edge, b.in_rows, b.in_rows, b.channels},
        {b.table, b.runs, static_cast<int32_t>(b.runs_length / toldLength(b.kh, b.kw)), b.out_rows, b.kh, b.kw, b.stride},
        b.depthwise,
        {b.depthwise_activation, b.depthwise_alpha, b.depthwise_beta},
        true};
    const EntryRange range{0, b.in_rows, b.in_rows, b.in_rows + b.edge_rows};
    const ImageLines image = linesOf(b);
    DepthwiseLines lines(d, image);
    for (int y = args.y0; y < args.y1;) {
        float *const to = b.scratch + static_cast<ptrdiff_t>(start[y] - from) * b.channels;
        const int count = y + 1 < args.y1 && (PAIRS || !b.lines) ? 2 : 1;
        const bool fits = b.lines      ? lines.run(y, count, start[y], start[y + count], range, to)
                          : count == 2 ? depthwiseRowPair(d, range, range, start[y], start[y + 1], start[y + 2], to)
                                       : depthwiseRows(d, range, start[y], start[y + 1], to);
        if (!fits) {
            return false;
        }
        y += count;
    }
    if (start[args.y1] > from) {
        group({nullptr, b.project, b.residual, b.out, b.scratch, b.channels, b.cout, levels, from, start[args.y1],
               {b.project_activation, b.project_alpha, b.project_beta}},
              b.scratch, true, from, start[args.y1] - from, b.scratch);
    }
    return true;
}

void strassenPack(const float *w, const int64_t strides[2], const float *bias, int32_t n, int32_t k, int32_t levels,
                  float *packed) {
    Path path{w, strides, bias, k, n, levels, {0, 0}};
    const int64_t length = strassenPacked(k >> levels, n >> levels, 0);
    for (int32_t i = 0; i < (levels == 1 ? 7 : 49); i++) {
        path.product[0] = levels == 1 ? i : i / 7;
        path.product[1] = i % 7;
        path.pack(packed + i * length);
    }
}

} // namespace FOVEA_ISA
} // namespace fovea
