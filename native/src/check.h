// Argument checks shared by the C functions. Sizes are multiplied in 64 bits: three factors below 2^21 or two below
// 2^31 cannot overflow.
#pragma once

#include "conv_sizes.h"
#include "fovea_native.h"

#include <cstdint>

namespace fovea {

constexpr int32_t MAX_CHANNELS = 1 << 20;

template <typename T> inline bool holds(const T *buffer, int64_t length, int64_t needed) {
    return needed >= 0 && length >= needed && (needed == 0 || buffer != nullptr);
}

/** Whether a list of told runs may be read; none is right, too. */
inline bool runList(const int32_t *runs, int64_t length, int32_t kh, int32_t kw) {
    return !runs || (kw >= 3 && length >= 0 && length <= INT32_MAX && length % toldLength(kh, kw) == 0);
}

inline bool range(int32_t from, int32_t to, int32_t limit) { return from >= 0 && from <= to && to <= limit; }

inline bool channelCount(int32_t c) { return c > 0 && c <= MAX_CHANNELS; }

inline bool isActivation(int32_t kind) { return kind >= 0 && kind < FOVEA_ACTIVATIONS; }

inline bool tapCount(int64_t t) { return t > 0 && t <= MAX_TAPS; }

/** Whether every index sum of stride[i] * (0..size[i] - 1) lies in [0, length). */
inline bool strided(const int64_t *strides, const int32_t *sizes, int count, int64_t length) {
    int64_t last = 0;
    for (int i = 0; i < count; i++) {
        if (strides[i] < 0 || strides[i] > INT32_MAX) {
            return false;
        }
        last += strides[i] * (sizes[i] - 1);
    }
    return last < length;
}

} // namespace fovea

/** Leaves the calling function with -number unless the condition holds. */
#define FOVEA_REQUIRE(number, condition)                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            return -(number);                                                                                          \
        }                                                                                                              \
    } while (0)
