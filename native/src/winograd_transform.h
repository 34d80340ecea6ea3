// The transforms of F(m x m, 3 x 3) in one dimension (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016), with points 0, 1, -1, infinity for m = 2 and 0, +-1/sqrt(2), +-sqrt(2), infinity for m = 4: their
// squares multiply to 1 and add to 2.5, and the transforms have smaller values than with the usual points 0, +-1, +-2, so
// that sums lose fewer digits.
#pragma once

#include "simd.h"

namespace fovea {
namespace FOVEA_ISA {

template <int M> struct Winograd;

template <> struct Winograd<2> {
    static constexpr int N = 4;

    /** d := B^T d. */
    static FOVEA_INLINE void input(Vec (&d)[N]) {
        const Vec minus = splat(-1.0f);
        const Vec d1 = d[1];
        d[0] = fma(minus, d[2], d[0]);
        d[1] = add(d1, d[2]);
        d[2] = fma(minus, d1, d[2]);
        d[3] = fma(minus, d1, d[3]);
    }

    /** y := A^T s, y the first two of s. */
    static FOVEA_INLINE void output(Vec (&s)[N]) {
        const Vec sum = add(s[1], s[2]);
        s[1] = add(fma(splat(-1.0f), s[2], s[1]), s[3]);
        s[0] = add(s[0], sum);
    }

    /** u = G g. */
    static void weights(const double (&g)[3], double (&u)[N]) {
        u[0] = g[0];
        u[1] = (g[0] + g[1] + g[2]) / 2;
        u[2] = (g[0] - g[1] + g[2]) / 2;
        u[3] = g[2];
    }
};

template <> struct Winograd<4> {
    static constexpr int N = 6;
    static constexpr double P = 0.70710678118654752440; // the smaller point; the larger one is 2 P

    static FOVEA_INLINE void input(Vec (&d)[N]) {
        const Vec p = splat(static_cast<float>(P));
        const Vec q = splat(static_cast<float>(2 * P));
        const Vec minusP = splat(static_cast<float>(-P));
        const Vec minusQ = splat(static_cast<float>(-2 * P));
        const Vec middle = splat(-2.5f);
        const Vec e1 = fma(splat(-2.0f), d[2], d[4]);
        const Vec o1 = fma(splat(-2.0f), d[1], d[3]);
        const Vec e2 = fma(splat(-0.5f), d[2], d[4]);
        const Vec o2 = fma(splat(-0.5f), d[1], d[3]);
        d[0] = fma(middle, d[2], add(d[0], d[4]));
        d[5] = fma(middle, d[3], add(d[1], d[5]));
        d[1] = fma(p, o1, e1);
        d[2] = fma(minusP, o1, e1);
        d[3] = fma(q, o2, e2);
        d[4] = fma(minusQ, o2, e2);
    }

    static FOVEA_INLINE void output(Vec (&s)[N]) {
        const Vec minus = splat(-1.0f);
        const Vec s1 = add(s[1], s[2]);
        const Vec d1 = fma(minus, s[2], s[1]);
        const Vec s2 = add(s[3], s[4]);
        const Vec d2 = fma(minus, s[4], s[3]);
        s[0] = add(s[0], add(s1, s2));
        s[1] = fma(splat(static_cast<float>(2 * P)), d2, mul(splat(static_cast<float>(P)), d1));
        s[2] = fma(splat(2.0f), s2, mul(splat(0.5f), s1));
        s[3] = fma(splat(static_cast<float>(4 * P)), d2, fma(splat(static_cast<float>(P / 2)), d1, s[5]));
    }

    static void weights(const double (&g)[3], double (&u)[N]) {
        u[0] = g[0];
        u[1] = -2.0 / 3 * (g[0] + P * g[1] + g[2] / 2);
        u[2] = -2.0 / 3 * (g[0] - P * g[1] + g[2] / 2);
        u[3] = (g[0] + 2 * P * g[1] + 2 * g[2]) / 6;
        u[4] = (g[0] - 2 * P * g[1] + 2 * g[2]) / 6;
        u[5] = g[2];
    }
};

} // namespace FOVEA_ISA
} // namespace fovea
