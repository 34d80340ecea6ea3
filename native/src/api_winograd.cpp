// 3 x 3 convolution by tiles: lengths, packing, and the checks before the kernel.
#include "check.h"
#include "dispatch.h"
#include "winograd_sizes.h"

using namespace fovea;

namespace {

bool tileSide(int32_t m) { return m == 2 || m == 4; }

int32_t panels(int32_t n) { return (n + kernels().panel - 1) / kernels().panel; }

int64_t lines(int64_t n) { return (n + 15) / 16 * 16; }

/** Tiles at a time: as many as keep the transformed data in the second-level cache, more when weights outweigh it. */
int32_t wantedTiles(int32_t cin, int32_t cout, int32_t m, int32_t tiles) {
    constexpr int64_t CACHE_FLOATS = 160 * 1024;
    const int64_t positions = winogradPositions(m);
    const int64_t weights = positions * cin * cout;
    const int64_t tile = positions * winogradRow(cin, cout);
    int64_t most = (weights > 2 * CACHE_FLOATS ? 2 * weights : CACHE_FLOATS) / tile;
    const int64_t unit = kernels().tileRows;
    most = most < unit ? unit : most / unit * unit;
    most = most > 8 * unit ? 8 * unit : most;
    return tiles < most ? tiles : static_cast<int32_t>(most);
}

} // namespace

extern "C" {

int64_t fovea_winograd_packed_length(int32_t cout, int32_t cin, int32_t m) {
    if (!channelCount(cout) || !channelCount(cin) || !tileSide(m)) {
        return -1;
    }
    const int64_t columns = (cout + kernels().half - 1) / kernels().half * static_cast<int64_t>(kernels().half);
    return lines(cout) + winogradPositions(m) * lines(columns * (cin + 1));
}

int32_t fovea_winograd_pack(const float *w, int64_t w_length, int64_t stride_out, int64_t stride_in, int64_t stride_tap,
                            const float *bias, int64_t bias_length, int32_t cout, int32_t cin, int32_t m, float *packed,
                            int64_t packed_length) {
    FOVEA_REQUIRE(8, channelCount(cout));
    FOVEA_REQUIRE(9, channelCount(cin));
    FOVEA_REQUIRE(10, tileSide(m));
    const int64_t strides[3] = {stride_out, stride_in, stride_tap};
    const int32_t sizes[3] = {cout, cin, 9};
    FOVEA_REQUIRE(2, w && strided(strides, sizes, 3, w_length));
    FOVEA_REQUIRE(7, !bias || bias_length >= cout);
    FOVEA_REQUIRE(12, holds(packed, packed_length, fovea_winograd_packed_length(cout, cin, m)));
    kernels().winogradPack(w, strides, bias, cout, cin, m, packed);
    return 0;
}

int64_t fovea_winograd_scratch_of(int32_t cin, int32_t cout, int32_t m, int32_t tiles) {
    if (!channelCount(cout) || !channelCount(cin) || !tileSide(m) || tiles < 1 || tiles > MAX_CHANNELS) {
        return -1;
    }
    return winogradScratch(m, cin, cout, tiles);
}

int64_t fovea_winograd_scratch(int32_t cin, int32_t cout, int32_t m, int32_t tiles) {
    if (!channelCount(cout) || !channelCount(cin) || !tileSide(m)) {
        return -1;
    }
    return fovea_winograd_scratch_of(cin, cout, m, wantedTiles(cin, cout, m, tiles < 1 ? 1 : tiles));
}

int32_t fovea_winograd(const float *in, int64_t in_length, int32_t in_rows, int32_t cin, const float *edge,
                       int64_t edge_length, int32_t edge_rows, const int32_t *patches, int64_t patches_length,
                       const int32_t *tiles, int64_t tiles_length, int32_t tile_count, int32_t m, const float *packed,
                       int64_t packed_length, int32_t cout, const float *residual, int64_t residual_length, float *out,
                       int64_t out_length, int32_t out_rows, int32_t activation, float alpha, float beta, int32_t tile_from,
                       int32_t tile_to, int32_t panel_from, int32_t panel_to, float *scratch, int64_t scratch_length) {
    FOVEA_REQUIRE(3, in_rows >= 0);
    FOVEA_REQUIRE(4, channelCount(cin));
    FOVEA_REQUIRE(7, edge_rows > 0 && edge_rows <= INT32_MAX - in_rows);
    FOVEA_REQUIRE(12, tile_count >= 0);
    FOVEA_REQUIRE(13, tileSide(m));
    FOVEA_REQUIRE(16, channelCount(cout));
    FOVEA_REQUIRE(21, out_rows >= 0);
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(in_rows) * cin));
    FOVEA_REQUIRE(6, holds(edge, edge_length, static_cast<int64_t>(edge_rows) * cin));
    FOVEA_REQUIRE(9, holds(patches, patches_length, static_cast<int64_t>(tile_count) * winogradPositions(m)));
    FOVEA_REQUIRE(11, holds(tiles, tiles_length, static_cast<int64_t>(tile_count) * m * m));
    FOVEA_REQUIRE(15, holds(packed, packed_length, fovea_winograd_packed_length(cout, cin, m)));
    FOVEA_REQUIRE(18, !residual || holds(residual, residual_length, static_cast<int64_t>(out_rows) * cout));
    FOVEA_REQUIRE(20, holds(out, out_length, static_cast<int64_t>(out_rows) * cout));
    FOVEA_REQUIRE(22, isActivation(activation));
    FOVEA_REQUIRE(25, range(tile_from, tile_to, tile_count));
    FOVEA_REQUIRE(27, range(panel_from, panel_to, panels(cout)));
    FOVEA_REQUIRE(30, holds(scratch, scratch_length, winogradScratch(m, cin, cout, 1)));
    const bool fits = kernels().winograd({{in, edge, in_rows, edge_rows, cin},
                                          patches,
                                          tiles,
                                          packed,
                                          residual,
                                          out,
                                          scratch,
                                          scratch_length,
                                          m,
                                          out_rows,
                                          cout,
                                          tile_from,
                                          tile_to,
                                          panel_from,
                                          panel_to,
                                          {activation, alpha, beta}});
    return fits ? 0 : -8;
}

} // extern "C"
