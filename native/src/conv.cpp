#include "conv.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/** The shortest stretch of outputs that is worth reading in place instead of gathering. */
constexpr int SHORTEST_RUN = 6;

/**
 * Taps of one output that lie in consecutive rows: `length` taps each, for all taps; 0 when an entry is no input row or
 * there are too many stretches.
 */
int stretch(const int32_t *entries, int taps, int32_t inRows) {
    int length = 1;
    while (length < taps && entries[length] == entries[length - 1] + 1) {
        length++;
    }
    if (taps % length != 0) {
        length = 1;
    }
    if (taps / length > MAX_SEGMENTS) {
        return 0;
    }
    for (int t = 0; t < taps; t++) {
        if (entries[t] >= inRows || (t % length != 0 && entries[t] != entries[t - 1] + 1)) {
            return 0;
        }
    }
    return length;
}

/** Whether each of `outputs` outputs is followed by one that reads `step` input rows after it, for every tap. */
bool steps(const int32_t *entries, int taps, int outputs, int32_t inRows, int32_t step) {
    int32_t wrong = 0;
    for (int i = 0; i < outputs * taps; i++) {
        wrong |= (entries[i + taps] - entries[i]) ^ step;
        wrong |= entries[i + taps] >= inRows;
    }
    return wrong == 0;
}

/** Length of the run of outputs from..: each reads `step` input rows after its predecessor. */
int run(const int32_t *table, int taps, int from, int to, int32_t inRows, int32_t step) {
    constexpr int STRIDE = 16;
    const int32_t *entries = table + static_cast<ptrdiff_t>(from) * taps;
    int r = from;
    while (r + STRIDE < to && steps(entries, taps, STRIDE, inRows, step)) {
        r += STRIDE;
        entries += STRIDE * taps;
    }
    while (r + 1 < to && steps(entries, taps, 1, inRows, step)) {
        r++;
        entries += taps;
    }
    return r + 1 - from;
}

void gather(const Rows &rows, const int32_t *entries, int taps, float *to) {
    const int channels = rows.source.channels;
    for (int t = 0; t < taps;) {
        // Neighbours in the map are neighbours in memory: one copy for each stretch of them.
        const int32_t first = entries[t];
        int count = 1;
        while (t + count < taps && entries[t + count] == first + count && entries[t + count] != rows.source.inRows) {
            count++;
        }
        std::memcpy(to, rows.at(first), sizeof(float) * static_cast<size_t>(count) * static_cast<size_t>(channels));
        to += static_cast<ptrdiff_t>(count) * channels;
        t += count;
    }
}

} // namespace

void convRows(const Rows &rows, const int32_t *table, int taps, int from, int to, const Panels &panels, int panelFrom,
              int panelTo, const TileOutput &y, float *scratch, int64_t scratchLength) {
    const int channels = rows.source.channels;
    const ptrdiff_t ld = static_cast<ptrdiff_t>(gatheredStride(panels.k));
    const int64_t most = scratchLength / ld;
    int pending = 0; // gathered rows r - pending .. r
    const auto output = [&](int r) {
        return TileOutput{y.out + r * y.stride, y.residual ? y.residual + r * y.stride : nullptr, y.stride, y.clamp};
    };
    const auto flush = [&](int r) {
        if (pending > 0) {
            const float *a = scratch;
            product({&a, 1, panels.k, ld}, pending, panels, panelFrom, panelTo, output(r - pending));
            pending = 0;
        }
    };
    int r = from;
    while (r < to) {
        const int32_t *entries = table + static_cast<ptrdiff_t>(r) * taps;
        const int length = r + 1 < to ? stretch(entries, taps, rows.source.inRows) : 0;
        const int32_t step = length ? entries[taps] - entries[0] : 0;
        if (step > 0 && step * static_cast<int64_t>(channels) % 512 != 0) {
            const int count = run(table, taps, r, to, rows.source.inRows, step);
            if (count >= SHORTEST_RUN) {
                flush(r);
                const float *a[MAX_SEGMENTS];
                const int segments = taps / length;
                for (int s = 0; s < segments; s++) {
                    a[s] = rows.at(entries[s * length]);
                }
                product({a, segments, length * channels, static_cast<ptrdiff_t>(step) * channels}, count, panels,
                        panelFrom, panelTo, output(r));
                r += count;
                continue;
            }
        }
        if (pending == most) {
            flush(r);
        }
        gather(rows, entries, taps, scratch + pending * ld);
        pending++;
        r++;
    }
    flush(to);
}

void conv(const ConvArgs &c) {
    const Panels panels{c.packed, c.n, c.taps * c.source.channels};
    convRows(Rows{c.source}, c.table, c.taps, c.from, c.to, panels, c.panelFrom, c.panelTo,
             TileOutput{c.out, c.residual, c.n, c.clamp}, c.scratch, c.scratchLength);
}

} // namespace FOVEA_ISA
} // namespace fovea
