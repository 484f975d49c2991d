#pragma once

#include <cstddef>
#include <cstdint>

namespace goshawk {

/// Encodings of cameras that the letterbox does not read; each becomes one that it does, without padding.
enum class RawEncoding {
  rgba8,     // rgb8
  bgra8,     // bgr8
  uyvy,      // yuyv
  nv21,      // nv12
  mono16,    // mono8: the high byte
  mono16be,  // mono8
  bayer_rggb8,
  bayer_bggr8,
  bayer_gbrg8,
  bayer_grbg8,  // these four: rgb8, bilinear
  bayer_rggb16,
  bayer_bggr16,
  bayer_gbrg16,
  bayer_grbg16,  // the same of the high bytes
  bayer_rggb16be,
  bayer_bggr16be,
  bayer_gbrg16be,
  bayer_grbg16be,
};

struct RawPicture {
  const uint8_t *data = nullptr;
  size_t bytes = 0;
  uint32_t width = 0;
  uint32_t height = 0;
  size_t step = 0;
  RawEncoding encoding = RawEncoding::rgba8;
};

/// Throws Failure `native-bad-frame` where the header does not fit the bytes, or `out` has not exactly the bytes of the result.
void convert_picture(const RawPicture &picture, uint8_t *out, size_t out_bytes);

}  // namespace goshawk
