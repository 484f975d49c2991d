#include "mapped_picture.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../letterbox_arithmetic.h"
#include "../plugin_support.h"

namespace goshawk::reference {

namespace {

using letterboxing::Rows;
using plugin::fail;

/// Memory that is no dma-buf knows no such call, and needs none.
void sync(int file, uint64_t flags) {
  dma_buf_sync what = {};
  what.flags = flags | DMA_BUF_SYNC_READ;
  ::ioctl(file, DMA_BUF_IOCTL_SYNC, &what);
}

goshawk_status fill(const Rows &rows, const goshawk_letterbox &box, const goshawk_buffer &destination, goshawk_error *error) {
  const uint64_t values = uint64_t(box.width) * uint64_t(box.height) * 3;
  if (box.dtype != GOSHAWK_FLOAT32 || destination.host == nullptr || destination.bytes < values * sizeof(float)) {
    return fail(error, GOSHAWK_UNSUPPORTED, "The reference device fills tensors of float32 alone.");
  }
  float *out = static_cast<float *>(destination.host);
  for (int y = 0; y < box.height; y++) {
    for (int x = 0; x < box.width; x++) {
      float pixel[3];
      letterboxing::values_at(rows, box, x, y, pixel);
      for (int c = 0; c < 3; c++) out[letterboxing::index_of(box, x, y, c)] = pixel[c];
    }
  }
  return GOSHAWK_OK;
}

}  // namespace

std::shared_ptr<MappedPicture> MappedPicture::open(int file, uint64_t bytes) {
  const off_t size = ::lseek(file, 0, SEEK_END);
  if (size < 0 || uint64_t(size) < bytes || bytes == 0) return nullptr;
  const int own = ::fcntl(file, F_DUPFD_CLOEXEC, 3);
  if (own < 0) return nullptr;
  void *data = ::mmap(nullptr, size_t(bytes), PROT_READ, MAP_SHARED | MAP_POPULATE, own, 0);
  if (data == MAP_FAILED) {
    ::close(own);
    return nullptr;
  }
  return std::shared_ptr<MappedPicture>(new MappedPicture(own, static_cast<const uint8_t *>(data), bytes));
}

MappedPicture::~MappedPicture() {
  ::munmap(const_cast<uint8_t *>(data_), size_t(bytes_));
  ::close(file_);
}

void MappedPicture::begin_reading() const { sync(file_, DMA_BUF_SYNC_START); }
void MappedPicture::end_reading() const { sync(file_, DMA_BUF_SYNC_END); }

goshawk_status letterbox_on_host(const goshawk_image &image, const goshawk_letterbox &box, const goshawk_buffer &destination,
                                 goshawk_error *error) {
  return fill(letterboxing::rows_of(static_cast<const uint8_t *>(image.data), image), box, destination, error);
}

goshawk_status letterbox_mapped(PictureCache &cache, const goshawk_device_image &image, const goshawk_letterbox &box,
                                const goshawk_buffer &destination, goshawk_error *error) {
  if (!plugin::planes_fit(image)) return fail(error, GOSHAWK_INVALID, "The picture's planes do not lie inside of its memory.");
  const auto mapped =
      cache.find(image.pool, image.buffer, image.file_bytes, [&] { return MappedPicture::open(image.file, image.file_bytes); });
  if (mapped == nullptr) return fail(error, GOSHAWK_FAILED, "The picture's memory can't be mapped.");
  const Rows rows = {mapped->data() + image.offset[0], size_t(image.pitch[0]), mapped->data() + image.offset[1],
                     size_t(image.pitch[1]), GOSHAWK_NV12, image.width, image.height};
  mapped->begin_reading();
  const goshawk_status status = fill(rows, box, destination, error);
  mapped->end_reading();
  return status;
}

}  // namespace goshawk::reference
