#pragma once

#include <cstddef>
#include <cstdint>

#include "pieces.h"

namespace goshawk {

enum class Encoding { rgb8, bgr8, mono8, nv12, yuyv, jpeg };

/// The largest side that a frame may have, pixels.
constexpr uint32_t max_side = 16384;

/// Pixels of one frame, not owned.
struct Image {
  const uint8_t *data = nullptr;
  size_t bytes = 0;
  uint32_t width = 0;
  uint32_t height = 0;
  /// Bytes from one row to the next (of the luma plane for nv12); 0 for jpeg.
  size_t step = 0;
  Encoding encoding = Encoding::rgb8;
  /// nv12 whose chroma does not follow its luma: where it is, and its bytes from one row to the next.
  const uint8_t *chroma = nullptr;
  size_t chroma_step = 0;
  /// Where `data` is not filled yet: rows are read through it, or it is told to gather first. Not owned.
  Pieces *pieces = nullptr;
};

const char *encoding_name(Encoding encoding);

/// Throws Failure `native-bad-frame` where the header and the bytes don't fit each other; after it every
/// access inside width x height is inside the buffer.
void check_image(const Image &image);

}  // namespace goshawk
