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

template <int N> struct Group {
    static constexpr int vectors = N;
};

/** Calls step(group, c, lanes) for groups of four vectors of channels, and for each vector that is left. */
template <typename Step> FOVEA_INLINE void channelGroups(int channels, Step step) {
    int c = 0;
    for (; c + 4 * W <= channels; c += 4 * W) {
        step(Group<4>{}, c, W);
    }
    for (; c < channels; c += W) {
        step(Group<1>{}, c, smaller(W, channels - c));
    }
}

/**
 * Adds the sum of `rows` rows, times a sign, to N vectors of channels. Sums of 64 rows are added to the total: the rounding error grows
 * with the root of the rows, not with the rows.
 */
template <int N>
FOVEA_INLINE void addSum(const float *in, int rows, ptrdiff_t channels, int lanes, Vec sign, Vec *sum) {
    for (int r = 0; r < rows;) {
        const int to = smaller(rows, r + 64);
        Vec part[N];
        for (int v = 0; v < N; v++) {
            part[v] = splat(0.0f);
        }
        for (; r < to; r++, in += channels) {
            for (int v = 0; v < N; v++) {
                part[v] = add(part[v], get(in + v * W, lanes));
            }
        }
        for (int v = 0; v < N; v++) {
            sum[v] = fma(part[v], sign, sum[v]);
        }
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
    channelGroups(channels, [&](auto group, int c, int lanes) {
        constexpr int N = decltype(group)::vectors;
        Vec sum[N];
        for (int v = 0; v < N; v++) {
            sum[v] = rest ? mul(weight, get(rest + c + v * W, lanes)) : splat(0.0f);
        }
        addSum<N>(in + c, rows, channels, lanes, splat(1.0f), sum);
        for (int v = 0; v < N; v++) {
            put(out + c + v * W, mul(sum[v], share), lanes);
        }
    });
}

void mapAverage(const MapAverageArgs &a) {
    const Vec share = splat(a.sites > 0 ? 1.0f / static_cast<float>(a.sites) : 0.0f);
    const ptrdiff_t channels = a.channels;
    channelGroups(a.channels, [&](auto group, int c, int lanes) {
        constexpr int N = decltype(group)::vectors;
        Vec sum[N];
        for (int v = 0; v < N; v++) {
            sum[v] = a.total ? get(a.total + c + v * W, lanes) : splat(0.0f);
        }
        addSum<N>(a.in + c, a.rows, a.channels, lanes, splat(1.0f), sum);
        int32_t site = 0;
        for (int64_t i = 0; i < a.activeCount; i += 2) {
            if (a.total) {
                addSum<N>(a.map + a.active[i] * channels + c, a.active[i + 1] - a.active[i], a.channels, lanes, splat(-1.0f),
                          sum);
            } else {
                addSum<N>(a.map + site * channels + c, a.active[i] - site, a.channels, lanes, splat(1.0f), sum);
                site = a.active[i + 1];
            }
        }
        if (!a.total) {
            addSum<N>(a.map + site * channels + c, a.sites - site, a.channels, lanes, splat(1.0f), sum);
        }
        for (int v = 0; v < N; v++) {
            put(a.out + c + v * W, mul(sum[v], share), lanes);
        }
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
