// Runs of a table out of runs of sites. It follows lists, so there is one for all instruction sets.
#include "check.h"

#include <algorithm>

using namespace fovea;

namespace {

constexpr int32_t MAX_KERNEL = 96;
constexpr int32_t MAX_SIDE = 1 << 20;

/** What some columns of an image row read as: column x reads base + growth * x. */
struct Stretch {
    int32_t start;
    int32_t end;
    int32_t base;
    int32_t growth;
};

struct Lines {
    const Stretch *stretches;
    int64_t count;
    const int32_t *firsts;
    int32_t height;

    /** First stretch of an image row; rows outside the map have the one after the last. */
    int64_t first(int64_t y) const { return firsts[y < 0 || y >= height ? height : y] / 4; }

    /** The stretch of a column at or after one, or count if there is none. */
    int64_t reaching(int64_t at, int32_t column) const {
        while (at < count && stretches[at].end <= column) {
            at++;
        }
        return at;
    }

    int32_t entry(int64_t at, int32_t column) const {
        const Stretch &s = stretches[at];
        return static_cast<int32_t>(static_cast<uint32_t>(s.base) + static_cast<uint32_t>(s.growth) * static_cast<uint32_t>(column));
    }

    /** The first column, the second, the last but one and the last; the outer two may lie in the stretches beside. */
    void tellEnds(int64_t at, int32_t second, int32_t end, int32_t *to) const {
        const int64_t before = at - (second <= stretches[at].start);
        const int64_t after = at + (end >= stretches[at].end - 1);
        to[0] = entry(std::max<int64_t>(before, 0), second - 1);
        to[1] = entry(at, second);
        to[2] = entry(at, end);
        to[3] = entry(std::min(after, count - 1), end + 1);
    }

    void tellColumns(int64_t at, int32_t first, int32_t columns, int32_t *to) const {
        at = std::max<int64_t>(at - (first < stretches[at].start), 0);
        for (int32_t x = 0; x < columns; x++) {
            at = std::min(reaching(at, first + x), count - 1);
            to[x] = entry(at, first + x);
        }
    }
};

struct Window {
    int32_t kh;
    int32_t kw;
    int32_t strideH;
    int32_t strideW;
    int32_t padTop;
    int32_t padLeft;
    int32_t dilationH;
};

struct Sites {
    const int32_t *ends;
    int64_t length;
    int32_t width;
};

/** Numbers of the arguments at fault. */
constexpr int64_t WRONG_SITES = -1;
constexpr int64_t WRONG_LINES = -4;
constexpr int64_t NO_ROOM = -17;

/** Tells all runs; returns the ints written, or one of the numbers above. KH and KW are the kernel's sizes, or 0 for any. */
template <int KH, int KW> int64_t tell(const Sites &sites, const Lines &lines, const Window &window, int32_t *told, int64_t room) {
    const int32_t kh = KH ? KH : window.kh;
    const int32_t kw = KW ? KW : window.kw;
    const int32_t columns = std::max(4, kw);
    const int32_t stride = window.strideW;
    int64_t at[MAX_KERNEL];
    int64_t n = 0;
    int32_t row = 0;
    int64_t left = 0;
    int32_t past = 0;
    bool first = true;
    for (int64_t r = 0; r < sites.length; r += 2) {
        if (sites.ends[r] < past || sites.ends[r + 1] <= sites.ends[r]) {
            return WRONG_SITES;
        }
        past = sites.ends[r + 1];
        if (first || sites.ends[r] >= left + sites.width) {
            const int64_t y = sites.ends[r] / sites.width;
            left = y * sites.width;
            first = false;
            for (int32_t ky = 0; ky < kh; ky++) {
                at[ky] = lines.first(y * window.strideH - window.padTop + static_cast<int64_t>(ky) * window.dilationH);
            }
        }
        int32_t x = static_cast<int32_t>(sites.ends[r] - left);
        const int32_t end = static_cast<int32_t>(sites.ends[r + 1] - left);
        if (end > sites.width) {
            return WRONG_SITES;
        }
        while (x < end) {
            // The second column's stretch holds all columns of the run but the first and the last.
            const int32_t second = x * stride - window.padLeft + 1;
            int64_t stretchEnd = INT32_MAX;
            for (int32_t ky = 0; ky < kh; ky++) {
                at[ky] = lines.reaching(at[ky], second);
                if (at[ky] == lines.count) {
                    return WRONG_LINES;
                }
                stretchEnd = std::min<int64_t>(stretchEnd, lines.stretches[at[ky]].end);
            }
            const int64_t free = std::max<int64_t>(0, stretchEnd - second + 2 - kw);
            const int32_t outputs = static_cast<int32_t>(
                std::min<int64_t>((stride == 1 ? free : stride == 2 ? free >> 1 : free / stride) + 1, end - x));
            if (n + 2 + kh * columns > room) {
                return NO_ROOM;
            }
            told[n] = row;
            told[n + 1] = x;
            int32_t *to = told + n + 2;
            if ((KW == 0 || KW > 3) && outputs == 1 && kw > 3) {
                for (int32_t ky = 0; ky < kh; ky++, to += columns) {
                    lines.tellColumns(at[ky], second - 1, kw, to);
                }
            } else {
                const int32_t last = second + (outputs - 1) * stride + kw - 3;
                for (int32_t ky = 0; ky < kh; ky++, to += columns) {
                    lines.tellEnds(at[ky], second, last, to);
                }
            }
            n += 2 + kh * columns;
            row += outputs;
            x += outputs;
        }
    }
    return n;
}

} // namespace

extern "C" {

int64_t fovea_tell_runs(const int32_t *sites, int64_t sites_length, int32_t width, const int32_t *lines, int64_t lines_length,
                        const int32_t *first_lines, int64_t first_length, int32_t in_height, int32_t kh, int32_t kw, int32_t stride_h,
                        int32_t stride_w, int32_t pad_top, int32_t pad_left, int32_t dilation_h, int32_t *told, int64_t told_length) {
    FOVEA_REQUIRE(2, sites_length % 2 == 0 && holds(sites, sites_length, sites_length));
    FOVEA_REQUIRE(3, width > 0 && width <= MAX_SIDE);
    FOVEA_REQUIRE(5, lines_length > 0 && lines_length % 4 == 0 && lines && lines_length <= INT32_MAX);
    FOVEA_REQUIRE(8, in_height > 0 && in_height <= MAX_SIDE);
    FOVEA_REQUIRE(7, holds(first_lines, first_length, static_cast<int64_t>(in_height) + 1));
    FOVEA_REQUIRE(9, kh > 0 && kh <= MAX_KERNEL);
    FOVEA_REQUIRE(10, kw >= 3 && kw <= MAX_KERNEL);
    FOVEA_REQUIRE(11, stride_h > 0 && stride_h <= MAX_KERNEL);
    FOVEA_REQUIRE(12, stride_w > 0 && stride_w <= kw);
    FOVEA_REQUIRE(13, pad_top >= 0 && pad_top < MAX_SIDE);
    FOVEA_REQUIRE(14, pad_left >= 0 && pad_left < MAX_SIDE);
    FOVEA_REQUIRE(15, dilation_h > 0 && dilation_h < MAX_SIDE);
    FOVEA_REQUIRE(17, holds(told, told_length, 0));
    for (int32_t y = 0; y <= in_height; y++) {
        FOVEA_REQUIRE(6, first_lines[y] >= 0 && first_lines[y] < lines_length && first_lines[y] % 4 == 0);
    }
    const Lines all = {reinterpret_cast<const Stretch *>(lines), lines_length / 4, first_lines, in_height};
    const Window window = {kh, kw, stride_h, stride_w, pad_top, pad_left, dilation_h};
    const Sites active = {sites, sites_length, width};
    return kh == 3 && kw == 3 ? tell<3, 3>(active, all, window, told, told_length)
                              : tell<0, 0>(active, all, window, told, told_length);
}

} // extern "C"
