#pragma once

#include "../base/image.h"

namespace goshawk {

/// Places of a frame that the health of its sensor is read from: see src/perception/preprocess/sampled-thumbnail.ts, which says the same.
constexpr uint32_t thumbnail_columns = 128;
constexpr uint32_t thumbnail_rows = 72;
/// Each place with its neighbours left and right, three bytes each.
constexpr size_t thumbnail_bytes = size_t{thumbnail_columns} * 9 * thumbnail_rows;
constexpr uint32_t least_sampled_width = 3;

/// Copies the sampled places of an rgb8 image, at least `least_sampled_width` pixels wide, to `destination` (thumbnail_bytes).
void sample_thumbnail(const Image &image, uint8_t *destination);

}  // namespace goshawk
