// Depthwise 3 x 3 over image rows of a masked map, from lists of what the columns of the input's image rows read as.
//
// Of each image row of the input the address of every column is listed once, however many windows read it. Outputs that stand in both
// of two image rows go together, up to four places at a time, and load what their windows share once; outputs that have nobody above or
// below go alone. Channels are the outer loop: the weights of a vector of channels stay in registers over both image rows.
#pragma once

#include "activate.h"
#include "depthwise.h"

namespace fovea {
namespace FOVEA_ISA {

/** Some outputs of an image row, stretch by stretch. */
struct LineOutputs {
    const int32_t *at; // of the list of sites
    const int32_t *end;
    int64_t left; // position of the image row's first site
    int width;
    int place; // where the stretch begins, `width` at the end
    int stop;  // where it ends
    int row;   // output of `place`
    int last;  // output after the wanted ones

    FOVEA_INLINE bool has(int right) const { return place < right && row < last; }
    FOVEA_INLINE int count(int right) const { return smaller(smaller(stop, right) - place, last - row); }

    /** Moves n outputs further, at most to the end of the stretch. False when the list is wrong. */
    FOVEA_INLINE bool advance(int n) {
        place += n;
        row += n;
        return place < stop || next(stop);
    }

    /** Takes the next stretch, which does not begin before a place. */
    bool next(int past) {
        if (at == end || at[0] >= left + width) {
            place = stop = width;
            return true;
        }
        if (at[0] < left + past || at[1] <= at[0] || at[1] > left + width) {
            return false;
        }
        place = static_cast<int>(at[0] - left);
        stop = static_cast<int>(at[1] - left);
        at += 2;
        return true;
    }
};

/** The image rows of one call, from above to below. Lists that were made stay. */
class DepthwiseLines {
  public:
    /** `d.places` may change from call to call, as long as rows that were listed stay where they are. */
    DepthwiseLines(const DepthwiseRows &d, const ImageLines &image) : d(d), image(image), stride(d.table.stride), site(image.sites) {
        for (int i = 0; i < LISTS; i++) {
            lists[i].row = NOTHING;
        }
        for (int i = 0; i < AT_ONCE; i++) {
            steps[0][i] = 0;
            steps[1][i] = static_cast<uintptr_t>(i) * static_cast<uintptr_t>(d.places.channels) * sizeof(float);
        }
    }

    /** Outputs from..to of image row y, or of it and the next, into consecutive rows of `out`. False when an entry does not fit. */
    bool run(int y, int imageRows, int from, int to, const EntryRange &range, float *out) {
        LineOutputs rows[2];
        if (!begin(y, from, imageRows == 1 ? to : image.outStart[y + 1], rows[0])) {
            return false;
        }
        if (imageRows == 1) {
            rows[1] = rows[0];
            rows[1].row = rows[1].last;
        } else if (!begin(y + 1, image.outStart[y + 1], to, rows[1])) {
            return false;
        }
        const int reads = (imageRows - 1) * stride + 3;
        const int most = (COLUMNS - AT_ONCE - 3) / stride;
        for (int left = 0; left < image.outWidth && (rows[0].row < rows[0].last || rows[1].row < rows[1].last); left += most) {
            const int right = smaller(left + most, image.outWidth);
            groupCount = 0;
            if (!merge(rows[0], rows[1], left, right, from)) {
                return false;
            }
            const float *const *columns[5];
            for (int k = 0; k < reads; k++) {
                columns[k] = list(y * stride - image.padTop + k, left * stride - image.padLeft,
                                  (right - 1) * stride - image.padLeft + 3, range);
                if (!columns[k]) {
                    return false;
                }
            }
            if (d.ahead) {
                lookAhead(y * stride - image.padTop + reads);
            }
            if (stride == 1) {
                all<1>(columns, out);
            } else {
                all<2>(columns, out);
            }
        }
        if (rows[0].row != rows[0].last || rows[1].row != rows[1].last) {
            return false;
        }
        if (!d.activation.isClamp()) {
            activate(d.activation, out, out, static_cast<int64_t>(to - from) * d.places.channels);
        }
        return true;
    }

  private:
    /** Columns of a list; wider maps are listed part by part. */
    static constexpr int COLUMNS = 544;
    /** Columns that are written at once, whether wanted or not. */
    static constexpr int AT_ONCE = 8;
    static constexpr int LISTS = 8;
    static constexpr int LINE = 16; // floats
    static constexpr int NOTHING = INT32_MIN;
    static constexpr int MOST = 4;
    static constexpr int BELOW = 4;
    static constexpr int BOTH = 8;

    /** Up to four places. */
    struct Group {
        int16_t place; // from the first of the part
        int16_t kind;  // number of places, more by BELOW in the lower image row, by BOTH in both
        int32_t row;   // from the first of the call
        int32_t below; // the lower image row's, of both
    };

    /** Where the columns of an image row lie, from column `first` on. */
    struct List {
        int row;
        int first;
        const float *columns[COLUMNS];
    };

    /** Goes to output `from` of image row y. */
    bool begin(int y, int from, int last, LineOutputs &o) {
        const int32_t *const sitesEnd = image.sites + image.sitesLength;
        o = {site, sitesEnd, static_cast<int64_t>(y) * image.outWidth, image.outWidth, 0, 0, image.outStart[y], last};
        if (site > image.sites && site[-2] >= o.left) {
            site = image.sites;
        }
        if (site == image.sites) {
            // Where units begin, the search is long.
            int64_t low = 0;
            int64_t high = image.sitesLength / 2;
            while (low < high) {
                const int64_t middle = (low + high) / 2;
                (image.sites[2 * middle] < o.left ? low : high) = image.sites[2 * middle] < o.left ? middle + 1 : middle;
            }
            site = image.sites + 2 * low;
        }
        while (site < sitesEnd && *site < o.left) {
            site += 2;
        }
        o.at = site;
        if (!o.next(0)) {
            return false;
        }
        while (o.row < from) {
            if (o.place == o.width || !o.advance(smaller(from - o.row, o.stop - o.place))) {
                return false;
            }
        }
        return o.row == from;
    }

    /** Groups of what stands in both image rows, and of what stands in one, up to a place. */
    bool merge(LineOutputs &a, LineOutputs &b, int left, int right, int from) {
        for (;;) {
            const bool hasA = a.has(right);
            const bool hasB = b.has(right);
            bool fits;
            if (hasA && hasB && a.place == b.place) {
                const int n = smaller(a.count(right), b.count(right));
                add(BOTH, a.place - left, n, a.row - from, b.row - from);
                fits = a.advance(n) && b.advance(n);
            } else if (hasA && (!hasB || a.place < b.place)) {
                const int n = hasB ? smaller(a.count(right), b.place - a.place) : a.count(right);
                add(0, a.place - left, n, a.row - from, 0);
                fits = a.advance(n);
            } else if (hasB) {
                const int n = hasA ? smaller(b.count(right), a.place - b.place) : b.count(right);
                add(BELOW, b.place - left, n, b.row - from, 0);
                fits = b.advance(n);
            } else {
                return true;
            }
            if (!fits) {
                return false;
            }
        }
    }

    /** Divides n places into groups of about the same size. */
    void add(int kind, int place, int n, int row, int below) {
        const int parts = (n + MOST - 1) / MOST;
        const int base = n / parts;
        const int extra = n - base * parts;
        for (int p = 0; p < parts; p++) {
            const int places = base + (p < extra ? 1 : 0);
            groups[groupCount++] = {static_cast<int16_t>(place), static_cast<int16_t>(kind + places), row, below};
            place += places;
            row += places;
            below += places;
        }
    }

    /** Where columns first..end of an image row of the input lie; null when one may not be read. */
    const float *const *list(int y, int first, int end, const EntryRange &range) {
        List &l = lists[y & (LISTS - 1)];
        if (l.row == y && l.first == first) {
            return l.columns;
        }
        l.row = NOTHING;
        const RowPlaces &places = d.places;
        const int32_t *stretch = image.lines + image.firstLine(y);
        const int32_t *const linesEnd = image.lines + image.linesLength;
        for (int x = first; x < end; stretch += 4) {
            if (linesEnd - stretch < 4) {
                return nullptr;
            }
            const int stop = smaller(stretch[1], end);
            if (stop <= x) {
                continue;
            }
            const int growth = stretch[3];
            const int64_t a = stretch[2] + static_cast<int64_t>(growth) * x;
            const int64_t b = a + (growth ? stop - 1 - x : 0);
            if (growth < 0 || growth > 1 || a < 0 || b > INT32_MAX || !entryFits(static_cast<int32_t>(a), range) ||
                !entryFits(static_cast<int32_t>(b), range) || !places.together(static_cast<int32_t>(a), static_cast<int32_t>(b))) {
                return nullptr;
            }
            // As numbers: some of the addresses lie beyond the rows, and are overwritten or never looked at.
            uintptr_t at = reinterpret_cast<uintptr_t>(places.at(static_cast<int32_t>(a)));
            const uintptr_t *const step = steps[growth];
            const uintptr_t more = steps[growth][1] * AT_ONCE;
            for (; x < stop; x += AT_ONCE) {
                const float **const to = l.columns + (x - first);
                for (int i = 0; i < AT_ONCE; i++) {
                    to[i] = reinterpret_cast<const float *>(at + step[i]);
                }
                at += more;
            }
            x = stop;
        }
        l.row = y;
        l.first = first;
        return l.columns;
    }

    /** Plans to fetch the image rows of the input that come after these, as evenly as the groups allow. */
    void lookAhead(int y) {
        const int from = smaller(larger(y, 0), image.inHeight);
        const int to = smaller(larger(y + 2 * stride, 0), image.inHeight);
        const int channels = d.places.channels;
        ahead = d.places.low + static_cast<ptrdiff_t>(image.inStart[from]) * channels;
        const float *const end = d.places.low + static_cast<ptrdiff_t>(image.inStart[to]) * channels;
        const int calls = groupCount * ((channels + W - 1) / W);
        aheadLines = calls == 0 ? 0 : static_cast<int>((end - ahead + static_cast<ptrdiff_t>(LINE) * calls - 1) / (static_cast<ptrdiff_t>(LINE) * calls));
    }

    struct Registers {
        Vec bias;
        Vec w[9];
        Vec lo;
        Vec hi;
    };

    template <bool FULL> static FOVEA_INLINE Vec get(const float *p, int lanes) { return FULL ? load(p) : loadPartial(p, lanes); }

    /** N places in one image row or in both. */
    template <int STRIDE, int ROWS, int N, bool FULL>
    FOVEA_INLINE void group(const Group &g, const float *const *const *rows, float *out, const Registers &with, int c, int lanes) {
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
            const float *const *const column = rows[k] + g.place * STRIDE;
#pragma GCC unroll 9
            for (int j = 0; j < (N - 1) * STRIDE + 3; j++) {
                const Vec in = get<FULL>(column[j] + c, lanes);
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
        const ptrdiff_t channels = d.places.channels;
#pragma GCC unroll 2
        for (int r = 0; r < ROWS; r++) {
            float *to = out + (r == 0 ? g.row : g.below) * channels + c;
#pragma GCC unroll 4
            for (int n = 0; n < N; n++) {
                const Vec v = clamp(acc[r][n], with.lo, with.hi);
                if (FULL) {
                    store(to, v);
                } else {
                    storePartial(to, v, lanes);
                }
                to += channels;
            }
        }
    }

    template <int STRIDE> void all(const float *const *const *rows, float *out) {
        const int channels = d.places.channels;
        const float *packed = d.packed;
        int c = 0;
        for (; c + W <= channels; c += W) {
            outputs<STRIDE, true>(rows, out, c, W, packed);
            packed += 10 * W;
        }
        if (c < channels) {
            outputs<STRIDE, false>(rows, out, c, channels - c, packed);
        }
    }

    template <int STRIDE, bool FULL>
    void outputs(const float *const *const *rows, float *out, int c, int lanes, const float *packed) {
        Registers with;
        with.bias = load(packed);
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) {
            with.w[t] = load(packed + (t + 1) * W);
        }
        with.lo = splat(d.activation.clamp().lo);
        with.hi = splat(d.activation.clamp().hi);
        for (const Group *g = groups; g < groups + groupCount; g++) {
            for (int i = 0; i < aheadLines; i++) {
                __builtin_prefetch(ahead, 0, 2);
                ahead += LINE;
            }
            const float *const *const *from = rows;
            int kind = g->kind;
            if (kind > BELOW && kind <= BOTH) {
                from += STRIDE;
                kind -= BELOW;
            }
            switch (kind) {
            case 1:
                group<STRIDE, 1, 1, FULL>(*g, from, out, with, c, lanes);
                break;
            case 2:
                group<STRIDE, 1, 2, FULL>(*g, from, out, with, c, lanes);
                break;
            case 3:
                group<STRIDE, 1, 3, FULL>(*g, from, out, with, c, lanes);
                break;
            case 4:
                group<STRIDE, 1, 4, FULL>(*g, from, out, with, c, lanes);
                break;
            case BOTH + 1:
                group<STRIDE, 2, 1, FULL>(*g, from, out, with, c, lanes);
                break;
            case BOTH + 2:
                group<STRIDE, 2, 2, FULL>(*g, from, out, with, c, lanes);
                break;
            case BOTH + 3:
                group<STRIDE, 2, 3, FULL>(*g, from, out, with, c, lanes);
                break;
            default:
                group<STRIDE, 2, 4, FULL>(*g, from, out, with, c, lanes);
            }
        }
    }

    const DepthwiseRows &d;
    const ImageLines &image;
    const int stride;
    const int32_t *site; // the first of the image row that was begun last
    int groupCount = 0;
    const float *ahead = nullptr;
    int aheadLines = 0;
    uintptr_t steps[2][AT_ONCE]; // from column to column, in bytes
    Group groups[2 * COLUMNS];
    List lists[LISTS];
};

} // namespace FOVEA_ISA
} // namespace fovea
