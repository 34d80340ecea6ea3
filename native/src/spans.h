// Runs of a neighbour table: outputs that are neighbours in the map share their inputs.
//
// Output r + 1 *continues* output r when its window is that of r moved by the stride. The window of a run of n such outputs
// covers (n - 1) * stride + kw columns in each kernel row, and in a run the columns between the first and the last one lie
// one row apart each, or are all the same row (padding, or one background row for all). So a run is known by few of its
// entries, whatever its length: those of its first output, and the last column of its last output.
//
// Where runs begin is either told by the caller or found by looking at the entries. What a caller tells is not looked at
// again between the two ends of a run, but every address that a kernel forms is one between entries that were checked.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

/** The columns that one kernel row of a run reads: one at `first`, then `middle`, `middle + step` ..., and one at `last`. */
struct Span {
    const float *first;
    const float *middle;
    ptrdiff_t step;
    const float *last;

    FOVEA_INLINE bool equals(const Span &o) const {
        return first == o.first && middle == o.middle && step == o.step && last == o.last;
    }
};

/** Where rows lie: entries below `split` at low + entry * channels, further ones below inRows at high, the others are edge rows. */
struct RowPlaces {
    const float *low;
    const float *high;
    const float *edge;
    int32_t split;
    int32_t inRows;
    int32_t channels;

    FOVEA_INLINE const float *at(int32_t e) const {
        const ptrdiff_t c = channels;
        const float *in = e < split ? low : high;
        return e < inRows ? in + e * c : edge + (e - inRows) * c;
    }
    /** Whether two entries lie in the same stretch of memory. */
    FOVEA_INLINE bool together(int32_t a, int32_t b) const {
        return (a < inRows) == (b < inRows) && (a >= inRows || (a < split) == (b < split));
    }
};

FOVEA_INLINE bool entryFits(int32_t e, const EntryRange &r) {
    return (e >= r.low && e < r.high) || (e >= r.inRows && e < r.limit);
}

/** A table, its geometry, and where its runs begin if the caller knows. */
struct TableRuns {
    const int32_t *entries;
    const int32_t *starts; // increasing, or null
    int32_t count;         // of starts
    int32_t kh;
    int32_t kw;
    int32_t stride;

    /** The output after the run that `r` is in, at most `limit`; `hint` remembers the place in the list between calls. */
    int32_t end(int32_t r, int32_t limit, int32_t &hint) const {
        if (!starts) {
            return found(r, limit);
        }
        int32_t i = hint;
        if (i > 0 && (i > count || starts[i - 1] > r)) {
            i = 0;
        }
        if (i == 0) {
            // The first start beyond r.
            int32_t high = count;
            while (i < high) {
                const int32_t middle = (i + high) / 2;
                if (starts[middle] <= r) {
                    i = middle + 1;
                } else {
                    high = middle;
                }
            }
        }
        while (i < count && starts[i] <= r) {
            i++;
        }
        hint = i;
        return i < count && starts[i] < limit ? starts[i] : limit;
    }

    /**
     * The spans of outputs r..r + count, or of r alone when they are no run: returns how many outputs they are for, 0 when an
     * entry does not fit.
     */
    int32_t spans(int32_t r, int32_t n, const RowPlaces &places, const EntryRange &range, Span *to) const {
        const int32_t *e = entries + static_cast<ptrdiff_t>(r) * kh * kw;
        if (n > 1) {
            const int32_t *l = e + static_cast<ptrdiff_t>(n - 1) * kh * kw;
            const int32_t between = (n - 1) * stride + kw - 3; // columns from the second to the last but one
            bool straight = kw >= 3;
            bool fits = true;
            for (int32_t y = 0; straight && y < kh; y++) {
                const int32_t *first = e + y * kw;
                const int32_t *last = l + y * kw + kw - 1;
                const int32_t step = wrapped(first[2], -int64_t(first[1]));
                straight = step == 0 || step == 1;
                const int32_t end = last[-1];
                straight = straight && wrapped(first[1], step == 1 ? between : 0) == end && places.together(first[1], end);
                fits = fits && entryFits(first[0], range) && entryFits(first[1], range) && entryFits(end, range) &&
                       entryFits(*last, range);
                if (straight && fits) {
                    to[y] = {places.at(first[0]), places.at(first[1]),
                             step == 1 ? static_cast<ptrdiff_t>(places.channels) : 0, places.at(*last)};
                }
            }
            if (straight) {
                return fits ? n : 0;
            }
        }
        for (int32_t i = 0; i < kh * kw; i++) {
            if (!entryFits(e[i], range)) {
                return 0;
            }
        }
        for (int32_t y = 0; y < kh; y++) {
            to[y] = {places.at(e[y * kw]), places.at(e[y * kw + (kw > 1 ? 1 : 0)]), 0, places.at(e[y * kw + kw - 1])};
        }
        return 1;
    }

  private:
    /** The sum in 32 bits: entries that were not checked yet may be anything. */
    static FOVEA_INLINE int32_t wrapped(int32_t a, int64_t b) { return static_cast<int32_t>(a + b); }

    /** Looks for the end of the run that begins at r. */
    int32_t found(int32_t r, int32_t limit) const {
        if (kw < 3 || stride > kw) {
            return r + 1;
        }
        const int32_t taps = kh * kw;
        const int32_t *first = entries + static_cast<ptrdiff_t>(r) * taps;
        int32_t n = 1;
        for (; r + n < limit; n++) {
            const int32_t *e = first + static_cast<ptrdiff_t>(n) * taps;
            int32_t wrong = 0;
            for (int32_t y = 0; y < kh; y++) {
                const int32_t *f = first + y * kw;
                const int32_t step = wrapped(f[2], -int64_t(f[1]));
                const int32_t by = step == 1 ? 1 : 0;
                wrong |= step & ~1;
                // What was the last column until now becomes one of the middle.
                wrong |= e[y * kw - taps + kw - 1] ^ wrapped(f[1], by * (int64_t(n - 1) * stride + kw - 2));
                for (int32_t x = 0; x + 1 < kw; x++) {
                    wrong |= e[y * kw + x] ^ wrapped(f[1], by * (int64_t(n) * stride + x - 1));
                }
            }
            if (wrong) {
                break;
            }
        }
        return r + n;
    }
};

} // namespace FOVEA_ISA
} // namespace fovea
