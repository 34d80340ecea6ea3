// One float vector per instruction set: the only file that knows intrinsics.
//
// Every translation unit that includes this file is compiled once per instruction set with FOVEA_ISA set to its name
// (avx512, avx2, neon, generic). All code lives in namespace fovea::FOVEA_ISA, so that no inline function compiled
// for a wide instruction set can be merged by the linker with one that must run everywhere. For the same reason
// these sources call no templates of the standard library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifndef FOVEA_ISA
#error "FOVEA_ISA names the instruction set this file is compiled for"
#endif

#define FOVEA_ISA_avx512 1
#define FOVEA_ISA_avx2 2
#define FOVEA_ISA_neon 3
#define FOVEA_ISA_generic 4
#define FOVEA_CAT2(a, b) a##b
#define FOVEA_CAT(a, b) FOVEA_CAT2(a, b)
#define FOVEA_ISA_ID FOVEA_CAT(FOVEA_ISA_, FOVEA_ISA)

#if FOVEA_ISA_ID == 1 || FOVEA_ISA_ID == 2
#include <immintrin.h>
#elif FOVEA_ISA_ID == 3
#include <arm_neon.h>
#endif

#define FOVEA_INLINE inline __attribute__((always_inline))

namespace fovea {
namespace FOVEA_ISA {

// Vec: W lanes of float32. partial loads give 0 in the lanes beyond n and never read them; 0 < n <= W.
// powerOfTwo(1.5 * 2^23 + n) is 2^n for whole n from -126 to 127.
// max and min propagate a NaN in their second argument, so that clamp(NaN) is NaN on every instruction set.

#if FOVEA_ISA_ID == 1

constexpr int W = 16;
constexpr int TILE_ROWS = 12; // 24 accumulators, 2 weights, 1 broadcast of 32 registers
using Vec = __m512;

FOVEA_INLINE Vec load(const float *p) { return _mm512_loadu_ps(p); }
FOVEA_INLINE void store(float *p, Vec v) { _mm512_storeu_ps(p, v); }
FOVEA_INLINE __mmask16 laneMask(int n) { return static_cast<__mmask16>((1u << n) - 1u); }
FOVEA_INLINE Vec loadPartial(const float *p, int n) { return _mm512_maskz_loadu_ps(laneMask(n), p); }
FOVEA_INLINE void storePartial(float *p, Vec v, int n) { _mm512_mask_storeu_ps(p, laneMask(n), v); }
FOVEA_INLINE Vec splat(float x) { return _mm512_set1_ps(x); }
FOVEA_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
FOVEA_INLINE Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
FOVEA_INLINE Vec sub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
FOVEA_INLINE Vec mul(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
FOVEA_INLINE Vec max(Vec a, Vec b) { return _mm512_max_ps(a, b); }
FOVEA_INLINE Vec min(Vec a, Vec b) { return _mm512_min_ps(a, b); }
FOVEA_INLINE Vec div(Vec a, Vec b) { return _mm512_div_ps(a, b); }
FOVEA_INLINE Vec powerOfTwo(Vec v) {
    const __m512i n = _mm512_slli_epi32(_mm512_castps_si512(v), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(n, _mm512_set1_epi32(127 << 23)));
}

// A last panel of 8 or 24 columns ends with a half vector, which costs half on processors that split 512-bit operations.
constexpr int HALF = 8;
using Half = __m256;

FOVEA_INLINE __mmask8 halfMask(int n) { return static_cast<__mmask8>((1u << n) - 1u); }
FOVEA_INLINE void store(float *p, Half v) { _mm256_storeu_ps(p, v); }
FOVEA_INLINE void storePartial(float *p, Half v, int n) { _mm256_mask_storeu_ps(p, halfMask(n), v); }
FOVEA_INLINE Half fma(Half a, Half b, Half c) { return _mm256_fmadd_ps(a, b, c); }
FOVEA_INLINE Half add(Half a, Half b) { return _mm256_add_ps(a, b); }
FOVEA_INLINE Half max(Half a, Half b) { return _mm256_max_ps(a, b); }
FOVEA_INLINE Half min(Half a, Half b) { return _mm256_min_ps(a, b); }

#elif FOVEA_ISA_ID == 2

constexpr int W = 8;
constexpr int TILE_ROWS = 6; // 12 accumulators, 2 weights, 1 broadcast of 16 registers
using Vec = __m256;

FOVEA_INLINE __m256i laneMask(int n) {
    alignas(32) static const int32_t ramp[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(ramp + 8 - n));
}
FOVEA_INLINE Vec load(const float *p) { return _mm256_loadu_ps(p); }
FOVEA_INLINE void store(float *p, Vec v) { _mm256_storeu_ps(p, v); }
FOVEA_INLINE Vec loadPartial(const float *p, int n) { return _mm256_maskload_ps(p, laneMask(n)); }
FOVEA_INLINE void storePartial(float *p, Vec v, int n) { _mm256_maskstore_ps(p, laneMask(n), v); }
FOVEA_INLINE Vec splat(float x) { return _mm256_set1_ps(x); }
FOVEA_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
FOVEA_INLINE Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
FOVEA_INLINE Vec sub(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
FOVEA_INLINE Vec mul(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
FOVEA_INLINE Vec max(Vec a, Vec b) { return _mm256_max_ps(a, b); }
FOVEA_INLINE Vec min(Vec a, Vec b) { return _mm256_min_ps(a, b); }
FOVEA_INLINE Vec div(Vec a, Vec b) { return _mm256_div_ps(a, b); }
FOVEA_INLINE Vec powerOfTwo(Vec v) {
    const __m256i n = _mm256_slli_epi32(_mm256_castps_si256(v), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(n, _mm256_set1_epi32(127 << 23)));
}

#elif FOVEA_ISA_ID == 3

constexpr int W = 4;
constexpr int TILE_ROWS = 12; // 24 accumulators, 2 weights, broadcasts by lane of 32 registers
using Vec = float32x4_t;

FOVEA_INLINE Vec load(const float *p) { return vld1q_f32(p); }
FOVEA_INLINE void store(float *p, Vec v) { vst1q_f32(p, v); }
FOVEA_INLINE Vec splat(float x) { return vdupq_n_f32(x); }
FOVEA_INLINE Vec fma(Vec a, Vec b, Vec c) { return vfmaq_f32(c, a, b); }
FOVEA_INLINE Vec add(Vec a, Vec b) { return vaddq_f32(a, b); }
FOVEA_INLINE Vec sub(Vec a, Vec b) { return vsubq_f32(a, b); }
FOVEA_INLINE Vec mul(Vec a, Vec b) { return vmulq_f32(a, b); }
FOVEA_INLINE Vec max(Vec a, Vec b) { return vmaxq_f32(a, b); }
FOVEA_INLINE Vec min(Vec a, Vec b) { return vminq_f32(a, b); }
FOVEA_INLINE Vec div(Vec a, Vec b) { return vdivq_f32(a, b); }
FOVEA_INLINE Vec powerOfTwo(Vec v) {
    return vreinterpretq_f32_s32(vaddq_s32(vshlq_n_s32(vreinterpretq_s32_f32(v), 23), vdupq_n_s32(127 << 23)));
}

#else

// Plain vectors of four for any other machine; multiplication and addition stay separate roundings.
constexpr int W = 4;
constexpr int TILE_ROWS = 4;
typedef float Vec __attribute__((vector_size(16)));

FOVEA_INLINE Vec load(const float *p) {
    Vec v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
FOVEA_INLINE void store(float *p, Vec v) { std::memcpy(p, &v, sizeof v); }
FOVEA_INLINE Vec splat(float x) { return Vec{x, x, x, x}; }
FOVEA_INLINE Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
FOVEA_INLINE Vec add(Vec a, Vec b) { return a + b; }
FOVEA_INLINE Vec sub(Vec a, Vec b) { return a - b; }
FOVEA_INLINE Vec mul(Vec a, Vec b) { return a * b; }
FOVEA_INLINE Vec max(Vec a, Vec b) { return a > b ? a : b; }
FOVEA_INLINE Vec min(Vec a, Vec b) { return a < b ? a : b; }
FOVEA_INLINE Vec div(Vec a, Vec b) { return a / b; }
FOVEA_INLINE Vec powerOfTwo(Vec v) {
    typedef uint32_t Bits __attribute__((vector_size(16)));
    Bits bits;
    std::memcpy(&bits, &v, sizeof v);
    bits = (bits << 23) + (127u << 23);
    std::memcpy(&v, &bits, sizeof v);
    return v;
}

#endif

#if FOVEA_ISA_ID >= 3

FOVEA_INLINE Vec loadPartial(const float *p, int n) {
    float lanes[W] = {0, 0, 0, 0};
    for (int i = 0; i < n; i++) {
        lanes[i] = p[i];
    }
    return load(lanes);
}
FOVEA_INLINE void storePartial(float *p, Vec v, int n) {
    float lanes[W];
    store(lanes, v);
    for (int i = 0; i < n; i++) {
        p[i] = lanes[i];
    }
}

#endif

#if FOVEA_ISA_ID != 1
constexpr int HALF = W;
using Half = Vec;
#endif

FOVEA_INLINE Vec clamp(Vec v, Vec lo, Vec hi) { return min(hi, max(lo, v)); }

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wignored-attributes" // vector types as template arguments keep their size and meaning
#endif

/** Operations that differ by type only in their result: of a full vector, or of the last one of a panel. */
template <typename V> struct Lanes;
template <> struct Lanes<Vec> {
    static constexpr int count = W;
    static FOVEA_INLINE Vec load(const float *p) { return FOVEA_ISA::load(p); }
    static FOVEA_INLINE Vec loadPartial(const float *p, int n) { return FOVEA_ISA::loadPartial(p, n); }
    static FOVEA_INLINE Vec low(Vec v) { return v; }
    static FOVEA_INLINE Vec splat(float x) { return FOVEA_ISA::splat(x); }
};
#if FOVEA_ISA_ID == 1
template <> struct Lanes<Half> {
    static constexpr int count = HALF;
    static FOVEA_INLINE Half load(const float *p) { return _mm256_loadu_ps(p); }
    static FOVEA_INLINE Half loadPartial(const float *p, int n) { return _mm256_maskz_loadu_ps(halfMask(n), p); }
    static FOVEA_INLINE Half low(Vec v) { return _mm512_castps512_ps256(v); }
    static FOVEA_INLINE Half splat(float x) { return _mm256_set1_ps(x); }
};
FOVEA_INLINE Half clamp(Half v, Half lo, Half hi) { return min(hi, max(lo, v)); }
#endif

/** Columns of one full panel of packed weights. */
constexpr int PANEL = 2 * W;

FOVEA_INLINE int smaller(int a, int b) { return a < b ? a : b; }
FOVEA_INLINE int larger(int a, int b) { return a > b ? a : b; }

} // namespace FOVEA_ISA
} // namespace fovea
