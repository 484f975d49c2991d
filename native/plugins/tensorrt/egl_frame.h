// CUeglFrame, whose header (cudaEGL.h) includes EGL's, which a board need not have.
#pragma once

#include <cuda.h>

namespace goshawk::tensorrt {

struct EglFrame {
  void *plane[3];
  unsigned width, height, depth, pitch, plane_count, channels;
  int type;
  int color_format;
  CUarray_format format;
};

/// CU_EGL_FRAME_TYPE_PITCH
constexpr int type_pitch = 1;

}  // namespace goshawk::tensorrt
