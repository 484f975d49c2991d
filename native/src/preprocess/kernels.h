// The inner loops of the letterbox. Every set of kernels gives the same bits as the scalar one, which a test compares.
#pragma once

#include <cstddef>
#include <cstdint>

namespace goshawk {

/// Rows of 16-bit values are readable this many values past their end.
constexpr size_t row_slack = 32;

/// Where the output columns of one row read.
struct Columns {
  /// Index of the left neighbour in values: pixel * stride; ascending. A right neighbour is there too, in rows of one
  /// pixel behind their end.
  const int32_t *offsets;
  /// low 16 bits: weight of the left neighbour, high 16 bits: of the right one; together 1 << 14.
  const uint32_t *weights;
  size_t count;
};

/// Two neighbouring rows of pixels and the weight of the second, of 1 << 15.
struct SourceRows {
  const uint8_t *a;
  const uint8_t *b;
  int weight;
  /// Bytes that may be read.
  int32_t size;
};

struct Kernels {
  const char *name;
  /// out[i] = (a[i] << 7) + (((b[i] - a[i]) << 7) * weight + 0x4000 >> 15): 7 bits of fraction. b may be null (weight 0).
  void (*blend)(const uint8_t *a, const uint8_t *b, int weight, int16_t *out, size_t count);
  /// Three channels, pixels `stride` values apart (3 or 4): planes[c][i] = sum * alpha[c] + beta[c], where the
  /// sum has 21 bits of fraction (alpha holds sample_unit).
  void (*sample3)(const int16_t *row, int stride, const Columns &columns, const float *alpha, const float *beta,
                  float *const *planes);
  /// `blend` and `sample3` in one, for columns so far apart that most of a blended row would not be looked at: reads
  /// the rows themselves, both pixels of every column. b may be null (weight 0).
  void (*shrink3)(const SourceRows &rows, int stride, const Columns &columns, const float *alpha, const float *beta,
                  float *const *planes);
  /// One channel to three planes.
  void (*sample1)(const int16_t *row, const Columns &columns, const float *alpha, const float *beta,
                  float *const *planes);
  /// BT.601 limited range to r, g, b, 255. `uv` holds one pair per two pixels.
  void (*nv12_row)(const uint8_t *y, const uint8_t *uv, uint8_t *rgbx, size_t width);
  void (*yuyv_row)(const uint8_t *yuyv, uint8_t *rgbx, size_t width);
  void (*to_half)(const float *in, uint16_t *out, size_t count);
  /// Rounds half up, saturates.
  void (*to_uint8)(const float *in, uint8_t *out, size_t count);
  void (*to_int8)(const float *in, int8_t *out, size_t count);
};

/// 7 + 14 bits of fraction to a grey level.
constexpr float sample_unit = 1.0f / float(1 << 21);

extern const Kernels scalar_kernels;
/// Null where the CPU or the compiler lacks them.
const Kernels *avx2_kernels();
const Kernels *neon_kernels();
const Kernels &best_kernels();

}  // namespace goshawk
