#include "rows.h"

#include "spans.h"

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

/** Channels whose sums are made in one pass over the rows. */
constexpr int SUM_CHANNELS = 32 * W;

/** Sums of up to SUM_CHANNELS channels of many rows, read in the order in which they lie in memory. */
class RowSums {
  public:
    explicit RowSums(int channels) : vectors((channels + W - 1) / W), rest(channels - (vectors - 1) * W) {
        for (int v = 0; v < vectors; v++) {
            sum[v] = splat(0.0f);
        }
    }

    /** Adds weight times a row. */
    void addRow(const float *row, float weight) {
        for (int v = 0; v < vectors; v++) {
            sum[v] = fma(get(row + v * W, lanes(v)), splat(weight), sum[v]);
        }
    }

    /**
     * Adds sign times the sum of rows that lie `stride` apart. Sums of 64 rows are added to the total: the rounding error grows with
     * the root of the rows, not with the rows.
     */
    void addRows(const float *in, int rows, ptrdiff_t stride, float sign) {
        Vec part[SUM_CHANNELS / W];
        for (int r = 0; r < rows;) {
            const int to = smaller(rows, r + 64);
            for (int v = 0; v < vectors; v++) {
                part[v] = splat(0.0f);
            }
            for (; r + 4 <= to; r += 4, in += 4 * stride) {
                for (int v = 0; v < vectors; v++) {
                    const float *at = in + v * W;
                    const Vec a = add(get(at, lanes(v)), get(at + stride, lanes(v)));
                    const Vec b = add(get(at + 2 * stride, lanes(v)), get(at + 3 * stride, lanes(v)));
                    part[v] = add(part[v], add(a, b));
                }
            }
            for (; r < to; r++, in += stride) {
                for (int v = 0; v < vectors; v++) {
                    part[v] = add(part[v], get(in + v * W, lanes(v)));
                }
            }
            for (int v = 0; v < vectors; v++) {
                sum[v] = fma(part[v], splat(sign), sum[v]);
            }
        }
    }

    void write(float *out, float share) const {
        for (int v = 0; v < vectors; v++) {
            put(out + v * W, mul(sum[v], splat(share)), lanes(v));
        }
    }

  private:
    int lanes(int v) const { return v + 1 < vectors ? W : rest; }

    int vectors;
    int rest; // channels of the last vector
    Vec sum[SUM_CHANNELS / W];
};

FOVEA_INLINE const float *at(const Source &s, int32_t e) {
    const ptrdiff_t c = s.channels;
    return e < s.inRows ? s.in + e * c : s.edge + (e - s.inRows) * c;
}

/** The maximum where runs are told: the columns that some outputs read are listed, those of padding as null. */
bool maxPoolRuns(const PoolArgs &p) {
    const Source &s = p.source;
    const TableRuns table{nullptr, p.runs, p.runCount, p.outRows, p.kh, p.kw, p.stride};
    const EntryRange range{0, s.inRows, s.inRows, s.inRows + s.edgeRows};
    const int pitch = MAX_TAPS / p.kh;
    const float *columns[MAX_TAPS];
    int32_t hint = 0;
    for (int r = p.from; r < p.to;) {
        const int end = table.end(r, p.to, hint);
        if (hint == 0 || table.firstOf(hint - 1) < 0) {
            return false;
        }
        const TableRuns::Told run = table.toldRun(hint);
        for (int y = 0; y < p.kh; y++) {
            if (!run.fits(y, range)) {
                return false;
            }
        }
        while (r < end) {
            const int outputs = smaller(end - r, (pitch - p.kw) / p.stride + 1);
            const int reads = (outputs - 1) * p.stride + p.kw;
            const int64_t first = (r - run.first) * static_cast<int64_t>(p.stride);
            for (int y = 0; y < p.kh; y++) {
                for (int x = 0; x < reads; x++) {
                    const int32_t e = run.column(y, first + x);
                    columns[y * pitch + x] = e == s.inRows ? nullptr : at(s, e);
                }
            }
            float *out = p.out + static_cast<ptrdiff_t>(r) * s.channels;
            for (int i = 0; i < outputs; i++, out += s.channels) {
                channelVectors(s.channels, [&](int c, int lanes) {
                    Vec most = splat(-__builtin_inff());
                    for (int y = 0; y < p.kh; y++) {
                        const float *const *column = columns + y * pitch + i * p.stride;
                        for (int x = 0; x < p.kw; x++) {
                            if (column[x]) {
                                most = max(most, get(column[x] + c, lanes));
                            }
                        }
                    }
                    put(out + c, most, lanes);
                });
            }
            r += outputs;
        }
    }
    return true;
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

void scaleRows(const float *in, const float *factor, const float *shift, float *out, int32_t rows, int32_t channels) {
    for (int32_t r = 0; r < rows; r++) {
        channelVectors(channels, [&](int c, int lanes) {
            const Vec product = mul(get(in + c, lanes), get(factor + c, lanes));
            put(out + c, shift ? add(product, get(shift + c, lanes)) : product, lanes);
        });
        in += channels;
        out += channels;
    }
}

bool maxPool(const PoolArgs &p) {
    if (p.runs) {
        return maxPoolRuns(p);
    }
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
    return true;
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
    for (int c = 0; c < channels; c += SUM_CHANNELS) {
        RowSums sums(smaller(SUM_CHANNELS, channels - c));
        if (rest) {
            sums.addRow(rest + c, restWeight);
        }
        sums.addRows(in + c, rows, channels, 1);
        sums.write(out + c, total > 0 ? 1.0f / total : 0.0f);
    }
}

void mapAverage(const MapAverageArgs &a) {
    const ptrdiff_t channels = a.channels;
    for (int c = 0; c < a.channels; c += SUM_CHANNELS) {
        RowSums sums(smaller(SUM_CHANNELS, a.channels - c));
        sums.addRows(a.in + c, a.rows, channels, 1);
        int32_t site = 0;
        if (a.sums) {
            sums.addRow(a.sums + a.sites * channels + c, 1);
            for (int64_t i = 0; i < a.activeCount; i += 2) {
                sums.addRow(a.sums + a.active[i + 1] * channels + c, -1);
                sums.addRow(a.sums + a.active[i] * channels + c, 1);
            }
        } else {
            for (int64_t i = 0; i < a.activeCount; i += 2) {
                sums.addRows(a.map + site * channels + c, a.active[i] - site, channels, 1);
                site = a.active[i + 1];
            }
            sums.addRows(a.map + site * channels + c, a.sites - site, channels, 1);
        }
        sums.write(a.out + c, a.sites > 0 ? 1.0f / static_cast<float>(a.sites) : 0.0f);
    }
}

void sample(const SampleArgs &s) {
    const int channels = s.source.channels;
    for (int r = s.from; r < s.to; r++) {
        const int32_t *entries = s.table + static_cast<ptrdiff_t>(r) * s.taps;
        const float *weights = s.weights + static_cast<ptrdiff_t>(r) * s.taps;
        float *out = s.out + static_cast<ptrdiff_t>(r) * channels;
        channelVectors(channels, [&](int c, int lanes) {
            Vec sum = mul(splat(weights[0]), get(at(s.source, entries[0]) + c, lanes));
            for (int t = 1; t < s.taps; t++) {
                sum = fma(splat(weights[t]), get(at(s.source, entries[t]) + c, lanes), sum);
            }
            put(out + c, s.a ? fma(sum, get(s.a + c, lanes), get(s.b + c, lanes)) : sum, lanes);
        });
    }
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
