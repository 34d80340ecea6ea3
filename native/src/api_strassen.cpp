// Products with fewer multiplications: lengths, packing, and the checks before the kernel.
#include "check.h"
#include "dispatch.h"
#include "strassen_sizes.h"

using namespace fovea;

extern "C" {

int64_t fovea_strassen_packed_length(int32_t cout, int32_t cin, int32_t levels) {
    return channelCount(cout) && channelCount(cin) && strassenFits(cin, cout, levels)
               ? strassenPacked(cin, cout, levels)
               : -1;
}

int32_t fovea_strassen_pack(const float *w, int64_t w_length, int64_t stride_out, int64_t stride_in, const float *bias,
                            int64_t bias_length, int32_t cout, int32_t cin, int32_t levels, float *packed,
                            int64_t packed_length) {
    FOVEA_REQUIRE(7, channelCount(cout));
    FOVEA_REQUIRE(8, channelCount(cin));
    FOVEA_REQUIRE(9, strassenFits(cin, cout, levels));
    const int64_t strides[2] = {stride_out, stride_in};
    const int32_t sizes[2] = {cout, cin};
    FOVEA_REQUIRE(2, w && strided(strides, sizes, 2, w_length));
    FOVEA_REQUIRE(6, !bias || bias_length >= cout);
    FOVEA_REQUIRE(11, holds(packed, packed_length, strassenPacked(cin, cout, levels)));
    kernels().strassenPack(w, strides, bias, cout, cin, levels, packed);
    return 0;
}

int64_t fovea_strassen_scratch(int32_t cin, int32_t cout, int32_t levels, int32_t rows) {
    return rows >= 0 && fovea_strassen_packed_length(cout, cin, levels) >= 0 ? strassenScratch(cin, cout, levels, rows)
                                                                             : -1;
}

int32_t fovea_strassen(const float *in, int64_t in_length, int32_t rows, int32_t k, const float *packed,
                       int64_t packed_length, int32_t levels, int32_t n, const float *residual, int64_t residual_length,
                       float *out, int64_t out_length, int32_t activation, float alpha, float beta, int32_t from,
                       int32_t to, float *scratch, int64_t scratch_length) {
    FOVEA_REQUIRE(3, rows >= 0);
    FOVEA_REQUIRE(4, channelCount(k));
    FOVEA_REQUIRE(8, channelCount(n));
    FOVEA_REQUIRE(7, strassenFits(k, n, levels));
    FOVEA_REQUIRE(2, holds(in, in_length, static_cast<int64_t>(rows) * k));
    FOVEA_REQUIRE(6, holds(packed, packed_length, strassenPacked(k, n, levels)));
    FOVEA_REQUIRE(10, !residual || holds(residual, residual_length, static_cast<int64_t>(rows) * n));
    FOVEA_REQUIRE(12, holds(out, out_length, static_cast<int64_t>(rows) * n));
    FOVEA_REQUIRE(13, isActivation(activation));
    FOVEA_REQUIRE(16, range(from, to, rows));
    FOVEA_REQUIRE(19, holds(scratch, scratch_length, strassenScratch(k, n, levels, to - from)));
    kernels().strassen({in, packed, residual, out, scratch, k, n, levels, from, to, {activation, alpha, beta}});
    return 0;
}

} // extern "C"
