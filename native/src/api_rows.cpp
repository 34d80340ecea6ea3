// Row-wise helpers behind the C interface.
#include "check.h"
#include "dispatch.h"

using namespace fovea;

namespace {

/** Numbers of arguments that the pools do not have in common. */
struct PoolNumbers {
    int32_t table;
    int32_t tableLength;
    int32_t taps;
    int32_t outLength;
    int32_t outRows;
    int32_t range;
};

int32_t checkPool(const PoolArgs &p, int64_t inLength, int64_t edgeLength, int64_t tableLength, int64_t outLength,
                  int32_t outRows, const PoolNumbers &number) {
    const Source &s = p.source;
    FOVEA_REQUIRE(3, s.inRows >= 0);
    FOVEA_REQUIRE(4, channelCount(s.channels));
    FOVEA_REQUIRE(7, s.edgeRows > 0 && s.edgeRows <= INT32_MAX - s.inRows);
    FOVEA_REQUIRE(number.taps, tapCount(p.taps));
    FOVEA_REQUIRE(number.outRows, outRows >= 0);
    FOVEA_REQUIRE(2, holds(s.in, inLength, static_cast<int64_t>(s.inRows) * s.channels));
    FOVEA_REQUIRE(6, holds(s.edge, edgeLength, static_cast<int64_t>(s.edgeRows) * s.channels));
    FOVEA_REQUIRE(number.tableLength, p.runs || holds(p.table, tableLength, static_cast<int64_t>(outRows) * p.taps));
    FOVEA_REQUIRE(number.outLength, holds(p.out, outLength, static_cast<int64_t>(outRows) * s.channels));
    FOVEA_REQUIRE(number.range, range(p.from, p.to, outRows));
    FOVEA_REQUIRE(number.table, p.runs || kernels().entriesFit(p.table + static_cast<int64_t>(p.from) * p.taps,
                                                               static_cast<int64_t>(p.to - p.from) * p.taps,
                                                               {0, s.inRows, s.inRows, s.inRows + s.edgeRows}));
    return 0;
}

} // namespace

extern "C" {

int32_t fovea_add(const float *a, int64_t a_length, const float *b, int64_t b_length, float *out, int64_t out_length,
                  float clamp_lo, float clamp_hi, int64_t from, int64_t to) {
    FOVEA_REQUIRE(9, from >= 0 && from <= to);
    FOVEA_REQUIRE(2, holds(a, a_length, to));
    FOVEA_REQUIRE(4, holds(b, b_length, to));
    FOVEA_REQUIRE(6, holds(out, out_length, to));
    if (from < to) {
        kernels().addRows(a + from, b + from, out + from, to - from, {clamp_lo, clamp_hi});
    }
    return 0;
}

int32_t fovea_activate(const float *in, int64_t in_length, float *out, int64_t out_length, int32_t activation, float alpha,
                       float beta, int64_t from, int64_t to) {
    FOVEA_REQUIRE(5, isActivation(activation));
    FOVEA_REQUIRE(8, from >= 0 && from <= to);
    FOVEA_REQUIRE(2, holds(in, in_length, to));
    FOVEA_REQUIRE(4, holds(out, out_length, to));
    if (from < to) {
        kernels().activate({activation, alpha, beta}, in + from, out + from, to - from);
    }
    return 0;
}

int32_t fovea_scale(const float *in, int64_t in_length, int32_t rows, int32_t channels, const float *factor,
                    int64_t factor_length, const float *shift, int64_t shift_length, float *out, int64_t out_length,
                    int32_t from, int32_t to) {
    FOVEA_REQUIRE(3, rows >= 0);
    FOVEA_REQUIRE(4, channelCount(channels));
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(rows) * channels));
    FOVEA_REQUIRE(6, holds(factor, factor_length, channels));
    FOVEA_REQUIRE(8, !shift || shift_length >= channels);
    FOVEA_REQUIRE(10, holds(out, out_length, static_cast<int64_t>(rows) * channels));
    FOVEA_REQUIRE(11, range(from, to, rows));
    if (from < to) {
        const int64_t at = static_cast<int64_t>(from) * channels;
        kernels().scaleRows(in + at, factor, shift, out + at, to - from, channels);
    }
    return 0;
}

int32_t fovea_max_pool(const float *in, int64_t in_length, int32_t in_rows, int32_t channels, const float *edge,
                       int64_t edge_length, int32_t edge_rows, const int32_t *table, int64_t table_length,
                       const int32_t *runs, int64_t runs_length, int32_t kh, int32_t kw, int32_t stride, float *out,
                       int64_t out_length, int32_t out_rows, int32_t from, int32_t to) {
    FOVEA_REQUIRE(12, kh > 0 && kh <= MAX_TAPS);
    FOVEA_REQUIRE(13, kw > 0 && tapCount(static_cast<int64_t>(kh) * kw));
    FOVEA_REQUIRE(14, stride > 0 && stride <= MAX_TAPS);
    FOVEA_REQUIRE(11, runList(runs, runs_length, kh, kw) && (!runs || stride <= kw));
    PoolArgs p{{in, edge, in_rows, edge_rows, channels}, table, out, kh * kw, from, to, false};
    p.runs = runs;
    p.runCount = static_cast<int32_t>(runs_length / toldLength(kh, kw));
    p.kh = kh;
    p.kw = kw;
    p.stride = stride;
    p.outRows = out_rows;
    const int32_t status = checkPool(p, in_length, edge_length, table_length, out_length, out_rows, {8, 9, 13, 16, 17, 18});
    if (status != 0) {
        return status;
    }
    return kernels().maxPool(p) ? 0 : -10;
}

int32_t fovea_average_pool(const float *in, int64_t in_length, int32_t in_rows, int32_t channels, const float *edge,
                           int64_t edge_length, int32_t edge_rows, const int32_t *table, int64_t table_length,
                           int32_t taps, int32_t count_padding, float *out, int64_t out_length, int32_t out_rows,
                           int32_t from, int32_t to) {
    FOVEA_REQUIRE(11, count_padding == 0 || count_padding == 1);
    const PoolArgs p{{in, edge, in_rows, edge_rows, channels}, table, out, taps, from, to, count_padding == 1};
    const int32_t status = checkPool(p, in_length, edge_length, table_length, out_length, out_rows, {8, 9, 10, 13, 14, 15});
    if (status == 0) {
        kernels().averagePool(p);
    }
    return status;
}

int32_t fovea_global_average(const float *in, int64_t in_length, int32_t rows, int32_t channels, const float *rest,
                             int64_t rest_length, float rest_weight, float *out, int64_t out_length) {
    FOVEA_REQUIRE(3, rows >= 0);
    FOVEA_REQUIRE(4, channelCount(channels));
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(rows) * channels));
    FOVEA_REQUIRE(6, !rest || rest_length >= channels);
    FOVEA_REQUIRE(7, rest_weight >= 0 && (rest || rest_weight == 0));
    FOVEA_REQUIRE(9, holds(out, out_length, channels));
    kernels().globalAverage(in, rows, channels, rest, rest_weight, out);
    return 0;
}

int32_t fovea_map_average(const float *in, int64_t in_length, int32_t rows, int32_t channels, const float *map,
                          int64_t map_length, int32_t sites, const float *sums, int64_t sums_length,
                          const int32_t *active, int64_t active_length, float *out, int64_t out_length) {
    FOVEA_REQUIRE(3, rows >= 0);
    FOVEA_REQUIRE(4, channelCount(channels));
    FOVEA_REQUIRE(7, sites >= 0 && sites < INT32_MAX);
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(rows) * channels));
    FOVEA_REQUIRE(6, holds(map, map_length, static_cast<int64_t>(sites) * channels));
    FOVEA_REQUIRE(9, !sums || sums_length >= (static_cast<int64_t>(sites) + 1) * channels);
    FOVEA_REQUIRE(11, holds(active, active_length, 0) && active_length % 2 == 0 && (active || active_length == 0));
    int64_t counted = 0;
    for (int64_t i = 0; i < active_length; i += 2) {
        FOVEA_REQUIRE(10, active[i] >= (i > 0 ? active[i - 1] : 0) && active[i + 1] >= active[i] && active[i + 1] <= sites);
        counted += active[i + 1] - active[i];
    }
    FOVEA_REQUIRE(10, counted == rows);
    FOVEA_REQUIRE(13, holds(out, out_length, channels));
    kernels().mapAverage({in, map, sums, active, out, active_length, rows, sites, channels});
    return 0;
}

int32_t fovea_sample(const float *in, int64_t in_length, int32_t in_rows, int32_t channels, const float *edge,
                     int64_t edge_length, int32_t edge_rows, const int32_t *table, int64_t table_length, int32_t taps,
                     const float *weights, int64_t weights_length, const float *a, int64_t a_length, const float *b,
                     int64_t b_length, float *out, int64_t out_length, int32_t out_rows, int32_t from, int32_t to) {
    FOVEA_REQUIRE(3, in_rows >= 0);
    FOVEA_REQUIRE(4, channelCount(channels));
    FOVEA_REQUIRE(7, edge_rows >= 0 && edge_rows <= INT32_MAX - in_rows);
    FOVEA_REQUIRE(10, tapCount(taps));
    FOVEA_REQUIRE(19, out_rows >= 0);
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(in_rows) * channels));
    FOVEA_REQUIRE(6, holds(edge, edge_length, static_cast<int64_t>(edge_rows) * channels));
    FOVEA_REQUIRE(9, holds(table, table_length, static_cast<int64_t>(out_rows) * taps));
    FOVEA_REQUIRE(12, holds(weights, weights_length, static_cast<int64_t>(out_rows) * taps));
    FOVEA_REQUIRE(14, !a || a_length >= channels);
    FOVEA_REQUIRE(16, a ? holds(b, b_length, channels) : !b);
    FOVEA_REQUIRE(18, holds(out, out_length, static_cast<int64_t>(out_rows) * channels));
    FOVEA_REQUIRE(20, range(from, to, out_rows));
    FOVEA_REQUIRE(8, kernels().entriesFit(table + static_cast<int64_t>(from) * taps, static_cast<int64_t>(to - from) * taps,
                                          {0, in_rows, in_rows, in_rows + edge_rows}));
    kernels().sample({{in, edge, in_rows, edge_rows, channels}, table, weights, a, b, out, taps, from, to});
    return 0;
}

} // extern "C"
