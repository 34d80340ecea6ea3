// Runs of a neighbour table: outputs that are neighbours in the map share their inputs.
//
// Output r + 1 *continues* output r when its window is that of r moved by the stride. The window of a run of n such outputs
// covers (n - 1) * stride + kw columns in each kernel row, and in a run the columns between the first and the last one lie
// one row apart each, or are all the same row (padding, or one background row for all). So a run is known by few of its
// entries, whatever its length: those of its first output, and the last column of its last output.
//
// Runs are either told by the caller, with these entries, or found by looking at a table. Of a told run every entry that it names is
// checked, and that its last column but one lies where the second one and the number of outputs say; every address that a kernel
// forms is one between entries that were checked.
#pragma once

#include "conv_sizes.h"
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

/** A table or its runs, and the geometry. */
struct TableRuns {
    const int32_t *entries; // not looked at where runs are told
    const int32_t *told;    // runs, see fovea_native.h, or null
    int32_t count;          // of told runs
    int32_t rows;           // outputs of the whole table
    int32_t kh;
    int32_t kw;
    int32_t stride;

    /**
     * The output after the run that `r` is in, at most `limit`. `hint` begins as 0; afterwards it is the number of told runs that begin
     * at r or before, which the other functions want to know.
     */
    FOVEA_INLINE int32_t end(int32_t r, int32_t limit, int32_t &hint) const {
        if (!told) {
            return found(r, limit);
        }
        int32_t i = hint;
        if (i == 0 || firstOf(i - 1) > r) {
            // The first run beyond r.
            i = 0;
            int32_t high = count;
            while (i < high) {
                const int32_t middle = (i + high) / 2;
                if (firstOf(middle) <= r) {
                    i = middle + 1;
                } else {
                    high = middle;
                }
            }
        }
        while (i < count && firstOf(i) <= r) {
            i++;
        }
        hint = i;
        return i < count ? smaller(firstOf(i), limit) : limit;
    }

    /** What output r reads at one place of its window; `hint` is what end(r) left. */
    FOVEA_INLINE int32_t entry(int32_t r, int32_t hint, int32_t y, int32_t x) const {
        if (!told) {
            return entries[(static_cast<ptrdiff_t>(r) * kh + y) * kw + x];
        }
        const Told run = toldRun(hint);
        return run.column(y, (r - run.first) * static_cast<int64_t>(stride) + x);
    }

    /**
     * The spans of outputs r..r + n, or of r alone when they are no run: returns how many outputs they are for, 0 when an
     * entry does not fit.
     */
    FOVEA_INLINE int32_t spans(int32_t r, int32_t n, int32_t hint, const RowPlaces &places, const EntryRange &range,
                               Span *to) const {
        return told ? toldSpans(r, n, hint, places, range, to) : tableSpans(r, n, places, range, to);
    }

    /** A told run. */
    struct Told {
        const int32_t *columns;
        int32_t width;   // columns named in each kernel row
        int32_t first;   // output
        int32_t outputs; // number of them
        int64_t reads;   // columns that they read in each kernel row
        bool explicitly; // whether all columns are named

        FOVEA_INLINE int32_t column(int32_t y, int64_t c) const {
            const int32_t *named = columns + static_cast<ptrdiff_t>(y) * width;
            if (explicitly) {
                return named[c];
            }
            return c == 0           ? named[0]
                   : c == reads - 1 ? named[3]
                                    : named[1] + (named[2] == named[1] ? 0 : static_cast<int32_t>(c - 1));
        }
        /** Whether all columns of a kernel row are entries that may be read, by looking at those that are named. */
        FOVEA_INLINE bool fits(int32_t y, const EntryRange &range) const {
            const int32_t *named = columns + static_cast<ptrdiff_t>(y) * width;
            if (explicitly) {
                bool fit = true;
                for (int32_t x = 0; x < reads; x++) {
                    fit = fit && entryFits(named[x], range);
                }
                return fit;
            }
            return entryFits(named[0], range) && entryFits(named[1], range) && entryFits(named[2], range) &&
                   entryFits(named[3], range) && (named[1] < range.inRows) == (named[2] < range.inRows) &&
                   (named[1] == named[2] || named[2] - static_cast<int64_t>(named[1]) == reads - 3);
        }
    };

    /** The told run that an output is in, of which end() left `hint`, not 0. */
    FOVEA_INLINE Told toldRun(int32_t hint) const {
        const int32_t *record = told + static_cast<ptrdiff_t>(hint - 1) * toldLength(kh, kw);
        const int32_t next = hint < count ? firstOf(hint) : rows;
        const int32_t outputs = next - record[0];
        return {record + 2, toldColumns(kw), record[0], outputs, (outputs - 1) * static_cast<int64_t>(stride) + kw,
                outputs == 1 && kw > 3};
    }

    /** The first output of a told run. */
    FOVEA_INLINE int32_t firstOf(int32_t run) const { return told[static_cast<ptrdiff_t>(run) * toldLength(kh, kw)]; }
    /** The column of the map in which a told run begins; any number if it was told wrongly. */
    FOVEA_INLINE int32_t placeOf(int32_t run) const { return told[static_cast<ptrdiff_t>(run) * toldLength(kh, kw) + 1]; }

  private:
    FOVEA_INLINE int32_t toldSpans(int32_t r, int32_t n, int32_t hint, const RowPlaces &places, const EntryRange &range,
                                   Span *to) const {
        if (hint == 0 || firstOf(hint - 1) < 0) {
            return 0;
        }
        const Told run = toldRun(hint);
        const int64_t first = (r - run.first) * static_cast<int64_t>(stride);
        const int64_t last = first + (n - 1) * static_cast<int64_t>(stride) + kw - 1;
        for (int32_t y = 0; y < kh; y++) {
            if (!run.fits(y, range)) {
                return 0;
            }
            const int32_t second = run.column(y, first + (kw > 1 ? 1 : 0));
            const int32_t end = run.column(y, last - (kw > 1 ? 1 : 0));
            if (n > 1 && !places.together(second, end)) {
                return toldSpans(r, 1, hint, places, range, to);
            }
            to[y] = {places.at(run.column(y, first)), places.at(second),
                     second == end ? 0 : static_cast<ptrdiff_t>(places.channels), places.at(run.column(y, last))};
        }
        return n;
    }

    /** The sum in 32 bits: entries that were not checked yet may be anything. */
    static FOVEA_INLINE int32_t wrapped(int32_t a, int64_t b) { return static_cast<int32_t>(a + b); }

    int32_t tableSpans(int32_t r, int32_t n, const RowPlaces &places, const EntryRange &range, Span *to) const {
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
