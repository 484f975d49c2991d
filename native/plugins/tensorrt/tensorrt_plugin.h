#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cuda_driver.h"
#include "memory_times.h"
#include "picture_import.h"
#include "tensorrt_library.h"

struct goshawk_device {
  goshawk::tensorrt::Logger logger;
  goshawk::tensorrt::Library library;
  CUdevice device = 0;
  CUcontext context = nullptr;
  /// CPU and GPU share memory (Jetson).
  bool integrated = false;
  /// Tensors are mapped, not copied; only where memory is shared, and where that is the faster one.
  bool mapped = false;
  goshawk::tensorrt::MemoryTimes memory_times;
  std::unique_ptr<nvinfer1::IRuntime> runtime;
  /// Core that runs what it can, the rest is the GPU's; -1: all is the GPU's.
  int32_t dla_core = -1;
  CUmodule kernels = nullptr;
  CUfunction letterbox = nullptr;
  /// Null where the kernels are of an older build: no picture is imported then.
  CUfunction letterbox_planes = nullptr;
  uint32_t picture_memories = 0;
  goshawk::tensorrt::PictureImports pictures{goshawk::plugin::most_imports};
  std::string description;
};

struct goshawk_stream {
  /// Activations of one engine. What is in one stream runs one after the other: the contexts there, one for each batch size, need
  /// this memory once.
  struct Activations {
    CUdeviceptr memory = 0;
    size_t bytes = 0;
    int contexts = 0;
  };

  CUstream stream = nullptr;
  /// The frame on the device, for the letterbox there; grows.
  CUdeviceptr frame = 0;
  size_t frame_bytes = 0;
  std::map<const goshawk_engine *, Activations> activations;
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
