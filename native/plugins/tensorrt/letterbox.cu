// Letterbox and normalise on the GPU: one thread per pixel of the network's input, pad included. The same mathematics as
// src/preprocess/letterbox.cc in float; yuv through the same integers, so a pixel differs by rounding only.
#ifdef __CUDACC__
#include <cuda_fp16.h>
#endif

#include "../goshawk_engine.h"

namespace {

struct Pixel {
  float r, g, b;
};

__device__ float level(int value) { return float(min(max(value >> 20, 0), 255)); }

/// BT.601, limited range, OpenCV's 20-bit coefficients.
__device__ Pixel from_yuv(int luma, int cb, int cr) {
  const int y = max(luma - 16, 0) * 1220542 + (1 << 19);
  const int u = cb - 128;
  const int v = cr - 128;
  return {level(y + 1673527 * v), level(y - 852492 * v - 409993 * u), level(y + 2116026 * u)};
}

__device__ Pixel read(const uint8_t *data, const goshawk_image &image, int x, int y) {
  const uint8_t *row = data + size_t(y) * image.step;
  switch (image.encoding) {
    case GOSHAWK_RGB8: return {float(row[3 * x]), float(row[3 * x + 1]), float(row[3 * x + 2])};
    case GOSHAWK_BGR8: return {float(row[3 * x + 2]), float(row[3 * x + 1]), float(row[3 * x])};
    case GOSHAWK_NV12: {
      const uint8_t *chroma = data + (size_t(image.height) + size_t(y / 2)) * image.step + (x & ~1);
      return from_yuv(row[x], chroma[0], chroma[1]);
    }
    case GOSHAWK_YUYV: return from_yuv(row[2 * x], row[4 * (x / 2) + 1], row[4 * (x / 2) + 3]);
    default: return {float(row[x]), float(row[x]), float(row[x])};
  }
}

/// Left neighbour and fraction of the right one, clamped at both edges.
__device__ int tap(int out, int resized, int size, float &fraction) {
  const float at = (float(out) + 0.5f) * (float(size) / float(resized)) - 0.5f;
  fraction = 0;
  if (at <= 0) return 0;
  const int index = int(at);
  if (index >= size - 1) return size - 1;
  fraction = at - float(index);
  return index;
}

__device__ float mix(float a, float b, float t) { return a + (b - a) * t; }

__device__ Pixel sample(const uint8_t *data, const goshawk_image &image, const goshawk_letterbox &box, int x, int y) {
  float fx, fy;
  const int x0 = tap(x, box.resized_width, int(image.width), fx);
  const int y0 = tap(y, box.resized_height, int(image.height), fy);
  const int x1 = fx > 0 ? x0 + 1 : x0;
  const int y1 = fy > 0 ? y0 + 1 : y0;
  const Pixel a = read(data, image, x0, y0), b = read(data, image, x1, y0);
  const Pixel c = read(data, image, x0, y1), d = read(data, image, x1, y1);
  return {mix(mix(a.r, b.r, fx), mix(c.r, d.r, fx), fy), mix(mix(a.g, b.g, fx), mix(c.g, d.g, fx), fy),
          mix(mix(a.b, b.b, fx), mix(c.b, d.b, fx), fy)};
}

__device__ void store(void *out, size_t index, goshawk_dtype dtype, float value) {
  switch (dtype) {
    case GOSHAWK_FLOAT16: static_cast<__half *>(out)[index] = __float2half_rn(value); break;
    case GOSHAWK_UINT8: static_cast<uint8_t *>(out)[index] = uint8_t(fminf(fmaxf(floorf(value + 0.5f), 0.f), 255.f)); break;
    case GOSHAWK_INT8: static_cast<int8_t *>(out)[index] = int8_t(fminf(fmaxf(floorf(value + 0.5f), -128.f), 127.f)); break;
    default: static_cast<float *>(out)[index] = value; break;
  }
}

}  // namespace

extern "C" __global__ void goshawk_letterbox_kernel(const uint8_t *data, goshawk_image image, goshawk_letterbox box, void *out) {
  const int x = int(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = int(blockIdx.y * blockDim.y + threadIdx.y);
  if (x >= box.width || y >= box.height) return;
  const int inner_x = x - box.left;
  const int inner_y = y - box.top;
  Pixel pixel = {float(box.pad), float(box.pad), float(box.pad)};
  if (inner_x >= 0 && inner_y >= 0 && inner_x < box.resized_width && inner_y < box.resized_height) {
    pixel = sample(data, image, box, inner_x, inner_y);
  }
  const float values[3] = {box.bgr != 0 ? pixel.b : pixel.r, pixel.g, box.bgr != 0 ? pixel.r : pixel.b};
  const size_t plane = size_t(box.width) * size_t(box.height);
  const size_t at = size_t(y) * size_t(box.width) + size_t(x);
  for (int c = 0; c < 3; c++) {
    store(out, box.channels_last != 0 ? at * 3 + size_t(c) : size_t(c) * plane + at, box.dtype,
          values[c] * box.alpha[c] + box.beta[c]);
  }
}
