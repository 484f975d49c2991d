#include "picture.h"

#include <cstring>

namespace goshawk::gstreamer {

namespace {

void copy_rows(uint8_t *out, size_t out_step, const uint8_t *in, size_t in_step, size_t bytes, size_t rows) {
  if (out_step == in_step && out_step == bytes) {
    std::memcpy(out, in, bytes * rows);
    return;
  }
  for (size_t row = 0; row < rows; row++) std::memcpy(out + row * out_step, in + row * in_step, bytes);
}

/// Two planes of chroma into the one of nv12.
void weave_row(uint8_t *__restrict out, const uint8_t *__restrict u, const uint8_t *__restrict v, size_t pairs) {
  for (size_t pair = 0; pair < pairs; pair++) {
    out[2 * pair] = u[pair];
    out[2 * pair + 1] = v[pair];
  }
}

}  // namespace

std::optional<Picture> copy_picture(GstVideoFrame &frame, BlockPool &pool) {
  const size_t width = size_t(GST_VIDEO_FRAME_WIDTH(&frame)) & ~size_t{1};
  const size_t height = size_t(GST_VIDEO_FRAME_HEIGHT(&frame)) & ~size_t{1};
  const size_t size = width * height * 3 / 2;
  std::shared_ptr<Lease> lease = pool.take(size);
  if (!lease) return std::nullopt;
  uint8_t *out = lease->block->data.get();
  const auto plane = [&](int index) { return static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, index)); };
  const auto step = [&](int index) { return size_t(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, index)); };
  copy_rows(out, width, plane(0), step(0), width, height);
  uint8_t *chroma = out + width * height;
  if (GST_VIDEO_FRAME_FORMAT(&frame) == GST_VIDEO_FORMAT_NV12) {
    copy_rows(chroma, width, plane(1), step(1), width, height / 2);
  } else {
    for (size_t row = 0; row < height / 2; row++) {
      weave_row(chroma + row * width, plane(1) + row * step(1), plane(2) + row * step(2), width / 2);
    }
  }
  Picture picture;
  picture.lease = std::move(lease);
  picture.width = uint32_t(width);
  picture.height = uint32_t(height);
  picture.step = uint32_t(width);
  return picture;
}

std::shared_ptr<Lease> copy_picture(DevicePicture &picture, BlockPool &pool) {
  const size_t width = picture.width;
  const size_t height = picture.height;
  std::shared_ptr<Lease> lease = pool.take(width * height * 3 / 2);
  if (!lease) return nullptr;
  uint8_t *out = lease->block->data.get();
  const bool read = picture.read([&](const PicturePlanes &planes) {
    copy_rows(out, width, planes.luma, planes.luma_step, width, height);
    copy_rows(out + width * height, width, planes.chroma, planes.chroma_step, width, height / 2);
  });
  return read ? lease : nullptr;
}

}  // namespace goshawk::gstreamer
