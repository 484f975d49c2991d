// Pictures in a decoder's memory, seen by the GPU: imported once per buffer. Knows CUDA's driver and no TensorRT.
#pragma once

#include <memory>

#include "../import_cache.h"
#include "cuda_driver.h"

namespace goshawk::tensorrt {

/// One buffer of a decoder's pool at addresses of the GPU. Made and destroyed with the device's context current.
struct ImportedPicture {
  virtual ~ImportedPicture() = default;
  CUdeviceptr luma = 0;
  CUdeviceptr chroma = 0;
  uint64_t luma_pitch = 0;
  uint64_t chroma_pitch = 0;
};

/// Null, with the reason in `error`, where the driver or the board's library refuses.
std::shared_ptr<ImportedPicture> import_picture(const goshawk_device_image &image, goshawk_error *error);

/// What this board imports, as bits. `integrated`: the GPU shares the processor's memory.
uint32_t importable_memories(bool integrated, int driver_version, int compute_major);

using PictureImports = plugin::ImportCache<ImportedPicture>;

}  // namespace goshawk::tensorrt
