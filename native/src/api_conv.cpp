// Convolutions: every argument is checked here, so the kernels need not.
#include "check.h"
#include "conv_sizes.h"
#include "dispatch.h"

using namespace fovea;

namespace {

int32_t panels(int32_t n) { return (n + kernels().panel - 1) / kernels().panel; }

/**
 * Checks the entries of rows from..to and computes these rows, a piece at a time, so that the kernel finds the entries in
 * the first-level cache. Returns whether all entries were right.
 */
template <typename Compute>
bool checkedRows(const int32_t *table, int32_t taps, EntryRange range, int32_t from, int32_t to, Compute compute) {
    const int32_t unit = kernels().tileRows;
    const int32_t piece = taps * unit > 4096 ? unit : 4096 / taps / unit * unit;
    for (int32_t r = from; r < to; r += piece) {
        const int32_t end = to - r > piece ? r + piece : to;
        if (!kernels().entriesFit(table + static_cast<int64_t>(r) * taps, static_cast<int64_t>(end - r) * taps,
                                  range)) {
            return false;
        }
        if (!compute(r, end)) {
            return false;
        }
    }
    return true;
}

/** Computes rows from..to; a table is checked before, told runs while they are read. */
template <typename Compute>
bool throughTable(const int32_t *runs, const int32_t *table, int32_t taps, EntryRange range, int32_t from, int32_t to,
                  Compute compute) {
    return runs ? compute(from, to) : checkedRows(table, taps, range, from, to, compute);
}

} // namespace

extern "C" {

int32_t fovea_gemm(const float *in, int64_t in_length, int32_t rows, int32_t k, const float *packed,
                   int64_t packed_length, int32_t n, const float *residual, int64_t residual_length, float *out,
                   int64_t out_length, int32_t activation, float alpha, float beta, int32_t from, int32_t to, int32_t panel_from,
                   int32_t panel_to) {
    FOVEA_REQUIRE(3, rows >= 0);
    FOVEA_REQUIRE(4, channelCount(k));
    FOVEA_REQUIRE(7, channelCount(n));
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(rows) * k));
    FOVEA_REQUIRE(6, holds(packed, packed_length, fovea_conv_packed_length(n, k, 1)));
    FOVEA_REQUIRE(9, !residual || holds(residual, residual_length, static_cast<int64_t>(rows) * n));
    FOVEA_REQUIRE(11, holds(out, out_length, static_cast<int64_t>(rows) * n));
    FOVEA_REQUIRE(12, isActivation(activation));
    FOVEA_REQUIRE(15, range(from, to, rows));
    FOVEA_REQUIRE(17, range(panel_from, panel_to, panels(n)));
    kernels().gemm({in, packed, residual, out, k, n, from, to, panel_from, panel_to, {activation, alpha, beta}});
    return 0;
}

int64_t fovea_conv_scratch(int32_t cin, int32_t taps) {
    if (fovea_conv_packed_length(1, cin, taps) < 0) {
        return -1;
    }
    return gatheredLength(static_cast<int64_t>(cin) * taps, kernels().tileRows);
}

int32_t fovea_conv(const float *in, int64_t in_length, int32_t in_rows, int32_t cin, const float *edge,
                   int64_t edge_length, int32_t edge_rows, const int32_t *table, int64_t table_length,
                   const int32_t *runs, int64_t runs_length, int32_t kh, int32_t kw, int32_t stride, const float *packed, int64_t packed_length, int32_t cout, const float *residual,
                   int64_t residual_length, float *out, int64_t out_length, int32_t out_rows, int32_t activation,
                   float alpha, float beta, int32_t from, int32_t to, int32_t panel_from, int32_t panel_to, float *scratch,
                   int64_t scratch_length) {
    FOVEA_REQUIRE(3, in_rows >= 0);
    FOVEA_REQUIRE(4, channelCount(cin));
    FOVEA_REQUIRE(7, edge_rows > 0 && edge_rows <= INT32_MAX - in_rows);
    FOVEA_REQUIRE(12, kh > 0 && kh <= MAX_TAPS);
    FOVEA_REQUIRE(13, kw > 0 && tapCount(kh * static_cast<int64_t>(kw)));
    FOVEA_REQUIRE(14, stride > 0);
    FOVEA_REQUIRE(11, runList(runs, runs_length, kh, kw));
    const int32_t taps = kh * kw;
    FOVEA_REQUIRE(17, channelCount(cout) && fovea_conv_packed_length(cout, cin, taps) >= 0);
    FOVEA_REQUIRE(22, out_rows >= 0);
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(in_rows) * cin));
    FOVEA_REQUIRE(6, holds(edge, edge_length, static_cast<int64_t>(edge_rows) * cin));
    FOVEA_REQUIRE(9, runs || holds(table, table_length, static_cast<int64_t>(out_rows) * taps));
    FOVEA_REQUIRE(16, holds(packed, packed_length, fovea_conv_packed_length(cout, cin, taps)));
    FOVEA_REQUIRE(19, !residual || holds(residual, residual_length, static_cast<int64_t>(out_rows) * cout));
    FOVEA_REQUIRE(21, holds(out, out_length, static_cast<int64_t>(out_rows) * cout));
    FOVEA_REQUIRE(23, isActivation(activation));
    FOVEA_REQUIRE(26, range(from, to, out_rows));
    FOVEA_REQUIRE(28, range(panel_from, panel_to, panels(cout)));
    FOVEA_REQUIRE(31, holds(scratch, scratch_length, fovea_conv_scratch(cin, taps)));
    const auto rows = [&](int32_t first, int32_t end) {
        return kernels().conv({{in, edge, in_rows, edge_rows, cin},
                               table,
                               runs,
                               static_cast<int32_t>(runs_length / toldLength(kh, kw)),
                               kh,
                               stride,
                               out_rows,
                               packed,
                               residual,
                               out,
                               scratch,
                               scratch_length,
                               taps,
                               cout,
                               first,
                               end,
                               panel_from,
                               panel_to,
                               {activation, alpha, beta}});
    };
    return throughTable(runs, table, taps, {0, in_rows, in_rows, in_rows + edge_rows}, from, to, rows) ? 0 : -8;
}

int32_t fovea_depthwise(const float *in, int64_t in_length, int32_t in_rows, int32_t channels, const float *edge,
                        int64_t edge_length, int32_t edge_rows, const int32_t *table, int64_t table_length,
                        const int32_t *runs, int64_t runs_length, int32_t kh, int32_t kw, int32_t stride,
                        const float *packed, int64_t packed_length, float *out, int64_t out_length, int32_t out_rows,
                        int32_t activation, float alpha, float beta, int32_t from, int32_t to) {
    FOVEA_REQUIRE(3, in_rows >= 0);
    FOVEA_REQUIRE(4, channelCount(channels));
    FOVEA_REQUIRE(7, edge_rows > 0 && edge_rows <= INT32_MAX - in_rows);
    FOVEA_REQUIRE(12, kh > 0 && kh <= MAX_DEPTHWISE_KERNEL);
    FOVEA_REQUIRE(13, kw > 0 && kw <= MAX_DEPTHWISE_KERNEL);
    FOVEA_REQUIRE(11, runList(runs, runs_length, kh, kw));
    FOVEA_REQUIRE(14, stride > 0);
    FOVEA_REQUIRE(19, out_rows >= 0);
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(in_rows) * channels));
    FOVEA_REQUIRE(6, holds(edge, edge_length, static_cast<int64_t>(edge_rows) * channels));
    FOVEA_REQUIRE(9, runs || holds(table, table_length, static_cast<int64_t>(out_rows) * kh * kw));
    FOVEA_REQUIRE(16, holds(packed, packed_length, fovea_depthwise_packed_length(channels, kh * kw)));
    FOVEA_REQUIRE(18, holds(out, out_length, static_cast<int64_t>(out_rows) * channels));
    FOVEA_REQUIRE(20, isActivation(activation));
    FOVEA_REQUIRE(23, range(from, to, out_rows));
    const auto rows = [&](int32_t first, int32_t end) {
        return kernels().depthwise({{in, edge, in_rows, edge_rows, channels},
                                    table,
                                    runs,
                                    static_cast<int32_t>(runs_length / toldLength(kh, kw)),
                                    packed,
                                    out,
                                    kh,
                                    kw,
                                    stride,
                                    out_rows,
                                    first,
                                    end,
                                    {activation, alpha, beta}});
    };
    return throughTable(runs, table, kh * kw, {0, in_rows, in_rows, in_rows + edge_rows}, from, to, rows) ? 0 : -8;
}

} // extern "C"
