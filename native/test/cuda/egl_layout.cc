// Our own word for CUDA's frame of an EGL image, held against CUDA's, where there is EGL's header to include it.
#include <cuda.h>

#include <cstddef>

#if __has_include(<cudaEGL.h>) && __has_include(<EGL/egl.h>) && __has_include(<EGL/eglext.h>)
#include <cudaEGL.h>

#include "../../plugins/tensorrt/egl_frame.h"

using goshawk::tensorrt::EglFrame;
static_assert(sizeof(EglFrame) == sizeof(CUeglFrame) && offsetof(EglFrame, width) == offsetof(CUeglFrame, width) &&
              offsetof(EglFrame, height) == offsetof(CUeglFrame, height) &&
              offsetof(EglFrame, pitch) == offsetof(CUeglFrame, pitch) &&
              offsetof(EglFrame, plane_count) == offsetof(CUeglFrame, planeCount) &&
              offsetof(EglFrame, type) == offsetof(CUeglFrame, frameType) &&
              goshawk::tensorrt::type_pitch == CU_EGL_FRAME_TYPE_PITCH);
#endif
