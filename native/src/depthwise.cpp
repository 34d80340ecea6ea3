// Outputs that are neighbours in the map share their inputs. A *run* is a stretch of outputs in which each reads, in
// every kernel row, the entries of its predecessor moved by the stride: then the run reads (count - 1) * stride + kw
// columns, each loaded once and kept in registers while the window slides over it. Padding and background entries need
// no special case: a column is a pointer, wherever it points.
//
// The order of summation is bias, then the taps in row-major order, one fused multiply-add each: the same bits for a run
// of any length.
#include "depthwise.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/** Outputs of one run, at most. */
constexpr int RUN = 16;
/** Columns that all kernel rows of a run read, at most: a wider kernel has shorter runs. */
constexpr int COLUMNS = 3 * (2 * RUN + 1);

/** Columns of a run: pointer of kernel row y, column j at [y * ld + j]. */
struct Run {
    const float *columns[COLUMNS];
    int ld;
    int count;
};

/** Geometry of a window; S and K known at compile time for the common ones (KIND 1 and 2: 3 x 3 of that stride). */
template <int KIND> struct Window {
    static constexpr int kh = 3;
    static constexpr int kw = 3;
    static constexpr int stride = KIND;
    explicit Window(const DepthwiseRows &) {}
};
template <> struct Window<0> {
    const int kh;
    const int kw;
    const int stride;
    explicit Window(const DepthwiseRows &d) : kh(d.kh), kw(d.kw), stride(d.stride) {}
};

/** Most entries compared for a run: (RUN - 1) outputs of a 4 x 9 kernel; larger ones have shorter runs. */
constexpr int COMPARED = (RUN - 1) * 36;

/** -1 where an entry must equal one of the output before, else 0. */
struct Mask {
    int32_t at[COMPARED];

    constexpr Mask(int kw, int stride, int length) : at() {
        for (int i = 0; i < length; i++) {
            at[i] = i % kw + stride < kw ? -1 : 0;
        }
    }
};

constexpr Mask MASKS[] = {Mask(3, 1, 0), Mask(3, 1, (RUN - 1) * 9), Mask(3, 2, (RUN - 1) * 9)};

/**
 * Finds runs. Output r + 1 continues a run when its entry x of each kernel row is entry x + stride of output r, for all
 * x + stride < kw. In the flat table: entries[i + taps] == entries[i + stride] wherever `mask` is set.
 */
template <int KIND> class Runs {
  public:
    explicit Runs(const DepthwiseRows &rows)
        : d(rows), w(rows), own(w.kw, w.stride, KIND ? 0 : COMPARED), mask(KIND ? MASKS[KIND].at : own.at) {
        most = RUN;
        while (w.kh * ((most - 1) * w.stride + w.kw) > COLUMNS) {
            most--;
        }
        if (w.stride > w.kw) {
            most = 1;
        }
        length = (most - 1) * w.kh * w.kw;
    }

    /** Collects the run that starts with the output of `entries`; `left` outputs may follow. */
    void collect(const int32_t *entries, int left, Run &run) const {
        run.count = left >= most && whole(entries) ? most : search(entries, smaller(left, most));
        run.ld = (run.count - 1) * w.stride + w.kw;
        const int taps = w.kh * w.kw;
        for (int y = 0; y < w.kh; y++) {
            const float **to = run.columns + y * run.ld;
            for (int x = 0; x < w.kw; x++) {
                *to++ = pointer(entries[y * w.kw + x]);
            }
            const int32_t *next = entries + taps + y * w.kw + (w.kw - w.stride);
            for (int i = 1; i < run.count; i++) {
                for (int x = 0; x < w.stride; x++) {
                    *to++ = pointer(next[x]);
                }
                next += taps;
            }
        }
    }

  private:
    FOVEA_INLINE const float *pointer(int32_t e) const {
        const ptrdiff_t c = d.channels;
        const float *in = e < d.split ? d.low : d.high;
        return e < d.inRows ? in + e * c : d.edge + (e - d.inRows) * c;
    }

    /** Whether the longest run starts here; without a branch inside. */
    bool whole(const int32_t *entries) const {
        const int taps = w.kh * w.kw;
        const int n = KIND ? (RUN - 1) * 9 : length;
        int32_t wrong = 0;
        for (int i = 0; i < n; i++) {
            wrong |= (entries[i + taps] ^ entries[i + w.stride]) & mask[i];
        }
        return wrong == 0;
    }

    int search(const int32_t *entries, int limit) const {
        const int taps = w.kh * w.kw;
        for (int count = 1; count < limit; count++) {
            const int32_t *e = entries + (count - 1) * taps;
            int32_t wrong = 0;
            for (int i = 0; i < taps; i++) {
                // The mask keeps the last entries from being read beyond the table.
                wrong |= mask[i] ? e[i + taps] ^ e[i + w.stride] : 0;
            }
            if (wrong) {
                return count;
            }
        }
        return limit;
    }

    const DepthwiseRows &d;
    const Window<KIND> w;
    int most;
    int length;
    const Mask own;
    const int32_t *const mask;
};

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

/** 3 x 3, stride 1 or 2, one vector of channels of a run. */
template <int STRIDE, bool FULL>
FOVEA_INLINE void run3(const DepthwiseRows &d, const Run &run, int c, int lanes, const float *packed, float *out) {
    const Vec bias = load(packed);
    Vec w[9];
#pragma GCC unroll 9
    for (int t = 0; t < 9; t++) {
        w[t] = load(packed + (t + 1) * W);
    }
    const Vec lo = splat(d.clamp.lo);
    const Vec hi = splat(d.clamp.hi);
    const float *const *c0 = run.columns;
    const float *const *c1 = c0 + run.ld;
    const float *const *c2 = c1 + run.ld;
    constexpr int KEPT = 3 - STRIDE;
    Vec in[3][3];
#pragma GCC unroll 2
    for (int j = 0; j < KEPT; j++) {
        in[0][j] = get<FULL>(c0[j] + c, lanes);
        in[1][j] = get<FULL>(c1[j] + c, lanes);
        in[2][j] = get<FULL>(c2[j] + c, lanes);
    }
    for (int i = 0; i < run.count; i++) {
#pragma GCC unroll 2
        for (int j = KEPT; j < 3; j++) {
            in[0][j] = get<FULL>(c0[j] + c, lanes);
            in[1][j] = get<FULL>(c1[j] + c, lanes);
            in[2][j] = get<FULL>(c2[j] + c, lanes);
        }
        Vec acc = bias;
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) {
            acc = fma(in[t / 3][t % 3], w[t], acc);
        }
        put<FULL>(out, clamp(acc, lo, hi), lanes);
        out += d.channels;
#pragma GCC unroll 2
        for (int j = 0; j < KEPT; j++) {
            in[0][j] = in[0][j + STRIDE];
            in[1][j] = in[1][j + STRIDE];
            in[2][j] = in[2][j + STRIDE];
        }
        c0 += STRIDE;
        c1 += STRIDE;
        c2 += STRIDE;
    }
}

/** Any kernel, N outputs of a run from output i on that share the loads of the weights. */
template <int N, bool FULL>
FOVEA_INLINE void any(const DepthwiseRows &d, const Run &run, int i, int c, int lanes, const float *packed, float *out) {
    Vec acc[N];
#pragma GCC unroll 4
    for (int n = 0; n < N; n++) {
        acc[n] = load(packed);
    }
    const float *w = packed + W;
    for (int y = 0; y < d.kh; y++) {
        const float *const *columns = run.columns + y * run.ld + i * d.stride;
        for (int x = 0; x < d.kw; x++) {
            const Vec weight = load(w);
            w += W;
#pragma GCC unroll 4
            for (int n = 0; n < N; n++) {
                acc[n] = fma(get<FULL>(columns[n * d.stride + x] + c, lanes), weight, acc[n]);
            }
        }
    }
    const Vec lo = splat(d.clamp.lo);
    const Vec hi = splat(d.clamp.hi);
#pragma GCC unroll 4
    for (int n = 0; n < N; n++) {
        put<FULL>(out + static_cast<ptrdiff_t>(i + n) * d.channels + c, clamp(acc[n], lo, hi), lanes);
    }
}

template <bool FULL>
FOVEA_INLINE void runAny(const DepthwiseRows &d, const Run &run, int c, int lanes, const float *packed, float *out) {
    int i = 0;
    for (; i + 4 <= run.count; i += 4) {
        any<4, FULL>(d, run, i, c, lanes, packed, out);
    }
    for (; i < run.count; i++) {
        any<1, FULL>(d, run, i, c, lanes, packed, out);
    }
}

template <int KIND, bool FULL>
FOVEA_INLINE void runOne(const DepthwiseRows &d, const Run &run, int c, int lanes, const float *packed, float *out) {
    if (KIND == 1) {
        run3<1, FULL>(d, run, c, lanes, packed, out + c);
    } else if (KIND == 2) {
        run3<2, FULL>(d, run, c, lanes, packed, out + c);
    } else {
        runAny<FULL>(d, run, c, lanes, packed, out);
    }
}

/** KIND 1, 2: 3 x 3 of that stride; 0: any other. */
template <int KIND> void rows(const DepthwiseRows &d, int count) {
    const int taps = d.kh * d.kw;
    const int32_t *entries = d.table;
    float *out = d.out;
    const Runs<KIND> runs(d);
    Run run;
    for (int done = 0; done < count; done += run.count) {
        runs.collect(entries, count - done, run);
        const float *packed = d.packed;
        int c = 0;
        for (; c + W <= d.channels; c += W) {
            runOne<KIND, true>(d, run, c, W, packed, out);
            packed += (taps + 1) * W;
        }
        if (c < d.channels) {
            runOne<KIND, false>(d, run, c, d.channels - c, packed, out);
        }
        entries += static_cast<ptrdiff_t>(run.count) * taps;
        out += static_cast<ptrdiff_t>(run.count) * d.channels;
    }
}

} // namespace

void depthwiseRows(const DepthwiseRows &d, int count) {
    if (d.kh == 3 && d.kw == 3 && d.stride == 1) {
        rows<1>(d, count);
    } else if (d.kh == 3 && d.kw == 3 && d.stride == 2) {
        rows<2>(d, count);
    } else {
        rows<0>(d, count);
    }
}

void depthwise(const DepthwiseArgs &d) {
    depthwiseRows({d.source.in, d.source.in, d.source.edge, d.source.inRows, d.source.inRows, d.source.channels,
                   d.table + static_cast<ptrdiff_t>(d.from) * d.kh * d.kw, d.packed,
                   d.out + static_cast<ptrdiff_t>(d.from) * d.source.channels, d.kh, d.kw, d.stride, d.clamp},
                  d.to - d.from);
}

void depthwisePack(const float *w, const int64_t strides[2], const float *bias, int32_t channels, int32_t taps,
                   float *packed) {
    for (int c = 0; c < channels; c += W) {
        for (int i = c; i < c + W; i++) {
            *packed++ = bias && i < channels ? bias[i] : 0.0f;
        }
        for (int t = 0; t < taps; t++) {
            for (int i = c; i < c + W; i++) {
                *packed++ = i < channels ? w[i * strides[0] + t * strides[1]] : 0.0f;
            }
        }
    }
}

} // namespace FOVEA_ISA
} // namespace fovea
