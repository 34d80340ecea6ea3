#include "activate.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/**
 * exp(x) to about two units in the last place; arguments beyond [-87, 88] are brought there. Range reduction by powers of two and a
 * polynomial of degree 6 (Cephes, expf).
 */
FOVEA_INLINE Vec exponential(Vec x) {
    x = clamp(x, splat(-87.0f), splat(88.0f));
    const Vec rounding = splat(12582912.0f); // 1.5 * 2^23: leaves the nearest whole number in the lowest bits
    const Vec shifted = fma(x, splat(1.44269504f), rounding);
    const Vec n = add(shifted, splat(-12582912.0f));
    Vec r = fma(n, splat(-0.693359375f), x);
    r = fma(n, splat(2.12194440e-4f), r);
    Vec p = fma(splat(1.9875691500e-4f), r, splat(1.3981999507e-3f));
    p = fma(p, r, splat(8.3334519073e-3f));
    p = fma(p, r, splat(4.1665795894e-2f));
    p = fma(p, r, splat(1.6666665459e-1f));
    p = fma(p, r, splat(5.0000001201e-1f));
    p = add(fma(p, mul(r, r), r), splat(1.0f));
    return mul(p, powerOfTwo(shifted));
}

FOVEA_INLINE Vec logistic(Vec x) {
    return div(splat(1.0f), add(exponential(mul(x, splat(-1.0f))), splat(1.0f)));
}

/** Calls todo with the function of one vector. */
template <typename Todo> FOVEA_INLINE void with(const Activation &f, Todo todo) {
    const Vec zero = splat(0.0f);
    const Vec one = splat(1.0f);
    const Vec alpha = splat(f.alpha);
    const Vec beta = splat(f.beta);
    switch (f.kind) {
    case FOVEA_LEAKY_RELU:
        todo([=](Vec x) { return fma(min(zero, x), alpha, max(zero, x)); });
        break;
    case FOVEA_HARD_SIGMOID:
        todo([=](Vec x) { return clamp(fma(x, alpha, beta), zero, one); });
        break;
    case FOVEA_HARD_SWISH:
        todo([=](Vec x) { return mul(clamp(fma(x, splat(1.0f / 6), splat(0.5f)), zero, one), x); });
        break;
    case FOVEA_ELU:
        todo([=](Vec x) {
            return fma(add(exponential(min(zero, x)), splat(-1.0f)), alpha, max(zero, x));
        });
        break;
    case FOVEA_SIGMOID:
        todo([=](Vec x) { return logistic(x); });
        break;
    case FOVEA_SILU:
        todo([=](Vec x) { return mul(logistic(x), x); });
        break;
    case FOVEA_TANH:
        todo([=](Vec x) { return fma(logistic(add(x, x)), splat(2.0f), splat(-1.0f)); });
        break;
    case FOVEA_MISH:
        // With e = exp(x): tanh(log(1 + e)) = (e * e + 2 e) / (e * e + 2 e + 2).
        todo([=](Vec x) {
            const Vec e = exponential(min(splat(20.0f), x));
            const Vec n = fma(e, e, add(e, e));
            return mul(div(n, add(n, splat(2.0f))), x);
        });
        break;
    default:
        todo([=](Vec x) { return clamp(x, alpha, beta); });
    }
}

template <typename Function>
FOVEA_INLINE void line(const Function &function, const float *in, float *out, int64_t length) {
    int64_t i = 0;
    for (; i + W <= length; i += W) {
        store(out + i, function(load(in + i)));
    }
    if (i < length) {
        const int rest = static_cast<int>(length - i);
        storePartial(out + i, function(loadPartial(in + i, rest)), rest);
    }
}

} // namespace

void activate(const Activation &f, const float *in, float *out, int64_t length) {
    with(f, [=](const auto &function) { line(function, in, out, length); });
}

void activateRows(const Activation &f, float *x, int rows, int columns, ptrdiff_t stride) {
    with(f, [=](const auto &function) {
        float *row = x;
        for (int r = 0; r < rows; r++, row += stride) {
            line(function, row, row, columns);
        }
    });
}

} // namespace FOVEA_ISA
} // namespace fovea
