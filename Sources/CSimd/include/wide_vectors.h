#pragma once
// For products with several rows of activations, where arithmetic counts and not memory: one vector for the same steps of
// two neighbouring groups of eight weight rows (AVX-512), or of one group. A vpdpbusd of 512 bits takes as long as two of 256,
// but half the loads of activations.
#include "vectors.h"

#if defined(__AVX2__) || defined(__ARM_FEATURE_DOTPROD)

#if defined(__AVX512VNNI__)
typedef float f32w __attribute__((ext_vector_type(16)));
typedef int32_t i32w __attribute__((ext_vector_type(16)));
typedef uint8_t u8w __attribute__((ext_vector_type(64)));
SIMD_INLINE int wide_groups(void) { return 2; }
// 32 bytes of each group.
SIMD_INLINE u8w wide_load_bytes(const void *first, const void *second) {
  return (u8w)_mm512_inserti64x4(
      _mm512_castsi256_si512((__m256i)simd_load_bytes(first)), (__m256i)simd_load_bytes(second), 1);
}
SIMD_INLINE f32w wide_load_f16(const void *first, const void *second) {
  return (f32w)_mm512_cvtph_ps(_mm256_inserti128_si256(
      _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)first)), _mm_loadu_si128((const __m128i *)second), 1));
}
SIMD_INLINE f32w wide_splat(float a) { return (f32w)a; }
SIMD_INLINE f32w wide_fma(f32w a, f32w b, f32w c) { return __builtin_elementwise_fma(a, b, c); }
SIMD_INLINE f32w wide_to_f32(i32w a) { return __builtin_convertvector(a, f32w); }
SIMD_INLINE u8w wide_low_nibbles(u8w a) { return a & (u8w)(uint8_t)15; }
SIMD_INLINE u8w wide_high_nibbles(u8w a) { return (u8w)_mm512_srli_epi16((__m512i)a, 4) & (u8w)(uint8_t)15; }
SIMD_INLINE u8w wide_offset(u8w a) { return a ^ (u8w)(uint8_t)128; }
// Four activations for every row. In a register: used twice they would otherwise be loaded twice.
SIMD_INLINE u8w wide_splat4(const void *p) {
  int32_t v;
  memcpy(&v, p, 4);
  u8w a = (u8w)(i32w)v;
  __asm__("" : "+v"(a));
  return a;
}
// What the sums of a block start with, as simd_offset_start.
SIMD_INLINE i32w wide_offset_start(int32_t start) { return (i32w)start << 4; }
SIMD_INLINE i32w wide_start(int32_t start) { return (i32w)start; }
// sum[i] += Σ_j w[4i+j]·x[4i+j] for j in 0..<4; w in 0...127, or made by wide_offset; x in -127...127.
SIMD_INLINE i32w wide_dot4(i32w sum, u8w w, u8w x) {
  return (i32w)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)w, (__m512i)x);
}
SIMD_INLINE f32x8 wide_rows(f32w a, int group) { return group == 0 ? a.lo : a.hi; }
#else
typedef f32x8 f32w;
typedef i32x8 i32w;
typedef u8x32 u8w;
SIMD_INLINE int wide_groups(void) { return 1; }
SIMD_INLINE u8w wide_load_bytes(const void *first, const void *second) { return simd_load_bytes(first); }
SIMD_INLINE f32w wide_load_f16(const void *first, const void *second) { return simd_load_f16(first); }
SIMD_INLINE f32w wide_splat(float a) { return simd_splat(a); }
SIMD_INLINE f32w wide_fma(f32w a, f32w b, f32w c) { return simd_fma(a, b, c); }
SIMD_INLINE f32w wide_to_f32(i32w a) { return simd_to_f32(a); }
SIMD_INLINE u8w wide_low_nibbles(u8w a) { return simd_low_nibbles(a); }
SIMD_INLINE u8w wide_high_nibbles(u8w a) { return simd_high_nibbles(a); }
SIMD_INLINE u8w wide_offset(u8w a) { return (u8w)simd_offset((i8x32)a); }
SIMD_INLINE u8w wide_splat4(const void *p) { return (u8w)simd_splat4(p); }
SIMD_INLINE i32w wide_offset_start(int32_t start) { return simd_offset_start(start); }
SIMD_INLINE i32w wide_start(int32_t start) { return (i32w)start; }
SIMD_INLINE i32w wide_dot4(i32w sum, u8w w, u8w x) { return simd_dot4_offset(sum, (i8x32)w, (i8x32)x); }
SIMD_INLINE f32x8 wide_rows(f32w a, int group) { return a; }
#endif

#endif
