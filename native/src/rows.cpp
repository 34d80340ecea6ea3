#include "rows.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/** Calls step(c, lanes) for each vector of channels. */
template <typename Step> FOVEA_INLINE void channelVectors(int channels, Step step) {
    int c = 0;
    for (; c + W <= channels; c += W) {
        step(c, W);
    }
    if (c < channels) {
        step(c, channels - c);
    }
}

FOVEA_INLINE Vec get(const float *p, int lanes) { return lanes == W ? load(p) : loadPartial(p, lanes); }

FOVEA_INLINE void put(float *p, Vec v, int lanes) {
    if (lanes == W) {
        store(p, v);
    } else {
        storePartial(p, v, lanes);
    }
}

FOVEA_INLINE const float *at(const Source &s, int32_t e) {
    const ptrdiff_t c = s.channels;
    return e < s.inRows ? s.in + e * c : s.edge + (e - s.inRows) * c;
}

} // namespace

void addRows(const float *a, const float *b, float *out, int64_t length, Clamp clampTo) {
    const Vec lo = splat(clampTo.lo);
    const Vec hi = splat(clampTo.hi);
    int64_t i = 0;
    for (; i + W <= length; i += W) {
        store(out + i, clamp(add(load(a + i), load(b + i)), lo, hi));
    }
    if (i < length) {
        const int rest = static_cast<int>(length - i);
        storePartial(out + i, clamp(add(loadPartial(a + i, rest), loadPartial(b + i, rest)), lo, hi), rest);
    }
}

void scaleRows(const float *in, const float *factor, float *out, int32_t rows, int32_t channels) {
    for (int32_t r = 0; r < rows; r++) {
        channelVectors(channels,
                       [&](int c, int lanes) { put(out + c, mul(get(in + c, lanes), get(factor + c, lanes)), lanes); });
        in += channels;
        out += channels;
    }
}

void maxPool(const PoolArgs &p) {
    const int channels = p.source.channels;
    for (int r = p.from; r < p.to; r++) {
        const int32_t *entries = p.table + static_cast<ptrdiff_t>(r) * p.taps;
        float *out = p.out + static_cast<ptrdiff_t>(r) * channels;
        channelVectors(channels, [&](int c, int lanes) {
            Vec most = splat(-__builtin_inff());
            for (int t = 0; t < p.taps; t++) {
                if (entries[t] != p.source.inRows) {
                    most = max(most, get(at(p.source, entries[t]) + c, lanes));
                }
            }
            put(out + c, most, lanes);
        });
    }
}

void averagePool(const PoolArgs &p) {
    const int channels = p.source.channels;
    for (int r = p.from; r < p.to; r++) {
        const int32_t *entries = p.table + static_cast<ptrdiff_t>(r) * p.taps;
        float *out = p.out + static_cast<ptrdiff_t>(r) * channels;
        int count = 0;
        for (int t = 0; t < p.taps; t++) {
            count += p.countPadding || entries[t] != p.source.inRows;
        }
        const Vec share = splat(count ? 1.0f / static_cast<float>(count) : 0.0f);
        channelVectors(channels, [&](int c, int lanes) {
            Vec sum = splat(0.0f);
            for (int t = 0; t < p.taps; t++) {
                if (entries[t] != p.source.inRows) {
                    sum = add(sum, get(at(p.source, entries[t]) + c, lanes));
                }
            }
            put(out + c, mul(sum, share), lanes);
        });
    }
}

void globalAverage(const float *in, int32_t rows, int32_t channels, const float *rest, float restWeight, float *out) {
    const float total = static_cast<float>(rows) + restWeight;
    const Vec share = splat(total > 0 ? 1.0f / total : 0.0f);
    const Vec weight = splat(restWeight);
    channelVectors(channels, [&](int c, int lanes) {
        // Sums of 64 rows are added to the total: the rounding error grows with the root of the rows, not with the rows.
        Vec sum = rest ? mul(weight, get(rest + c, lanes)) : splat(0.0f);
        for (int r = 0; r < rows;) {
            const int to = smaller(rows, r + 64);
            Vec part = splat(0.0f);
            for (; r < to; r++) {
                part = add(part, get(in + static_cast<ptrdiff_t>(r) * channels + c, lanes));
            }
            sum = add(sum, part);
        }
        put(out + c, mul(sum, share), lanes);
    });
}

void blend(const BlendArgs &b) {
    Vec weight[4];
    for (int i = 0; i < 4; i++) {
        weight[i] = splat(b.weight[i]);
    }
    channelVectors(b.channels, [&](int c, int lanes) {
        Vec sum = mul(weight[0], get(b.row[0] + c, lanes));
        for (int i = 1; i < 4; i++) {
            sum = fma(weight[i], get(b.row[i] + c, lanes), sum);
        }
        put(b.out + c, fma(sum, get(b.a + c, lanes), get(b.b + c, lanes)), lanes);
    });
}

bool entriesFit(const int32_t *entries, int64_t count, EntryRange range) {
    const uint32_t inputs = static_cast<uint32_t>(range.high) - static_cast<uint32_t>(range.low);
    const uint32_t edges = static_cast<uint32_t>(range.limit) - static_cast<uint32_t>(range.inRows);
    uint32_t wrong = 0;
    for (int64_t i = 0; i < count; i++) {
        const uint32_t e = static_cast<uint32_t>(entries[i]);
        const uint32_t isInput = e - static_cast<uint32_t>(range.low) < inputs;
        const uint32_t isEdge = e - static_cast<uint32_t>(range.inRows) < edges;
        wrong |= (isInput | isEdge) ^ 1u;
    }
    return wrong == 0;
}

} // namespace FOVEA_ISA
} // namespace fovea
