// Letterbox and normalise on the GPU: one thread per pixel of the network's input, pad included.
#ifdef __CUDACC__
#include <cuda_fp16.h>
#endif

#include "../letterbox_arithmetic.h"

namespace {

using goshawk::letterboxing::Rows;

__device__ void store(void *out, size_t index, goshawk_dtype dtype, float value) {
  switch (dtype) {
    case GOSHAWK_FLOAT16: static_cast<__half *>(out)[index] = __float2half_rn(value); break;
    case GOSHAWK_UINT8: static_cast<uint8_t *>(out)[index] = uint8_t(fminf(fmaxf(floorf(value + 0.5f), 0.f), 255.f)); break;
    case GOSHAWK_INT8: static_cast<int8_t *>(out)[index] = int8_t(fminf(fmaxf(floorf(value + 0.5f), -128.f), 127.f)); break;
    default: static_cast<float *>(out)[index] = value; break;
  }
}

__device__ void fill_pixel(const Rows &rows, const goshawk_letterbox &box, void *out) {
  const int x = int(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = int(blockIdx.y * blockDim.y + threadIdx.y);
  if (x >= box.width || y >= box.height) return;
  float values[3];
  goshawk::letterboxing::values_at(rows, box, x, y, values);
  for (int c = 0; c < 3; c++) store(out, goshawk::letterboxing::index_of(box, x, y, c), box.dtype, values[c]);
}

}  // namespace

extern "C" __global__ void goshawk_letterbox_kernel(const uint8_t *data, goshawk_image image, goshawk_letterbox box, void *out) {
  fill_pixel(goshawk::letterboxing::rows_of(data, image), box, out);
}

/// nv12 as it lies in a decoder's buffer: two planes, each with its pitch.
extern "C" __global__ void goshawk_letterbox_planes_kernel(const uint8_t *luma, uint64_t luma_pitch, const uint8_t *chroma,
                                                           uint64_t chroma_pitch, uint32_t width, uint32_t height,
                                                           goshawk_letterbox box, void *out) {
  fill_pixel({luma, size_t(luma_pitch), chroma, size_t(chroma_pitch), GOSHAWK_NV12, width, height}, box, out);
}
