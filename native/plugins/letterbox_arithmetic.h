// The arithmetic of the letterbox on a device: the CUDA kernel's, and that of the reference device, which computes the same on
// the processor. Float, with the integers of src/preprocess for yuv, so that a pixel differs from theirs by rounding only.
#pragma once

#include "goshawk_engine.h"

#ifdef __CUDACC__
#define GOSHAWK_ON_DEVICE __device__
#else
#define GOSHAWK_ON_DEVICE
#endif

namespace goshawk::letterboxing {

GOSHAWK_ON_DEVICE inline int least(int a, int b) { return a < b ? a : b; }
GOSHAWK_ON_DEVICE inline int most(int a, int b) { return a > b ? a : b; }

struct Pixel {
  float r, g, b;
};

GOSHAWK_ON_DEVICE inline float level(int value) { return float(least(most(value >> 20, 0), 255)); }

/// BT.601, limited range, OpenCV's 20-bit coefficients.
GOSHAWK_ON_DEVICE inline Pixel from_yuv(int luma, int cb, int cr) {
  const int y = most(luma - 16, 0) * 1220542 + (1 << 19);
  const int u = cb - 128;
  const int v = cr - 128;
  return {level(y + 1673527 * v), level(y - 852492 * v - 409993 * u), level(y + 2116026 * u)};
}

/// Where the rows of a picture are.
struct Rows {
  const uint8_t *data;
  size_t step;
  /// Of nv12.
  const uint8_t *chroma;
  size_t chroma_step;
  goshawk_encoding encoding;
  uint32_t width;
  uint32_t height;
};

/// Of a picture in one piece.
GOSHAWK_ON_DEVICE inline Rows rows_of(const uint8_t *data, const goshawk_image &image) {
  const size_t step = size_t(image.step);
  return {data, step, data + size_t(image.height) * step, step, image.encoding, image.width, image.height};
}

GOSHAWK_ON_DEVICE inline Pixel read(const Rows &image, int x, int y) {
  const uint8_t *row = image.data + size_t(y) * image.step;
  switch (image.encoding) {
    case GOSHAWK_RGB8: return {float(row[3 * x]), float(row[3 * x + 1]), float(row[3 * x + 2])};
    case GOSHAWK_BGR8: return {float(row[3 * x + 2]), float(row[3 * x + 1]), float(row[3 * x])};
    case GOSHAWK_NV12: {
      const uint8_t *chroma = image.chroma + size_t(y / 2) * image.chroma_step + (x & ~1);
      return from_yuv(row[x], chroma[0], chroma[1]);
    }
    case GOSHAWK_YUYV: return from_yuv(row[2 * x], row[4 * (x / 2) + 1], row[4 * (x / 2) + 3]);
    default: return {float(row[x]), float(row[x]), float(row[x])};
  }
}

/// Left neighbour and fraction of the right one, clamped at both edges.
GOSHAWK_ON_DEVICE inline int tap(int out, int resized, int size, float &fraction) {
  const float at = (float(out) + 0.5f) * (float(size) / float(resized)) - 0.5f;
  fraction = 0;
  if (at <= 0) return 0;
  const int index = int(at);
  if (index >= size - 1) return size - 1;
  fraction = at - float(index);
  return index;
}

GOSHAWK_ON_DEVICE inline float mix(float a, float b, float t) { return a + (b - a) * t; }

GOSHAWK_ON_DEVICE inline Pixel sample(const Rows &image, const goshawk_letterbox &box, int x, int y) {
  float fx, fy;
  const int x0 = tap(x, box.resized_width, int(image.width), fx);
  const int y0 = tap(y, box.resized_height, int(image.height), fy);
  const int x1 = fx > 0 ? x0 + 1 : x0;
  const int y1 = fy > 0 ? y0 + 1 : y0;
  const Pixel a = read(image, x0, y0), b = read(image, x1, y0);
  const Pixel c = read(image, x0, y1), d = read(image, x1, y1);
  return {mix(mix(a.r, b.r, fx), mix(c.r, d.r, fx), fy), mix(mix(a.g, b.g, fx), mix(c.g, d.g, fx), fy),
          mix(mix(a.b, b.b, fx), mix(c.b, d.b, fx), fy)};
}

/// The three values of one pixel of the network's input, pad included, before they are stored.
GOSHAWK_ON_DEVICE inline void values_at(const Rows &image, const goshawk_letterbox &box, int x, int y, float (&values)[3]) {
  const int inner_x = x - box.left;
  const int inner_y = y - box.top;
  Pixel pixel = {float(box.pad), float(box.pad), float(box.pad)};
  if (inner_x >= 0 && inner_y >= 0 && inner_x < box.resized_width && inner_y < box.resized_height) {
    pixel = sample(image, box, inner_x, inner_y);
  }
  const float channels[3] = {box.bgr != 0 ? pixel.b : pixel.r, pixel.g, box.bgr != 0 ? pixel.r : pixel.b};
  for (int c = 0; c < 3; c++) values[c] = channels[c] * box.alpha[c] + box.beta[c];
}

/// Where the value of a channel is in the tensor.
GOSHAWK_ON_DEVICE inline size_t index_of(const goshawk_letterbox &box, int x, int y, int c) {
  const size_t at = size_t(y) * size_t(box.width) + size_t(x);
  return box.channels_last != 0 ? at * 3 + size_t(c) : size_t(c) * size_t(box.width) * size_t(box.height) + at;
}

}  // namespace goshawk::letterboxing
