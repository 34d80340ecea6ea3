// Lengths and packing of weights.
#include "check.h"
#include "dispatch.h"

using namespace fovea;

namespace {

int64_t roundUp(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

} // namespace

extern "C" {

int64_t fovea_conv_packed_length(int32_t cout, int32_t cin, int32_t taps) {
    if (!channelCount(cout) || !channelCount(cin) || !tapCount(taps) ||
        static_cast<int64_t>(cin) * taps > MAX_CHANNELS) {
        return -1;
    }
    return roundUp(cout, kernels().half) * (static_cast<int64_t>(cin) * taps + 1);
}

int32_t fovea_conv_pack(const float *w, int64_t w_length, int64_t stride_out, int64_t stride_in, int64_t stride_tap,
                        const float *bias, int64_t bias_length, int32_t cout, int32_t cin, int32_t taps, float *packed,
                        int64_t packed_length) {
    FOVEA_REQUIRE(8, channelCount(cout));
    FOVEA_REQUIRE(9, channelCount(cin));
    FOVEA_REQUIRE(10, tapCount(taps) && static_cast<int64_t>(cin) * taps <= MAX_CHANNELS);
    const int64_t strides[3] = {stride_out, stride_in, stride_tap};
    const int32_t sizes[3] = {cout, cin, taps};
    FOVEA_REQUIRE(2, w && strided(strides, sizes, 3, w_length));
    FOVEA_REQUIRE(7, !bias || bias_length >= cout);
    FOVEA_REQUIRE(12, holds(packed, packed_length, fovea_conv_packed_length(cout, cin, taps)));
    kernels().gemmPack(w, strides, bias, cout, cin, taps, packed);
    return 0;
}

int64_t fovea_depthwise_packed_length(int32_t channels, int32_t taps) {
    if (!channelCount(channels) || !tapCount(taps)) {
        return -1;
    }
    return roundUp(channels, kernels().width) * (taps + 1);
}

int32_t fovea_depthwise_pack(const float *w, int64_t w_length, int64_t stride_channel, int64_t stride_tap,
                             const float *bias, int64_t bias_length, int32_t channels, int32_t taps, float *packed,
                             int64_t packed_length) {
    FOVEA_REQUIRE(7, channelCount(channels));
    FOVEA_REQUIRE(8, tapCount(taps));
    const int64_t strides[2] = {stride_channel, stride_tap};
    const int32_t sizes[2] = {channels, taps};
    FOVEA_REQUIRE(2, w && strided(strides, sizes, 2, w_length));
    FOVEA_REQUIRE(6, !bias || bias_length >= channels);
    FOVEA_REQUIRE(10, holds(packed, packed_length, fovea_depthwise_packed_length(channels, taps)));
    kernels().depthwisePack(w, strides, bias, channels, taps, packed);
    return 0;
}

} // extern "C"
