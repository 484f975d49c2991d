#include "kernels.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>

#include "yuv.h"

// Per function instead of per file: nothing of the standard library is compiled for AVX2 by accident.
#define AVX2 __attribute__((target("avx2,f16c")))

namespace goshawk {

namespace {

AVX2 void blend(const uint8_t *a, const uint8_t *b, int weight, int16_t *out, size_t count) {
  size_t i = 0;
  if (b == nullptr || weight == 0) {
    for (; i + 16 <= count; i += 16) {
      const __m256i low = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(a + i)));
      _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i), _mm256_slli_epi16(low, 7));
    }
  } else {
    const __m256i w = _mm256_set1_epi16(int16_t(weight));
    for (; i + 16 <= count; i += 16) {
      const __m256i above = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(a + i)));
      const __m256i below = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(b + i)));
      const __m256i difference = _mm256_slli_epi16(_mm256_sub_epi16(below, above), 7);
      const __m256i value = _mm256_add_epi16(_mm256_slli_epi16(above, 7), _mm256_mulhrs_epi16(difference, w));
      _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i), value);
    }
  }
  scalar_kernels.blend(a + i, b == nullptr ? nullptr : b + i, weight, out + i, count - i);
}

AVX2 inline __m256i two_pixels(const int16_t *row, int32_t first, int32_t second) {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i *>(row + first));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i *>(row + second));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

Columns rest(const Columns &columns, size_t from) {
  return {columns.offsets + from, columns.weights + from, columns.count - from};
}

/// What turns eight pairs of pixels into eight values of each plane.
struct Mixer {
  __m256i pairs;
  __m256 alpha[3], beta[3];
};

AVX2 inline Mixer mixer(int stride, const float *alpha, const float *beta) {
  // From [r0 g0 b0 (x0) r1 g1 b1 (x1)] to [r0 r1 g0 g1 b0 b1 . .]: one multiply-add gives the three channels.
  const __m128i pairs = stride == 3 ? _mm_setr_epi8(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, -1, -1, -1, -1)
                                    : _mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, -1, -1, -1, -1);
  return {_mm256_broadcastsi128_si256(pairs),
          {_mm256_set1_ps(alpha[0]), _mm256_set1_ps(alpha[1]), _mm256_set1_ps(alpha[2])},
          {_mm256_set1_ps(beta[0]), _mm256_set1_ps(beta[1]), _mm256_set1_ps(beta[2])}};
}

/// The pixels of columns n and n + 4 lie in one register.
AVX2 inline void mix(const Mixer &by, const uint32_t *column_weights, __m256i at04, __m256i at15, __m256i at26,
                     __m256i at37, float *const *planes, size_t i) {
  const __m256i weights = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(column_weights));
  const __m256i p04 = _mm256_madd_epi16(_mm256_shuffle_epi8(at04, by.pairs), _mm256_shuffle_epi32(weights, 0x00));
  const __m256i p15 = _mm256_madd_epi16(_mm256_shuffle_epi8(at15, by.pairs), _mm256_shuffle_epi32(weights, 0x55));
  const __m256i p26 = _mm256_madd_epi16(_mm256_shuffle_epi8(at26, by.pairs), _mm256_shuffle_epi32(weights, 0xaa));
  const __m256i p37 = _mm256_madd_epi16(_mm256_shuffle_epi8(at37, by.pairs), _mm256_shuffle_epi32(weights, 0xff));
  const __m256i low01 = _mm256_unpacklo_epi32(p04, p15), low23 = _mm256_unpacklo_epi32(p26, p37);
  const __m256i high01 = _mm256_unpackhi_epi32(p04, p15), high23 = _mm256_unpackhi_epi32(p26, p37);
  const __m256 c0 = _mm256_cvtepi32_ps(_mm256_unpacklo_epi64(low01, low23));
  const __m256 c1 = _mm256_cvtepi32_ps(_mm256_unpackhi_epi64(low01, low23));
  const __m256 c2 = _mm256_cvtepi32_ps(_mm256_unpacklo_epi64(high01, high23));
  _mm256_storeu_ps(planes[0] + i, _mm256_add_ps(_mm256_mul_ps(c0, by.alpha[0]), by.beta[0]));
  _mm256_storeu_ps(planes[1] + i, _mm256_add_ps(_mm256_mul_ps(c1, by.alpha[1]), by.beta[1]));
  _mm256_storeu_ps(planes[2] + i, _mm256_add_ps(_mm256_mul_ps(c2, by.alpha[2]), by.beta[2]));
}

AVX2 void sample3(const int16_t *row, int stride, const Columns &columns, const float *alpha, const float *beta,
                  float *const *planes) {
  const Mixer by = mixer(stride, alpha, beta);
  size_t i = 0;
  for (; i + 8 <= columns.count; i += 8) {
    const int32_t *at = columns.offsets + i;
    mix(by, columns.weights + i, two_pixels(row, at[0], at[4]), two_pixels(row, at[1], at[5]),
        two_pixels(row, at[2], at[6]), two_pixels(row, at[3], at[7]), planes, i);
  }
  float *const tails[3] = {planes[0] + i, planes[1] + i, planes[2] + i};
  scalar_kernels.sample3(row, stride, rest(columns, i), alpha, beta, tails);
}

AVX2 inline __m256i two_pixels(const uint8_t *row, int32_t first, int32_t second) {
  const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i *>(row + first));
  const __m128i high = _mm_loadl_epi64(reinterpret_cast<const __m128i *>(row + second));
  return _mm256_cvtepu8_epi16(_mm_unpacklo_epi64(low, high));
}

template <bool both>
AVX2 inline __m256i two_blended(const SourceRows &rows, __m256i weight, int32_t first, int32_t second) {
  const __m256i above = two_pixels(rows.a, first, second);
  const __m256i level = _mm256_slli_epi16(above, 7);
  if (!both) return level;
  const __m256i difference = _mm256_slli_epi16(_mm256_sub_epi16(two_pixels(rows.b, first, second), above), 7);
  return _mm256_add_epi16(level, _mm256_mulhrs_epi16(difference, weight));
}

template <bool both>
AVX2 size_t shrink_pixels(const SourceRows &rows, int stride, const Columns &columns, const float *alpha,
                          const float *beta, float *const *planes) {
  const Mixer by = mixer(stride, alpha, beta);
  const __m256i w = _mm256_set1_epi16(int16_t(rows.weight));
  size_t i = 0;
  // Eight bytes are read for the six of a pair.
  for (; i + 8 <= columns.count && columns.offsets[i + 7] + 8 <= rows.size; i += 8) {
    const int32_t *at = columns.offsets + i;
    mix(by, columns.weights + i, two_blended<both>(rows, w, at[0], at[4]), two_blended<both>(rows, w, at[1], at[5]),
        two_blended<both>(rows, w, at[2], at[6]), two_blended<both>(rows, w, at[3], at[7]), planes, i);
  }
  return i;
}

AVX2 void shrink3(const SourceRows &rows, int stride, const Columns &columns, const float *alpha, const float *beta,
                  float *const *planes) {
  const size_t i = rows.b != nullptr ? shrink_pixels<true>(rows, stride, columns, alpha, beta, planes)
                                     : shrink_pixels<false>(rows, stride, columns, alpha, beta, planes);
  float *const tails[3] = {planes[0] + i, planes[1] + i, planes[2] + i};
  scalar_kernels.shrink3(rows, stride, rest(columns, i), alpha, beta, tails);
}

AVX2 void sample1(const int16_t *row, const Columns &columns, const float *alpha, const float *beta,
                  float *const *planes) {
  size_t i = 0;
  for (; i + 8 <= columns.count; i += 8) {
    const __m256i offsets = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(columns.offsets + i));
    const __m256i weights = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(columns.weights + i));
    const __m256i pairs = _mm256_i32gather_epi32(reinterpret_cast<const int *>(row), offsets, 2);
    const __m256 value = _mm256_cvtepi32_ps(_mm256_madd_epi16(pairs, weights));
    for (int c = 0; c < 3; c++) {
      const __m256 scaled = _mm256_mul_ps(value, _mm256_set1_ps(alpha[c]));
      _mm256_storeu_ps(planes[c] + i, _mm256_add_ps(scaled, _mm256_set1_ps(beta[c])));
    }
  }
  float *const tails[3] = {planes[0] + i, planes[1] + i, planes[2] + i};
  scalar_kernels.sample1(row, rest(columns, i), alpha, beta, tails);
}

AVX2 inline __m256i times(__m256i value, int factor) { return _mm256_mullo_epi32(value, _mm256_set1_epi32(factor)); }

/// 16 pixels: luma in 16-bit lanes, (u, v) in 32-bit lanes, one per pair of pixels.
AVX2 inline void sixteen_pixels(__m256i luma, __m256i chroma, uint8_t *rgbx) {
  const __m256i low_half = _mm256_set1_epi32(0xffff);
  const __m256i centre = _mm256_set1_epi32(128);
  const __m256i half = _mm256_set1_epi32(bt601::half);
  const __m256i y = _mm256_subs_epu16(luma, _mm256_set1_epi16(16));
  const __m256i u = _mm256_sub_epi32(_mm256_and_si256(chroma, low_half), centre);
  const __m256i v = _mm256_sub_epi32(_mm256_srli_epi32(chroma, 16), centre);
  const __m256i even = _mm256_add_epi32(times(_mm256_and_si256(y, low_half), bt601::y), half);
  const __m256i odd = _mm256_add_epi32(times(_mm256_srli_epi32(y, 16), bt601::y), half);
  const __m256i to_r = times(v, bt601::v_to_r);
  const __m256i to_g = _mm256_add_epi32(times(u, bt601::u_to_g), times(v, bt601::v_to_g));
  const __m256i to_b = times(u, bt601::u_to_b);
  __m256i channel[3];
  const __m256i terms[3] = {to_r, to_g, to_b};
  for (int c = 0; c < 3; c++) {
    const __m256i low = _mm256_srai_epi32(_mm256_add_epi32(even, terms[c]), bt601::shift);
    const __m256i high = _mm256_srai_epi32(_mm256_add_epi32(odd, terms[c]), bt601::shift);
    channel[c] = _mm256_blend_epi16(low, _mm256_slli_epi32(high, 16), 0xaa);
  }
  const __m256i rg = _mm256_packus_epi16(channel[0], channel[1]);
  const __m256i bx = _mm256_packus_epi16(channel[2], _mm256_set1_epi16(255));
  const __m256i rg_pairs = _mm256_unpacklo_epi8(rg, _mm256_srli_si256(rg, 8));
  const __m256i bx_pairs = _mm256_unpacklo_epi8(bx, _mm256_srli_si256(bx, 8));
  const __m256i low = _mm256_unpacklo_epi16(rg_pairs, bx_pairs);
  const __m256i high = _mm256_unpackhi_epi16(rg_pairs, bx_pairs);
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(rgbx), _mm256_permute2x128_si256(low, high, 0x20));
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(rgbx + 32), _mm256_permute2x128_si256(low, high, 0x31));
}

AVX2 void nv12_row(const uint8_t *y, const uint8_t *uv, uint8_t *rgbx, size_t width) {
  size_t x = 0;
  for (; x + 16 <= width; x += 16) {
    sixteen_pixels(_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(y + x))),
                   _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i *>(uv + x))), rgbx + 4 * x);
  }
  scalar_kernels.nv12_row(y + x, uv + x, rgbx + 4 * x, width - x);
}

AVX2 void yuyv_row(const uint8_t *yuyv, uint8_t *rgbx, size_t width) {
  size_t x = 0;
  for (; x + 16 <= width; x += 16) {
    const __m256i both = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(yuyv + 2 * x));
    sixteen_pixels(_mm256_and_si256(both, _mm256_set1_epi16(255)), _mm256_srli_epi16(both, 8), rgbx + 4 * x);
  }
  scalar_kernels.yuyv_row(yuyv + 2 * x, rgbx + 4 * x, width - x);
}

AVX2 void to_half(const float *in, uint16_t *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i value = _mm256_cvtps_ph(_mm256_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out + i), value);
  }
  scalar_kernels.to_half(in + i, out + i, count - i);
}

AVX2 inline __m128i eight_rounded(const float *in, float low, float high) {
  const __m256 rounded = _mm256_floor_ps(_mm256_add_ps(_mm256_loadu_ps(in), _mm256_set1_ps(0.5f)));
  const __m256 bounded = _mm256_min_ps(_mm256_max_ps(rounded, _mm256_set1_ps(low)), _mm256_set1_ps(high));
  const __m256i value = _mm256_cvtps_epi32(bounded);
  return _mm_packs_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
}

AVX2 void to_uint8(const float *in, uint8_t *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i value = eight_rounded(in + i, 0, 255);
    _mm_storel_epi64(reinterpret_cast<__m128i *>(out + i), _mm_packus_epi16(value, value));
  }
  scalar_kernels.to_uint8(in + i, out + i, count - i);
}

AVX2 void to_int8(const float *in, int8_t *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i value = eight_rounded(in + i, -128, 127);
    _mm_storel_epi64(reinterpret_cast<__m128i *>(out + i), _mm_packs_epi16(value, value));
  }
  scalar_kernels.to_int8(in + i, out + i, count - i);
}

const Kernels kernels = {"avx2", blend, sample3, shrink3, sample1, nv12_row, yuyv_row, to_half, to_uint8, to_int8};

}  // namespace

const Kernels *avx2_kernels() {
  // Asked by number: clang 14 knows no name for half floats here.
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool half = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & (1u << 29)) != 0;
  return half && __builtin_cpu_supports("avx2") ? &kernels : nullptr;
}

}  // namespace goshawk

#else

namespace goshawk {
const Kernels *avx2_kernels() { return nullptr; }
}  // namespace goshawk

#endif
