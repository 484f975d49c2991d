#include <cmath>
#include <cstring>

#include "kernels.h"
#include "yuv.h"

namespace goshawk {

namespace {

void blend(const uint8_t *a, const uint8_t *b, int weight, int16_t *out, size_t count) {
  if (b == nullptr || weight == 0) {
    for (size_t i = 0; i < count; i++) out[i] = int16_t(a[i] << 7);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    const int difference = (int(b[i]) - int(a[i])) * 128;
    out[i] = int16_t((a[i] << 7) + ((difference * weight + 0x4000) >> 15));
  }
}

int32_t weigh(int32_t left, int32_t right, uint32_t weights) {
  return left * int32_t(weights & 0xffff) + right * int32_t(weights >> 16);
}

void sample3(const int16_t *row, int stride, const Columns &columns, const float *alpha, const float *beta,
             float *const *planes) {
  for (size_t i = 0; i < columns.count; i++) {
    const int16_t *pixel = row + columns.offsets[i];
    for (int c = 0; c < 3; c++) {
      planes[c][i] = float(weigh(pixel[c], pixel[c + stride], columns.weights[i])) * alpha[c] + beta[c];
    }
  }
}

void shrink3(const SourceRows &rows, int stride, const Columns &columns, const float *alpha, const float *beta,
             float *const *planes) {
  for (size_t i = 0; i < columns.count; i++) {
    const uint8_t *above = rows.a + columns.offsets[i];
    const uint8_t *below = rows.b == nullptr ? above : rows.b + columns.offsets[i];
    const auto level = [&](int at) {
      const int difference = (int(below[at]) - int(above[at])) * 128;
      return (above[at] << 7) + ((difference * rows.weight + 0x4000) >> 15);
    };
    for (int c = 0; c < 3; c++) {
      planes[c][i] = float(weigh(level(c), level(c + stride), columns.weights[i])) * alpha[c] + beta[c];
    }
  }
}

void sample1(const int16_t *row, const Columns &columns, const float *alpha, const float *beta, float *const *planes) {
  for (size_t i = 0; i < columns.count; i++) {
    const int16_t *pixel = row + columns.offsets[i];
    const float value = float(weigh(pixel[0], pixel[1], columns.weights[i]));
    for (int c = 0; c < 3; c++) planes[c][i] = value * alpha[c] + beta[c];
  }
}

void nv12_row(const uint8_t *y, const uint8_t *uv, uint8_t *rgbx, size_t width) {
  for (size_t x = 0; x < width; x++) yuv_to_rgbx(y[x], uv[x & ~size_t{1}], uv[x | 1], rgbx + 4 * x);
}

void yuyv_row(const uint8_t *yuyv, uint8_t *rgbx, size_t width) {
  for (size_t x = 0; x < width; x++) {
    const uint8_t *pair = yuyv + 4 * (x / 2);
    yuv_to_rgbx(yuyv[2 * x], pair[1], pair[3], rgbx + 4 * x);
  }
}

uint16_t half(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  bits &= 0x7fffffffu;
  if (bits > 0x7f800000u) return uint16_t(sign | 0x7e00u);
  if (bits >= 0x47800000u) return uint16_t(sign | 0x7c00u);
  if (bits < 0x38800000u) {
    // Subnormal: adding 0.5 lets the float unit do the rounding to nearest even.
    float magnitude;
    std::memcpy(&magnitude, &bits, 4);
    magnitude += 0.5f;
    std::memcpy(&bits, &magnitude, 4);
    return uint16_t(sign | (bits - 0x3f000000u));
  }
  const uint32_t odd = (bits >> 13) & 1u;
  return uint16_t(sign | ((bits - 0x38000000u + 0xfffu + odd) >> 13));
}

void to_half(const float *in, uint16_t *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = half(in[i]);
}

float clamp(float value, float low, float high) { return value < low ? low : value > high ? high : value; }

void to_uint8(const float *in, uint8_t *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = uint8_t(clamp(std::floor(in[i] + 0.5f), 0, 255));
}

void to_int8(const float *in, int8_t *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = int8_t(clamp(std::floor(in[i] + 0.5f), -128, 127));
}

}  // namespace

const Kernels scalar_kernels = {"scalar", blend,    sample3, shrink3,  sample1,
                                nv12_row, yuyv_row, to_half, to_uint8, to_int8};

const Kernels &best_kernels() {
  static const Kernels &best = []() -> const Kernels & {
    if (const Kernels *kernels = avx2_kernels()) return *kernels;
    if (const Kernels *kernels = neon_kernels()) return *kernels;
    return scalar_kernels;
  }();
  return best;
}

}  // namespace goshawk
