#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cuda_driver.h"
#include "picture_import.h"
#include "tensorrt_library.h"

struct goshawk_device {
  goshawk::tensorrt::Logger logger;
  goshawk::tensorrt::Library library;
  CUdevice device = 0;
  CUcontext context = nullptr;
  /// CPU and GPU share memory (Jetson): tensors are mapped, not copied.
  bool mapped = false;
  std::unique_ptr<nvinfer1::IRuntime> runtime;
  CUmodule kernels = nullptr;
  CUfunction letterbox = nullptr;
  /// Null where the kernels are of an older build: no picture is imported then.
  CUfunction letterbox_planes = nullptr;
  uint32_t picture_memories = 0;
  goshawk::tensorrt::PictureImports pictures{goshawk::plugin::most_imports};
  std::string description;
};

struct goshawk_stream {
  CUstream stream = nullptr;
  /// The frame on the device, for the letterbox there; grows.
  CUdeviceptr frame = 0;
  size_t frame_bytes = 0;
};

namespace goshawk::tensorrt {

extern const goshawk_memory_api memory_api;
goshawk_status device_open(const goshawk_options *, goshawk_device **out, goshawk_error *);
void device_close(goshawk_device *);
const char *device_describe(goshawk_device *);

goshawk_status letterbox(goshawk_device *, goshawk_stream *, const goshawk_image *, const goshawk_letterbox *,
                         const goshawk_buffer *, goshawk_error *);
goshawk_status letterbox_image(goshawk_device *, goshawk_stream *, const goshawk_device_image *, const goshawk_letterbox *,
                               const goshawk_buffer *, goshawk_error *);
goshawk_status build(goshawk_device *, const goshawk_build *, const goshawk_options *, goshawk_error *);

}  // namespace goshawk::tensorrt
