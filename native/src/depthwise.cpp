// A run of outputs reads each column of its window once: it is kept in registers while the window slides over it. Two image
// rows whose windows overlap go together where there are registers for both.
//
// The order of summation is bias, then the taps in row-major order, one fused multiply-add each: the same bits for a run
// of any length, alone or in a pair.
#include "depthwise.h"

#include "depthwise_any.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/**
 * 3 x 3, stride 1 or 2: one vector of channels of `count` outputs, in ROWS image rows whose windows overlap. Span k holds
 * the columns of the k-th of the ROWS * STRIDE + 3 - STRIDE rows they read. AHEAD: the same channels of the image rows below
 * are fetched meanwhile, which no hardware does where the next line of a vector of channels is a whole site away.
 */
template <int STRIDE, int ROWS, bool FULL, bool AHEAD>
static void slide(const Span *spans, int count, int c, int lanes, const float *packed, Clamp clampTo, ptrdiff_t channels,
                  float *out, ptrdiff_t nextRow) {
    constexpr int READ = (ROWS - 1) * STRIDE + 3;
    constexpr int KEPT = 3 - STRIDE;
    const Vec bias = load(packed);
    Vec w[9];
#pragma GCC unroll 9
    for (int t = 0; t < 9; t++) {
        w[t] = load(packed + (t + 1) * W);
    }
    const Vec lo = splat(clampTo.lo);
    const Vec hi = splat(clampTo.hi);
    Vec in[READ][3];
    const float *at[READ];
#pragma GCC unroll 5
    for (int k = 0; k < READ; k++) {
        in[k][0] = get<FULL>(spans[k].first + c, lanes);
        at[k] = spans[k].middle + c;
        if (STRIDE == 1) {
            in[k][1] = get<FULL>(at[k], lanes);
            at[k] += spans[k].step;
        }
    }
    const auto sum = [&]() __attribute__((always_inline)) {
        Vec acc[ROWS];
#pragma GCC unroll 2
        for (int r = 0; r < ROWS; r++) {
            acc[r] = bias;
        }
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) {
#pragma GCC unroll 2
            for (int r = 0; r < ROWS; r++) {
                acc[r] = fma(in[r * STRIDE + t / 3][t % 3], w[t], acc[r]);
            }
        }
#pragma GCC unroll 2
        for (int r = 0; r < ROWS; r++) {
            put<FULL>(out + r * nextRow, clamp(acc[r], lo, hi), lanes);
        }
        out += channels;
    };
    // As numbers: where one of the rows is an edge row, there is nothing at what lies below.
    const uintptr_t rowStep = reinterpret_cast<uintptr_t>(at[READ - 1]) - reinterpret_cast<uintptr_t>(at[READ - 2]);
    for (int i = 1; i < count; i++) {
        if (AHEAD) {
#pragma GCC unroll 4
            for (int k = 1; k <= ROWS * STRIDE; k++) {
                const uintptr_t below = reinterpret_cast<uintptr_t>(at[READ - 1]) + static_cast<uintptr_t>(k) * rowStep;
                __builtin_prefetch(reinterpret_cast<const void *>(below), 0, 2);
                if (STRIDE == 2) {
                    const uintptr_t right = below + static_cast<uintptr_t>(spans[READ - 1].step) * sizeof(float);
                    __builtin_prefetch(reinterpret_cast<const void *>(right), 0, 2);
                }
            }
        }
#pragma GCC unroll 5
        for (int k = 0; k < READ; k++) {
            const ptrdiff_t step = spans[k].step;
            if (STRIDE == 2) {
                in[k][1] = get<FULL>(at[k], lanes);
                at[k] += step;
            }
            in[k][2] = get<FULL>(at[k], lanes);
            at[k] += step;
        }
        sum();
#pragma GCC unroll 5
        for (int k = 0; k < READ; k++) {
#pragma GCC unroll 2
            for (int j = 0; j < KEPT; j++) {
                in[k][j] = in[k][j + STRIDE];
            }
        }
    }
#pragma GCC unroll 5
    for (int k = 0; k < READ; k++) {
        if (STRIDE == 2) {
            in[k][1] = get<FULL>(at[k], lanes);
        }
        in[k][2] = get<FULL>(spans[k].last + c, lanes);
    }
    sum();
}

template <int STRIDE, int ROWS, bool AHEAD>
void slideChannels(const DepthwiseRows &d, const Span *spans, int count, float *out, ptrdiff_t nextRow) {
    const ptrdiff_t channels = d.places.channels;
    const float *packed = d.packed;
    const Clamp clampTo = d.activation.clamp();
    int c = 0;
    for (; c + W <= channels; c += W) {
        slide<STRIDE, ROWS, true, AHEAD>(spans, count, c, W, packed, clampTo, channels, out + c, nextRow);
        packed += 10 * W;
    }
    if (c < channels) {
        slide<STRIDE, ROWS, false, false>(spans, count, c, static_cast<int>(channels) - c, packed, clampTo, channels,
                                          out + c, nextRow);
    }
}

/** All channels of `count` outputs in each of ROWS image rows. */
template <int STRIDE, int ROWS>
void slideAll(const DepthwiseRows &d, const Span *spans, int count, float *out, ptrdiff_t nextRow) {
    if (d.ahead) {
        slideChannels<STRIDE, ROWS, true>(d, spans, count, out, nextRow);
    } else {
        slideChannels<STRIDE, ROWS, false>(d, spans, count, out, nextRow);
    }
    if (!d.activation.isClamp()) {
        for (int r = 0; r < ROWS; r++) {
            activate(d.activation, out + r * nextRow, out + r * nextRow, static_cast<int64_t>(count) * d.places.channels);
        }
    }
}

/** 1 and 2: 3 x 3 of that stride; 0: any other. */
int kindOf(const TableRuns &t) { return t.kh == 3 && t.kw == 3 && (t.stride == 1 || t.stride == 2) ? t.stride : 0; }

/**
 * One run of a 3 x 3 kernel from output r on, at most up to `limit`: returns its length, or 0 when an entry does not fit. `hint` is what
 * TableRuns::end(r) left.
 */
FOVEA_INLINE int oneRun(const DepthwiseRows &d, const EntryRange &range, int r, int limit, int32_t hint, float *out) {
    Span spans[MAX_DEPTHWISE_KERNEL];
    const int count = d.table.spans(r, limit - r, hint, d.places, range, spans);
    if (count > 0) {
        if (kindOf(d.table) == 1) {
            slideAll<1, 1>(d, spans, count, out, 0);
        } else {
            slideAll<2, 1>(d, spans, count, out, 0);
        }
    }
    return count;
}

/** Which of two runs lies further left, judged by what both rows' windows cover: then it has to be computed first. */
bool upperFirst(const DepthwiseRows &d, int upper, int32_t hintUpper, int lower, int32_t hintLower) {
    const int32_t a = d.table.entry(upper, hintUpper, d.table.stride, 1);
    const int32_t b = d.table.entry(lower, hintLower, 0, 1);
    return a >= d.places.inRows || b >= d.places.inRows || a <= b;
}

template <int STRIDE>
bool pair(const DepthwiseRows &d, const EntryRange &upper, const EntryRange &lower, int from, int middle, int to,
          float *out) {
    const ptrdiff_t channels = d.places.channels;
    int32_t hintA = 0;
    int32_t hintB = 0;
    int a = from;
    int b = middle;
    while (a < middle || b < to) {
        const int endA = a < middle ? d.table.end(a, middle, hintA) : a;
        const int endB = b < to ? d.table.end(b, to, hintB) : b;
        const int count = smaller(endA - a, endB - b);
        float *const outA = out + (a - from) * channels;
        float *const outB = out + (b - from) * channels;
        if (count > 0) {
            Span rows[6];
            const int n = d.table.spans(a, count, hintA, d.places, upper, rows);
            const int m = d.table.spans(b, count, hintB, d.places, lower, rows + 3);
            if (n == 0 || m == 0) {
                return false;
            }
            bool together = n == m;
            for (int k = STRIDE; together && k < 3; k++) {
                together = rows[k].equals(rows[k - STRIDE + 3]);
            }
            if (together) {
                for (int k = 3 - STRIDE; k < 3; k++) {
                    rows[k + STRIDE] = rows[k + 3];
                }
                slideAll<STRIDE, 2>(d, rows, n, outA, outB - outA);
                a += n;
                b += n;
                continue;
            }
        }
        const bool isUpper = endB == b || (endA > a && upperFirst(d, a, hintA, b, hintB));
        const int done = isUpper ? oneRun(d, upper, a, endA, hintA, outA) : oneRun(d, lower, b, endB, hintB, outB);
        if (done == 0) {
            return false;
        }
        (isUpper ? a : b) += done;
    }
    return true;
}

/** The same as depthwiseRows for any kernel. */
bool anyRows(const DepthwiseRows &d, const EntryRange &range, int from, int to, float *out) {
    AnyBatch batch(d);
    int32_t hint = 0;
    for (int r = from; r < to;) {
        if (batch.room() == 0) {
            out = batch.flush(out);
        }
        const int end = d.table.end(r, to - r > batch.room() ? r + batch.room() : to, hint);
        Span spans[MAX_DEPTHWISE_KERNEL];
        const int count = d.table.spans(r, end - r, hint, d.places, range, spans);
        if (count == 0) {
            batch.flush(out);
            return false;
        }
        if (!batch.add(spans, r, hint, count)) {
            out = batch.flush(out);
            continue;
        }
        r += count;
    }
    batch.flush(out);
    return true;
}

} // namespace

bool depthwiseRows(const DepthwiseRows &d, const EntryRange &range, int from, int to, float *out) {
    if (kindOf(d.table) == 0) {
        return anyRows(d, range, from, to, out);
    }
    int32_t hint = 0;
    for (int r = from; r < to;) {
        const int end = d.table.end(r, to, hint);
        const int done = oneRun(d, range, r, end, hint, out);
        if (done == 0) {
            return false;
        }
        out += static_cast<ptrdiff_t>(done) * d.places.channels;
        r += done;
    }
    return true;
}

bool depthwiseRowPair(const DepthwiseRows &d, const EntryRange &upper, const EntryRange &lower, int from, int middle,
                      int to, float *out) {
    switch (PAIRS ? kindOf(d.table) : 0) {
    case 1:
        return pair<1>(d, upper, lower, from, middle, to, out);
    case 2:
        return pair<2>(d, upper, lower, from, middle, to, out);
    default:
        return depthwiseRows(d, upper, from, middle, out) &&
               depthwiseRows(d, lower, middle, to, out + static_cast<ptrdiff_t>(middle - from) * d.places.channels);
    }
}

bool depthwise(const DepthwiseArgs &d) {
    const Source &s = d.source;
    return depthwiseRows({{s.in, s.in, s.edge, s.inRows, s.inRows, s.channels},
                          {d.table, d.runs, d.runCount, d.outRows, d.kh, d.kw, d.stride},
                          d.packed,
                          d.activation,
                          true},
                         {0, s.inRows, s.inRows, s.inRows + s.edgeRows}, d.from, d.to,
                         d.out + static_cast<ptrdiff_t>(d.from) * s.channels);
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
