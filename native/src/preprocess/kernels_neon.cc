#include "kernels.h"

#if defined(__aarch64__) && defined(__ARM_NEON)

#include <arm_neon.h>

#include "yuv.h"

namespace goshawk {

namespace {

void blend(const uint8_t *a, const uint8_t *b, int weight, int16_t *out, size_t count) {
  size_t i = 0;
  if (b == nullptr || weight == 0) {
    for (; i + 8 <= count; i += 8) vst1q_s16(out + i, vreinterpretq_s16_u16(vshll_n_u8(vld1_u8(a + i), 7)));
  } else {
    const int16x8_t w = vdupq_n_s16(int16_t(weight));
    for (; i + 8 <= count; i += 8) {
      const uint8x8_t above = vld1_u8(a + i);
      const int16x8_t difference = vshlq_n_s16(vreinterpretq_s16_u16(vsubl_u8(vld1_u8(b + i), above)), 7);
      vst1q_s16(out + i, vaddq_s16(vreinterpretq_s16_u16(vshll_n_u8(above, 7)), vqrdmulhq_s16(difference, w)));
    }
  }
  scalar_kernels.blend(a + i, b == nullptr ? nullptr : b + i, weight, out + i, count - i);
}

Columns rest(const Columns &columns, size_t from) {
  return {columns.offsets + from, columns.weights + from, columns.count - from};
}

/// From a pair of pixels to the three channels between them.
template <int stride>
inline float32x4_t one_pixel(int16x8_t values, uint32_t weights) {
  const int16x4_t left = vget_low_s16(values);
  const int16x4_t right = stride == 4 ? vget_high_s16(values) : vget_low_s16(vextq_s16(values, values, 3));
  return vcvtq_f32_s32(vmlal_n_s16(vmull_n_s16(left, int16_t(weights & 0xffff)), right, int16_t(weights >> 16)));
}

inline float32x4_t scaled(float32x4_t value, float alpha, float beta) {
  // Not vfma: the scalar loop rounds twice, and both must give the same bits.
  return vaddq_f32(vmulq_n_f32(value, alpha), vdupq_n_f32(beta));
}

/// Four columns.
inline void mix(float32x4_t p0, float32x4_t p1, float32x4_t p2, float32x4_t p3, const float *alpha, const float *beta,
                float *const *planes, size_t i) {
  const float32x4_t low01 = vzip1q_f32(p0, p1), low23 = vzip1q_f32(p2, p3);
  const float32x4_t high01 = vzip2q_f32(p0, p1), high23 = vzip2q_f32(p2, p3);
  const float32x4_t c0 = vcombine_f32(vget_low_f32(low01), vget_low_f32(low23));
  const float32x4_t c1 = vcombine_f32(vget_high_f32(low01), vget_high_f32(low23));
  const float32x4_t c2 = vcombine_f32(vget_low_f32(high01), vget_low_f32(high23));
  vst1q_f32(planes[0] + i, scaled(c0, alpha[0], beta[0]));
  vst1q_f32(planes[1] + i, scaled(c1, alpha[1], beta[1]));
  vst1q_f32(planes[2] + i, scaled(c2, alpha[2], beta[2]));
}

template <int stride>
size_t sample_pixels(const int16_t *row, const Columns &columns, const float *alpha, const float *beta,
                     float *const *planes) {
  size_t i = 0;
  for (; i + 4 <= columns.count; i += 4) {
    const int32_t *at = columns.offsets + i;
    const uint32_t *w = columns.weights + i;
    mix(one_pixel<stride>(vld1q_s16(row + at[0]), w[0]), one_pixel<stride>(vld1q_s16(row + at[1]), w[1]),
        one_pixel<stride>(vld1q_s16(row + at[2]), w[2]), one_pixel<stride>(vld1q_s16(row + at[3]), w[3]), alpha, beta,
        planes, i);
  }
  return i;
}

void sample3(const int16_t *row, int stride, const Columns &columns, const float *alpha, const float *beta,
             float *const *planes) {
  const size_t i = stride == 3 ? sample_pixels<3>(row, columns, alpha, beta, planes)
                               : sample_pixels<4>(row, columns, alpha, beta, planes);
  float *const tails[3] = {planes[0] + i, planes[1] + i, planes[2] + i};
  scalar_kernels.sample3(row, stride, rest(columns, i), alpha, beta, tails);
}

inline int16x8_t blended(const SourceRows &rows, int16x8_t weight, int32_t at) {
  const uint8x8_t above = vld1_u8(rows.a + at);
  const int16x8_t level = vreinterpretq_s16_u16(vshll_n_u8(above, 7));
  if (rows.b == nullptr) return level;
  const int16x8_t difference = vshlq_n_s16(vreinterpretq_s16_u16(vsubl_u8(vld1_u8(rows.b + at), above)), 7);
  return vaddq_s16(level, vqrdmulhq_s16(difference, weight));
}

template <int stride>
size_t shrink_pixels(const SourceRows &rows, const Columns &columns, const float *alpha, const float *beta,
                     float *const *planes) {
  const int16x8_t weight = vdupq_n_s16(int16_t(rows.weight));
  size_t i = 0;
  // Eight bytes are read for the six of a pair.
  for (; i + 4 <= columns.count && columns.offsets[i + 3] + 8 <= rows.size; i += 4) {
    const int32_t *at = columns.offsets + i;
    const uint32_t *w = columns.weights + i;
    mix(one_pixel<stride>(blended(rows, weight, at[0]), w[0]), one_pixel<stride>(blended(rows, weight, at[1]), w[1]),
        one_pixel<stride>(blended(rows, weight, at[2]), w[2]), one_pixel<stride>(blended(rows, weight, at[3]), w[3]),
        alpha, beta, planes, i);
  }
  return i;
}

void shrink3(const SourceRows &rows, int stride, const Columns &columns, const float *alpha, const float *beta,
             float *const *planes) {
  const size_t i = stride == 3 ? shrink_pixels<3>(rows, columns, alpha, beta, planes)
                               : shrink_pixels<4>(rows, columns, alpha, beta, planes);
  float *const tails[3] = {planes[0] + i, planes[1] + i, planes[2] + i};
  scalar_kernels.shrink3(rows, stride, rest(columns, i), alpha, beta, tails);
}

void sample1(const int16_t *row, const Columns &columns, const float *alpha, const float *beta, float *const *planes) {
  scalar_kernels.sample1(row, columns, alpha, beta, planes);
}

inline int16x4_t level(int32x4_t sum) { return vmovn_s32(vshrq_n_s32(sum, bt601::shift)); }

/// 8 pixels; u and v already doubled to one value per pixel, minus 128.
inline void eight_pixels(uint8x8_t luma, int16x8_t u, int16x8_t v, uint8_t *rgbx) {
  const int16x8_t y = vreinterpretq_s16_u16(vmovl_u8(vqsub_u8(luma, vdup_n_u8(16))));
  const int32x4_t half = vdupq_n_s32(bt601::half);
  int16x4_t r[2], g[2], b[2];
  for (int side = 0; side < 2; side++) {
    const int32x4_t ys = vmovl_s16(side == 0 ? vget_low_s16(y) : vget_high_s16(y));
    const int32x4_t us = vmovl_s16(side == 0 ? vget_low_s16(u) : vget_high_s16(u));
    const int32x4_t vs = vmovl_s16(side == 0 ? vget_low_s16(v) : vget_high_s16(v));
    const int32x4_t base = vmlaq_n_s32(half, ys, bt601::y);
    r[side] = level(vmlaq_n_s32(base, vs, bt601::v_to_r));
    g[side] = level(vmlaq_n_s32(vmlaq_n_s32(base, us, bt601::u_to_g), vs, bt601::v_to_g));
    b[side] = level(vmlaq_n_s32(base, us, bt601::u_to_b));
  }
  uint8x8x4_t pixels;
  pixels.val[0] = vqmovun_s16(vcombine_s16(r[0], r[1]));
  pixels.val[1] = vqmovun_s16(vcombine_s16(g[0], g[1]));
  pixels.val[2] = vqmovun_s16(vcombine_s16(b[0], b[1]));
  pixels.val[3] = vdup_n_u8(255);
  vst4_u8(rgbx, pixels);
}

inline int16x8_t centred(uint8x8_t chroma) {
  return vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(chroma)), vdupq_n_s16(128));
}

void nv12_row(const uint8_t *y, const uint8_t *uv, uint8_t *rgbx, size_t width) {
  size_t x = 0;
  for (; x + 8 <= width; x += 8) {
    const uint8x8_t pairs = vld1_u8(uv + x);
    eight_pixels(vld1_u8(y + x), centred(vtrn1_u8(pairs, pairs)), centred(vtrn2_u8(pairs, pairs)), rgbx + 4 * x);
  }
  scalar_kernels.nv12_row(y + x, uv + x, rgbx + 4 * x, width - x);
}

void yuyv_row(const uint8_t *yuyv, uint8_t *rgbx, size_t width) {
  size_t x = 0;
  for (; x + 8 <= width; x += 8) {
    const uint8x8x2_t both = vld2_u8(yuyv + 2 * x);
    const uint8x8_t pairs = both.val[1];
    eight_pixels(both.val[0], centred(vtrn1_u8(pairs, pairs)), centred(vtrn2_u8(pairs, pairs)), rgbx + 4 * x);
  }
  scalar_kernels.yuyv_row(yuyv + 2 * x, rgbx + 4 * x, width - x);
}

void to_half(const float *in, uint16_t *out, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    vst1_u16(out + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(in + i))));
  }
  scalar_kernels.to_half(in + i, out + i, count - i);
}

void to_uint8(const float *in, uint8_t *out, size_t count) { scalar_kernels.to_uint8(in, out, count); }
void to_int8(const float *in, int8_t *out, size_t count) { scalar_kernels.to_int8(in, out, count); }

const Kernels kernels = {"neon", blend, sample3, shrink3, sample1, nv12_row, yuyv_row, to_half, to_uint8, to_int8};

}  // namespace

const Kernels *neon_kernels() { return &kernels; }

}  // namespace goshawk

#else

namespace goshawk {
const Kernels *neon_kernels() { return nullptr; }
}  // namespace goshawk

#endif
