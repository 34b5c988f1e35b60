#pragma once
// The SIMD vocabulary of LaminaKernels: what Swift's standard library cannot say (maddubs, sdot, prefetch, half floats).
// Vectors are 256 bits wide; on NEON the compiler splits them into two registers.
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define SIMD_INLINE static inline __attribute__((always_inline))

#if defined(__AVX2__) || defined(__ARM_FEATURE_DOTPROD)

// Whether there are registers to multiply two groups of weight rows at once, which halves the loads of activations.
#if defined(__AVX512VL__) || defined(__aarch64__)
SIMD_INLINE int simd_has_32_registers(void) { return 1; }
#else
SIMD_INLINE int simd_has_32_registers(void) { return 0; }
#endif

typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
typedef int8_t i8x32 __attribute__((ext_vector_type(32)));
typedef uint8_t u8x32 __attribute__((ext_vector_type(32)));

SIMD_INLINE f32x8 simd_splat(float a) { return (f32x8)a; }
SIMD_INLINE f32x8 simd_load(const float *p) { f32x8 r; memcpy(&r, p, 32); return r; }
SIMD_INLINE void simd_store(float *p, f32x8 a) { memcpy(p, &a, 32); }
SIMD_INLINE f32x8 simd_fma(f32x8 a, f32x8 b, f32x8 c) { return __builtin_elementwise_fma(a, b, c); }
SIMD_INLINE f32x8 simd_max(f32x8 a, f32x8 b) { return a > b ? a : b; }
SIMD_INLINE f32x8 simd_min(f32x8 a, f32x8 b) { return a < b ? a : b; }
SIMD_INLINE f32x8 simd_abs(f32x8 a) { return __builtin_elementwise_abs(a); }
SIMD_INLINE f32x8 simd_round(f32x8 a) { return __builtin_elementwise_roundeven(a); }
// Some integer where a float is no number: __builtin_convertvector would leave the compiler free to do anything.
SIMD_INLINE i32x8 simd_to_i32(f32x8 a) {
#if defined(__x86_64__)
  return (i32x8)_mm256_cvttps_epi32((__m256)a);
#else
  i32x8 r;
  r.lo = (__typeof__(r.lo))vcvtq_s32_f32((float32x4_t)a.lo);
  r.hi = (__typeof__(r.hi))vcvtq_s32_f32((float32x4_t)a.hi);
  return r;
#endif
}
SIMD_INLINE f32x8 simd_to_f32(i32x8 a) { return __builtin_convertvector(a, f32x8); }
// (x1, x0, x3, x2, …)
SIMD_INLINE f32x8 simd_swap_pairs(f32x8 a) { return __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6); }
SIMD_INLINE float simd_sum(f32x8 a) {
  __typeof__(a.lo) s = a.lo + a.hi;
  return (s.x + s.z) + (s.y + s.w);
}
SIMD_INLINE float simd_maximum(f32x8 a) {
  __typeof__(a.lo) s = a.lo > a.hi ? a.lo : a.hi;
  float x = s.x > s.z ? s.x : s.z, y = s.y > s.w ? s.y : s.w;
  return x > y ? x : y;
}

// The largest |x| of 32 floats; no number where one of them is none: its bits are above those of all numbers, so the comparison is one
// of integers.
SIMD_INLINE float simd_largest_magnitude(f32x8 a, f32x8 b, f32x8 c, f32x8 d) {
  i32x8 w = (i32x8)simd_abs(a), x = (i32x8)simd_abs(b), y = (i32x8)simd_abs(c), z = (i32x8)simd_abs(d);
  w = w > x ? w : x, y = y > z ? y : z;
  return __builtin_bit_cast(float, __builtin_reduce_max(w > y ? w : y));
}

SIMD_INLINE f32x8 simd_load_f16(const void *p) {
  typedef _Float16 f16x8 __attribute__((ext_vector_type(8)));
  f16x8 h; memcpy(&h, p, 16);
  return __builtin_convertvector(h, f32x8);
}
SIMD_INLINE void simd_store_f16(void *p, f32x8 a) {
  typedef _Float16 f16x8 __attribute__((ext_vector_type(8)));
  f16x8 h = __builtin_convertvector(a, f16x8);
  memcpy(p, &h, 16);
}
SIMD_INLINE f32x8 simd_load_bf16(const void *p) {
  typedef uint16_t u16x8 __attribute__((ext_vector_type(8)));
  typedef uint32_t u32x8 __attribute__((ext_vector_type(8)));
  u16x8 h; memcpy(&h, p, 16);
  return (f32x8)(__builtin_convertvector(h, u32x8) << 16);
}
// Eight floats, already rounded and within -127...127, as eight int8.
SIMD_INLINE void simd_store_i8(void *p, f32x8 a) {
  typedef int8_t i8x8 __attribute__((ext_vector_type(8)));
  i8x8 b = __builtin_convertvector(simd_to_i32(a), i8x8);
  memcpy(p, &b, 8);
}
// Eight int8 as floats.
SIMD_INLINE f32x8 simd_load_i8(const void *p) {
  typedef int8_t i8x8 __attribute__((ext_vector_type(8)));
  i8x8 b; memcpy(&b, p, 8);
  return __builtin_convertvector(__builtin_convertvector(b, i32x8), f32x8);
}

SIMD_INLINE u8x32 simd_load_bytes(const void *p) { u8x32 r; memcpy(&r, p, 32); return r; }
SIMD_INLINE i8x32 simd_load_int8(const void *p) { i8x32 r; memcpy(&r, p, 32); return r; }
// Four activations, repeated for eight rows.
SIMD_INLINE i8x32 simd_splat4(const void *p) { int32_t v; memcpy(&v, p, 4); return (i8x32)(i32x8)v; }
SIMD_INLINE void simd_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }
// The cache lines of `bytes` bytes from `p`.
SIMD_INLINE void simd_prefetch_lines(const void *p, int bytes) {
  for (int at = 0; at < bytes; at += 64) simd_prefetch((const char *)p + at);
}

// sum[i] += Σ_j w[4i+j]·x[4i+j] for j in 0..<4; w in -128...127, x in -127...127.
SIMD_INLINE i32x8 simd_dot4(i32x8 sum, i8x32 w, i8x32 x) {
#if defined(__AVX512VNNI__)
  // vpdpbusd wants one unsigned side: |w|·sign(x, w).
  return (i32x8)_mm256_dpbusd_epi32(
      (__m256i)sum, _mm256_abs_epi8((__m256i)w), _mm256_sign_epi8((__m256i)x, (__m256i)w));
#elif defined(__AVX2__)
  // maddubs wants one unsigned side: |w|·sign(x, w). 2·128·127 fits int16.
  __m256i products = _mm256_maddubs_epi16(_mm256_abs_epi8((__m256i)w), _mm256_sign_epi8((__m256i)x, (__m256i)w));
  return sum + (i32x8)_mm256_madd_epi16(products, _mm256_set1_epi16(1));
#else
  sum.lo = (__typeof__(sum.lo))vdotq_s32((int32x4_t)sum.lo, (int8x16_t)w.lo, (int8x16_t)x.lo);
  sum.hi = (__typeof__(sum.hi))vdotq_s32((int32x4_t)sum.hi, (int8x16_t)w.hi, (int8x16_t)x.hi);
  return sum;
#endif
}

// The same for 8-bit weights that several rows of activations meet. vpdpbusd takes the weights as unsigned, 128 more than they
// are: the sum of a block starts below zero by the excess, 128·Σx.
SIMD_INLINE i8x32 simd_offset(i8x32 w) {
#if defined(__AVX512VNNI__)
  return w ^ (i8x32)(int8_t)-128;
#else
  return w;
#endif
}
// What the sum of a block starts with; `start` is -8·Σx.
SIMD_INLINE i32x8 simd_offset_start(int32_t start) {
#if defined(__AVX512VNNI__)
  return (i32x8)start << 4;
#else
  return (i32x8)0;
#endif
}
SIMD_INLINE i32x8 simd_dot4_offset(i32x8 sum, i8x32 w, i8x32 x) {
#if defined(__AVX512VNNI__)
  return (i32x8)_mm256_dpbusd_epi32((__m256i)sum, (__m256i)w, (__m256i)x);
#else
  return simd_dot4(sum, w, x);
#endif
}

// ---- K-quants --------------------------------------------------------------------------------------------------

SIMD_INLINE u8x32 simd_low_nibbles(u8x32 a) { return a & (u8x32)(uint8_t)15; }
SIMD_INLINE u8x32 simd_high_nibbles(u8x32 a) { return a >> 4; }
// Nibbles with a fifth bit: bit 0, or bit 4, of `bits`.
SIMD_INLINE u8x32 simd_low_nibbles_5bit(u8x32 a, u8x32 bits) {
  return simd_low_nibbles(a) | ((bits << 4) & (u8x32)(uint8_t)16);
}
SIMD_INLINE u8x32 simd_high_nibbles_5bit(u8x32 a, u8x32 bits) {
  return simd_high_nibbles(a) | (bits & (u8x32)(uint8_t)16);
}
SIMD_INLINE u8x32 simd_next_bit(u8x32 a) { return a >> 1; }
// Numbers of 0...63 as -32...31.
SIMD_INLINE i8x32 simd_minus_32(u8x32 a) { return (i8x32)a - (i8x32)(int8_t)32; }
// Eight bytes of 0...255 as floats.
SIMD_INLINE f32x8 simd_load_u8(const void *p) {
  typedef uint8_t u8x8 __attribute__((ext_vector_type(8)));
  u8x8 b; memcpy(&b, p, 8);
  return __builtin_convertvector(__builtin_convertvector(b, i32x8), f32x8);
}

// Four vectors of 6-bit numbers in three: the low six bits of each, and the top two bits of all together.
SIMD_INLINE u8x32 simd_low_6bit(u8x32 a) { return a & (u8x32)(uint8_t)63; }
SIMD_INLINE u8x32 simd_top_6bit(u8x32 a, u8x32 b, u8x32 c) {
  return (a >> 6) | ((b >> 4) & (u8x32)(uint8_t)12) | ((c >> 2) & (u8x32)(uint8_t)48);
}

// Running dot products of eight rows inside a block: on AVX2 two 16-bit halves a row, elsewhere one sum of 32 bits.
#if defined(__AVX2__) && !defined(__AVX512VNNI__)
#define SIMD_DOTS_ARE_HALVES 1
typedef int16_t simd_dots __attribute__((ext_vector_type(16)));
#else
typedef i32x8 simd_dots;
#endif
// sum[i] += Σ_j w[4i+j]·x[4i+j] for j in 0..<4; w in 0...127 where there is no VNNI.
SIMD_INLINE i32x8 simd_dot4_unsigned(i32x8 sum, u8x32 w, i8x32 x) {
#if defined(__AVX512VNNI__)
  return (i32x8)_mm256_dpbusd_epi32((__m256i)sum, (__m256i)w, (__m256i)x);
#else
  return simd_dot4(sum, (i8x32)w, x);
#endif
}
SIMD_INLINE simd_dots simd_dots_zero(void) { return (simd_dots)0; }
// Zero, or `start` where the sums are 32 bits wide; simd_dots_total adds it where they are not.
SIMD_INLINE simd_dots simd_dots_start(int32_t start) {
#if defined(SIMD_DOTS_ARE_HALVES)
  return (simd_dots)0;
#else
  return (simd_dots)start;
#endif
}
SIMD_INLINE i32x8 simd_dots_total(simd_dots dots, int32_t start) {
#if defined(SIMD_DOTS_ARE_HALVES)
  return (i32x8)_mm256_madd_epi16((__m256i)dots, _mm256_set1_epi16(1)) + start;
#else
  return dots;
#endif
}
// Adds four products a row. 16 bits hold eight such sums of w in 0...15, or four of w in 0...31; x in -127...127.
SIMD_INLINE simd_dots simd_dots_unsigned(simd_dots dots, u8x32 w, i8x32 x) {
#if defined(SIMD_DOTS_ARE_HALVES)
  return dots + (simd_dots)_mm256_maddubs_epi16((__m256i)w, (__m256i)x);
#else
  return simd_dot4_unsigned(dots, w, x);
#endif
}
// Adds four products a row. 16 bits hold four such sums of w in -32...32; x in -127...127.
SIMD_INLINE simd_dots simd_dots_signed(simd_dots dots, i8x32 w, i8x32 x) {
#if defined(SIMD_DOTS_ARE_HALVES)
  return dots + (simd_dots)_mm256_maddubs_epi16(
                    _mm256_abs_epi8((__m256i)w), _mm256_sign_epi8((__m256i)x, (__m256i)w));
#else
  return simd_dot4(dots, w, x);
#endif
}
// Eight int8 factors, one a row, as simd_dots_times wants them: on AVX2 twice in 16 bits.
SIMD_INLINE i32x8 simd_load_factors(const void *p) {
#if defined(SIMD_DOTS_ARE_HALVES)
  __m128i b = _mm_loadl_epi64((const __m128i *)p);
  return (i32x8)_mm256_cvtepi8_epi16(_mm_unpacklo_epi8(b, b));
#elif defined(__x86_64__)
  return (i32x8)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p));
#else
  int16x8_t b = vmovl_s8(vld1_s8((const int8_t *)p));
  i32x8 r;
  r.lo = (__typeof__(r.lo))vmovl_s16(vget_low_s16(b));
  r.hi = (__typeof__(r.hi))vmovl_high_s16(b);
  return r;
#endif
}
SIMD_INLINE i32x8 simd_dots_times(simd_dots dots, i32x8 factors) {
#if defined(SIMD_DOTS_ARE_HALVES)
  return (i32x8)_mm256_madd_epi16((__m256i)dots, (__m256i)factors);
#else
  return dots * factors;
#endif
}

#endif
