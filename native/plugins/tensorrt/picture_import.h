// Pictures in a decoder's memory, seen by the GPU: imported once per buffer. Knows CUDA's driver and no TensorRT.
#pragma once

#include <memory>

#include "../import_cache.h"
#include "cuda_driver.h"

namespace goshawk::tensorrt {

/// Where the GPU reads one picture.
struct PlaneAddresses {
  CUdeviceptr luma = 0;
  CUdeviceptr chroma = 0;
  uint64_t luma_pitch = 0;
  uint64_t chroma_pitch = 0;
};

/// One buffer of a decoder's pool at addresses of the GPU. Made and destroyed with the device's context current.
struct ImportedPicture {
  virtual ~ImportedPicture() = default;
  /// Of a picture whose planes fit into what it says of its memory. False where that is more than was imported: the pictures of
  /// one buffer need not be alike.
  virtual bool locate(const goshawk_device_image &image, PlaneAddresses &planes) const = 0;
};

/// What this board imports, as bits. `integrated`: the GPU shares the processor's memory.
uint32_t importable_memories(bool integrated, int driver_version, int compute_major);

using PictureImports = plugin::ImportCache<ImportedPicture>;

/// Imports what is not imported yet. Its owner keeps the addresses good. Null, with the reason in `error`, where the driver or
/// the board's library refuses, or where the picture does not fit into what was imported.
std::shared_ptr<ImportedPicture> find_picture(PictureImports &imports, const goshawk_device_image &image,
                                              PlaneAddresses &planes, goshawk_error *error);

}  // namespace goshawk::tensorrt
