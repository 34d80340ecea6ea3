// Depthwise 3 x 3 over two image rows of a masked map, whose runs are many, short and seldom alike.
//
// The columns that each image row reads are listed by their place in the map. Outputs that stand in both image rows go together, up
// to four places at a time, and load what their windows share once; outputs that have nobody above or below go alone. Channels are the
// outer loop: the weights of a vector of channels stay in registers over both image rows.
#pragma once

#include "activate.h"
#include "depthwise.h"

namespace fovea {
namespace FOVEA_ISA {

/** The outputs of two image rows and the columns they read. */
template <int STRIDE> class RaggedPair {
  public:
    /** Image rows of outputs `from`..`middle` and `middle`..`to`, none of them empty; of both TableRuns::end left a hint. */
    RaggedPair(const DepthwiseRows &d, int from, int middle, int to, int32_t upperHint, int32_t lowerHint)
        : d(d), from(from), hints{upperHint, lowerHint}, starts{from, middle}, ends{middle, to} {}

    /** Whether runs are told for both image rows, they are short, and there are few enough columns. */
    bool fits() {
        if (hints[0] == 0 || hints[1] == 0 || d.table.firstOf(hints[0] - 1) != starts[0] ||
            d.table.firstOf(hints[1] - 1) != starts[1]) {
            return false;
        }
        const int32_t first = smaller(place(hints[0]), place(hints[1]));
        bool same = place(hints[0]) == place(hints[1]) && ends[0] - starts[0] == ends[1] - starts[1];
        int32_t runs = 0;
        for (int row = 0; row < 2; row++) {
            int32_t last = hints[row];
            while (last < d.table.count && d.table.firstOf(last) < ends[row]) {
                last++;
            }
            same &= last == hints[row];
            runs += last - hints[row] + 1;
            // In 64 bits: nothing was checked yet.
            const int64_t end = static_cast<int64_t>(place(last)) + ends[row] - d.table.firstOf(last - 1);
            if (place(last) < first || end - first > OUTPUTS) {
                return false;
            }
        }
        origin = first;
        return !same && ends[1] - from <= RUN_OUTPUTS * runs;
    }

    /** Computes both image rows into consecutive rows of `out`. False when an entry does not fit. */
    bool run(const EntryRange &upper, const EntryRange &lower, float *out) {
        if (!list(0, upper) || !list(1, lower)) {
            return false;
        }
        merge(out);
        const int channels = d.places.channels;
        const float *packed = d.packed;
        int c = 0;
        for (; c + W <= channels; c += W) {
            if (d.ahead) {
                outputs<true, true>(c, W, packed);
            } else {
                outputs<true, false>(c, W, packed);
            }
            packed += 10 * W;
        }
        if (c < channels) {
            outputs<false, false>(c, channels - c, packed);
        }
        if (!d.activation.isClamp()) {
            activate(d.activation, out, out, static_cast<int64_t>(ends[1] - from) * channels);
        }
        return true;
    }

  private:
    static constexpr int OUTPUTS = 192;
    static constexpr int COLUMNS = (OUTPUTS - 1) * STRIDE + 3;
    static constexpr int MOST = 4;
    /** Outputs of a run on average up to which listing its columns pays. */
    static constexpr int RUN_OUTPUTS = 8;

    /** Outputs side by side in one image row. */
    struct Stretch {
        int16_t place;
        int16_t count;
        int32_t row; // packed, from the first of both image rows
    };
    /** Up to four places. */
    struct Group {
        const float *const *columns;
        float *out;
        float *below; // the lower image row's outputs of a pair
        int kind;     // number of places, and 8 for a pair
    };

    int32_t place(int32_t hint) const { return d.table.placeOf(hint - 1); }

    bool list(int row, const EntryRange &range) {
        const RowPlaces &places = d.places;
        Stretch *to = stretches[row];
        int free = 0; // the first place that may follow
        int n = 0;
        for (int32_t hint = hints[row], r = starts[row]; r < ends[row]; hint++) {
            const TableRuns::Told run = d.table.toldRun(hint);
            const int64_t at = static_cast<int64_t>(place(hint)) - origin;
            if (run.first != r || run.outputs <= 0 || at < free || at + run.outputs > OUTPUTS || r + run.outputs > ends[row]) {
                return false;
            }
            for (int y = 0; y < 3; y++) {
                if (!run.fits(y, range)) {
                    return false;
                }
                const int32_t *named = run.columns + y * run.width;
                const float **column = columns[row][y] + at * STRIDE;
                const int reads = static_cast<int>(run.reads);
                column[0] = places.at(named[0]);
                if (places.together(named[1], named[2])) {
                    const float *middle = places.at(named[1]);
                    const ptrdiff_t step = named[1] == named[2] ? 0 : static_cast<ptrdiff_t>(places.channels);
                    for (int x = 1; x < reads - 1; x++) {
                        column[x] = middle;
                        middle += step;
                    }
                } else {
                    for (int x = 1; x < reads - 1; x++) {
                        column[x] = places.at(named[1] + x - 1);
                    }
                }
                column[reads - 1] = places.at(named[3]);
            }
            if (n > 0 && to[n - 1].place + to[n - 1].count == at) {
                to[n - 1].count = static_cast<int16_t>(to[n - 1].count + run.outputs);
            } else {
                to[n++] = {static_cast<int16_t>(at), static_cast<int16_t>(run.outputs), r - from};
            }
            free = static_cast<int>(at) + run.outputs;
            r += run.outputs;
        }
        counts[row] = n;
        return true;
    }

    /** Groups of what stands in both image rows, and of what stands in one. */
    void merge(float *out) {
        Stretch a = counts[0] ? stretches[0][0] : Stretch{};
        Stretch b = counts[1] ? stretches[1][0] : Stretch{};
        int i = 0;
        int j = 0;
        while (i < counts[0] || j < counts[1]) {
            const bool hasA = i < counts[0];
            const bool hasB = j < counts[1];
            int n;
            if (hasA && hasB && a.place == b.place) {
                n = smaller(a.count, b.count);
                if (alike(a.place, n)) {
                    add(0, a.place, n, out, a.row, b.row);
                } else {
                    add(0, a.place, n, out, a.row, -1);
                    add(1, b.place, n, out, b.row, -1);
                }
                cut(a, n, 0, i);
                cut(b, n, 1, j);
            } else if (hasA && (!hasB || a.place < b.place)) {
                n = hasB ? smaller(a.count, b.place - a.place) : a.count;
                add(0, a.place, n, out, a.row, -1);
                cut(a, n, 0, i);
            } else {
                n = hasA ? smaller(b.count, a.place - b.place) : b.count;
                add(1, b.place, n, out, b.row, -1);
                cut(b, n, 1, j);
            }
        }
    }

    void cut(Stretch &s, int n, int row, int &index) {
        s.place = static_cast<int16_t>(s.place + n);
        s.count = static_cast<int16_t>(s.count - n);
        s.row += n;
        if (s.count == 0 && ++index < counts[row]) {
            s = stretches[row][index];
        }
    }

    /** Whether the image rows that both windows cover are the same. */
    bool alike(int place, int n) const {
        const int first = place * STRIDE;
        const int reads = (n - 1) * STRIDE + 3;
        bool same = true;
        for (int y = STRIDE; y < 3; y++) {
            for (int x = 0; x < reads; x++) {
                same &= columns[0][y][first + x] == columns[1][y - STRIDE][first + x];
            }
        }
        return same;
    }

    void add(int row, int place, int count, float *out, int32_t at, int32_t below) {
        const int parts = (count + MOST - 1) / MOST;
        const ptrdiff_t channels = d.places.channels;
        for (int p = 0; p < parts; p++) {
            const int n = count / parts + (p < count % parts ? 1 : 0);
            groups[groupCount++] = {columns[row][0] + place * STRIDE, out + at * channels,
                                    below < 0 ? nullptr : out + below * channels, n + (below < 0 ? 0 : 8)};
            place += n;
            at += n;
            below += below < 0 ? 0 : n;
        }
    }

    struct Registers {
        Vec bias;
        Vec w[9];
        Vec lo;
        Vec hi;
    };

    template <bool FULL> static FOVEA_INLINE Vec get(const float *p, int lanes) {
        return FULL ? load(p) : loadPartial(p, lanes);
    }

    /** N places in one image row or in both. AHEAD: the next channels of the same columns are fetched meanwhile. */
    template <int ROWS, int N, bool FULL, bool AHEAD>
    static FOVEA_INLINE void group(const Group &g, const Registers &with, int c, int lanes, ptrdiff_t channels) {
        constexpr int READ = (ROWS - 1) * STRIDE + 3;
        Vec acc[ROWS][N];
#pragma GCC unroll 2
        for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 4
            for (int n = 0; n < N; n++) {
                acc[r][n] = with.bias;
            }
        }
#pragma GCC unroll 5
        for (int k = 0; k < READ; k++) {
            // Beyond the upper image row's three come the last ones of the lower.
            const float *const *const column = g.columns + (k < 3 ? k : k + 3 - STRIDE) * COLUMNS;
#pragma GCC unroll 9
            for (int j = 0; j < (N - 1) * STRIDE + 3; j++) {
                const Vec in = get<FULL>(column[j] + c, lanes);
                if (AHEAD) {
                    __builtin_prefetch(column[j] + c + W);
                }
#pragma GCC unroll 2
                for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 4
                    for (int n = 0; n < N; n++) {
                        const int y = k - r * STRIDE;
                        const int x = j - n * STRIDE;
                        if (y >= 0 && y < 3 && x >= 0 && x < 3) {
                            acc[r][n] = fma(in, with.w[y * 3 + x], acc[r][n]);
                        }
                    }
                }
            }
        }
#pragma GCC unroll 2
        for (int r = 0; r < ROWS; r++) {
            float *out = (r == 0 ? g.out : g.below) + c;
#pragma GCC unroll 4
            for (int n = 0; n < N; n++) {
                const Vec v = clamp(acc[r][n], with.lo, with.hi);
                if (FULL) {
                    store(out, v);
                } else {
                    storePartial(out, v, lanes);
                }
                out += channels;
            }
        }
    }

    template <bool FULL, bool AHEAD> void outputs(int c, int lanes, const float *packed) const {
        Registers with;
        with.bias = load(packed);
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) {
            with.w[t] = load(packed + (t + 1) * W);
        }
        with.lo = splat(d.activation.clamp().lo);
        with.hi = splat(d.activation.clamp().hi);
        const ptrdiff_t channels = d.places.channels;
        for (const Group *g = groups; g < groups + groupCount; g++) {
            switch (g->kind) {
            case 1:
                group<1, 1, FULL, AHEAD>(*g, with, c, lanes, channels);
                break;
            case 2:
                group<1, 2, FULL, AHEAD>(*g, with, c, lanes, channels);
                break;
            case 3:
                group<1, 3, FULL, AHEAD>(*g, with, c, lanes, channels);
                break;
            case 4:
                group<1, 4, FULL, AHEAD>(*g, with, c, lanes, channels);
                break;
            case 9:
                group<2, 1, FULL, AHEAD>(*g, with, c, lanes, channels);
                break;
            case 10:
                group<2, 2, FULL, AHEAD>(*g, with, c, lanes, channels);
                break;
            case 11:
                group<2, 3, FULL, AHEAD>(*g, with, c, lanes, channels);
                break;
            default:
                group<2, 4, FULL, AHEAD>(*g, with, c, lanes, channels);
            }
        }
    }

    const DepthwiseRows &d;
    int from;
    int32_t origin = 0;
    int32_t hints[2]; // number of the told runs up to the first of each image row
    int starts[2];
    int ends[2];
    int counts[2] = {};
    int groupCount = 0;
    Stretch stretches[2][OUTPUTS];
    Group groups[2 * OUTPUTS];
    const float *columns[2][3][COLUMNS];
};

} // namespace FOVEA_ISA
} // namespace fovea
