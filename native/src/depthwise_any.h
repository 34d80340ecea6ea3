// Depthwise convolution of any kernel: the columns that a batch of outputs reads are listed first, each once, then the outputs are
// computed some at a time, sharing the loads of weights and of columns.
//
// A batch holds runs of outputs side by side: one begins where its first columns are the last ones of the run before, so that an image
// row of a masked map, cut into runs by its background, is one batch all the same.
#pragma once

#include "activate.h"
#include "depthwise.h"

namespace fovea {
namespace FOVEA_ISA {

template <bool FULL> FOVEA_INLINE Vec get(const float *p, int lanes) {
    return FULL ? load(p) : loadPartial(p, lanes);
}
template <bool FULL> FOVEA_INLINE void put(float *p, Vec v, int lanes) {
    if (FULL) {
        store(p, v);
    } else {
        storePartial(p, v, lanes);
    }
}

/** Some channels of some outputs: where their columns are listed, and where they go. */
struct AnyPart {
    const float *const *columns; // of kernel row y from y * pitch on
    ptrdiff_t pitch;
    int c;
    int lanes;
    const float *packed;
    Clamp clamp;
    float *out;
    ptrdiff_t channels;
};

template <bool FULL, int N> FOVEA_INLINE void finishAny(const AnyPart &p, const Vec (&acc)[N]) {
    const Vec lo = splat(p.clamp.lo);
    const Vec hi = splat(p.clamp.hi);
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
        put<FULL>(p.out + n * p.channels + p.c, clamp(acc[n], lo, hi), p.lanes);
    }
}

/** N outputs of a kernel KW wide, at a known stride: each column is loaded once for all of them. */
template <int KW, int STRIDE, int N, bool FULL> static void anyFixed(const AnyPart &p, int kh) {
    Vec acc[N];
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
        acc[n] = load(p.packed);
    }
    const float *w = p.packed + W;
    const float *const *column = p.columns;
    for (int y = 0; y < kh; y++) {
        Vec weight[KW];
#pragma GCC unroll 8
        for (int x = 0; x < KW; x++) {
            weight[x] = load(w + x * W);
        }
#pragma GCC unroll 32
        for (int j = 0; j < (N - 1) * STRIDE + KW; j++) {
            const Vec in = get<FULL>(column[j] + p.c, p.lanes);
#pragma GCC unroll 8
            for (int n = 0; n < N; n++) {
                const int x = j - n * STRIDE;
                if (x >= 0 && x < KW) {
                    acc[n] = fma(in, weight[x], acc[n]);
                }
            }
        }
        w += KW * W;
        column += p.pitch;
    }
    finishAny<FULL>(p, acc);
}

/** N outputs of any kernel. */
template <int N, bool FULL> static void anyOf(const AnyPart &p, int kh, int kw, int stride) {
    Vec acc[N];
#pragma GCC unroll 4
    for (int n = 0; n < N; n++) {
        acc[n] = load(p.packed);
    }
    const float *w = p.packed + W;
    for (int y = 0; y < kh; y++) {
        const float *const *column = p.columns + y * p.pitch;
        for (int x = 0; x < kw; x++) {
            const Vec weight = load(w);
            w += W;
#pragma GCC unroll 4
            for (int n = 0; n < N; n++) {
                acc[n] = fma(get<FULL>(column[n * stride + x] + p.c, p.lanes), weight, acc[n]);
            }
        }
    }
    finishAny<FULL>(p, acc);
}

/** The same for a number of outputs that is known when it runs, 1 to 8. */
template <int KW, int STRIDE, bool FULL> FOVEA_INLINE void anyFixedOf(int n, const AnyPart &p, int kh) {
    switch (n) {
    case 1:
        return anyFixed<KW, STRIDE, 1, FULL>(p, kh);
    case 2:
        return anyFixed<KW, STRIDE, 2, FULL>(p, kh);
    case 3:
        return anyFixed<KW, STRIDE, 3, FULL>(p, kh);
    case 4:
        return anyFixed<KW, STRIDE, 4, FULL>(p, kh);
    case 5:
        return anyFixed<KW, STRIDE, 5, FULL>(p, kh);
    case 6:
        return anyFixed<KW, STRIDE, 6, FULL>(p, kh);
    case 7:
        return anyFixed<KW, STRIDE, 7, FULL>(p, kh);
    default:
        return anyFixed<KW, STRIDE, 8, FULL>(p, kh);
    }
}

/** Outputs side by side whose columns are listed. */
class AnyBatch {
  public:
    explicit AnyBatch(const DepthwiseRows &d)
        : d(d), kh(d.table.kh), kw(d.table.kw), stride(d.table.stride), pitch(COLUMNS / kh) {}

    /** How many more outputs may be added. */
    int room() const {
        const int most = pitch < kw ? 1 : smaller(MOST, (pitch - kw) / stride + 1);
        return most - count;
    }

    /**
     * Adds outputs r.. of a run, of which spans were made, if their first columns are the last ones of those that are here: returns
     * whether they were.
     */
    bool add(const Span *spans, int r, int32_t hint, int outputs) {
        const int base = count * stride;
        const int shared = count > 0 ? kw - stride : 0; // may be negative
        const int reads = (outputs - 1) * stride + kw;
        for (int y = 0; y < kh; y++) {
            const float **to = columns + y * pitch + base;
            for (int j = 0; j < reads; j++) {
                const float *column = outputs == 1     ? d.places.at(d.table.entry(r, hint, y, j))
                                      : j == 0         ? spans[y].first
                                      : j == reads - 1 ? spans[y].last
                                                       : spans[y].middle + (j - 1) * spans[y].step;
                if (j < shared && to[j] != column) {
                    return false;
                }
                to[j] = column;
            }
        }
        count += outputs;
        return true;
    }

    /** Computes what was added into consecutive rows of out; returns the end of these. */
    float *flush(float *out) {
        if (count == 0) {
            return out;
        }
        const int channels = d.places.channels;
        const float *packed = d.packed;
        int c = 0;
        for (; c + W <= channels; c += W) {
            outputs<true>(c, W, packed, out);
            packed += (kh * kw + 1) * W;
        }
        if (c < channels) {
            outputs<false>(c, channels - c, packed, out);
        }
        const int64_t values = static_cast<int64_t>(count) * channels;
        if (!d.activation.isClamp()) {
            activate(d.activation, out, out, values);
        }
        count = 0;
        return out + values;
    }

  private:
    static constexpr int COLUMNS = 192;
    static constexpr int MOST = 32; // outputs: their rows and columns stay in the first-level cache

    template <bool FULL> FOVEA_INLINE void outputs(int c, int lanes, const float *packed, float *out) const {
        AnyPart p{columns, pitch, c, lanes, packed, d.activation.clamp(), out, d.places.channels};
        if (kw == 5 && stride <= 2) {
            // Parts of equal size: a last one of an output or two would wait for each multiply-add.
            const int parts = (count + 7) / 8;
            for (int i = 0; i < parts; i++) {
                const int n = count / parts + (i < count % parts ? 1 : 0);
                if (stride == 1) {
                    anyFixedOf<5, 1, FULL>(n, p, kh);
                } else {
                    anyFixedOf<5, 2, FULL>(n, p, kh);
                }
                p.columns += n * stride;
                p.out += n * p.channels;
            }
            return;
        }
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            anyOf<4, FULL>(p, kh, kw, stride);
            p.columns += 4 * stride;
            p.out += 4 * p.channels;
        }
        for (; i < count; i++) {
            anyOf<1, FULL>(p, kh, kw, stride);
            p.columns += stride;
            p.out += p.channels;
        }
    }

    const DepthwiseRows &d;
    int kh;
    int kw;
    int stride;
    int pitch;
    int count = 0;
    const float *columns[COLUMNS];
};

} // namespace FOVEA_ISA
} // namespace fovea
