// The reference device's letterbox: on the processor, with the arithmetic of the CUDA kernel, so that what a test sees of
// pictures in device memory is what a GPU would do with them.
#pragma once

#include "../import_cache.h"

namespace goshawk::reference {

/// A picture's file, mapped for as long as it is kept.
class MappedPicture {
 public:
  /// Null where it can't be mapped, or is shorter than it should be.
  static std::shared_ptr<MappedPicture> open(int file, uint64_t bytes);
  ~MappedPicture();
  MappedPicture(const MappedPicture &) = delete;
  MappedPicture &operator=(const MappedPicture &) = delete;
  const uint8_t *data() const { return data_; }
  uint64_t bytes() const { return bytes_; }
  /// A dma-buf is told when the processor reads: its caches may be behind.
  void begin_reading() const;
  void end_reading() const;

 private:
  MappedPicture(int file, const uint8_t *data, uint64_t bytes) : file_(file), data_(data), bytes_(bytes) {}
  const int file_;
  const uint8_t *const data_;
  const uint64_t bytes_;
};

using PictureCache = plugin::ImportCache<MappedPicture>;

goshawk_status letterbox_on_host(const goshawk_image &image, const goshawk_letterbox &box, const goshawk_buffer &destination,
                                 goshawk_error *error);
goshawk_status letterbox_mapped(PictureCache &cache, const goshawk_device_image &image, const goshawk_letterbox &box,
                                const goshawk_buffer &destination, goshawk_error *error);

}  // namespace goshawk::reference
