#pragma once

#include "../core/image.h"

namespace goshawk {

/// Places that a look at a sensor takes of a frame: see src/perception/preprocess/sampled-thumbnail.ts, which says the same.
constexpr uint32_t look_columns = 128;
constexpr uint32_t look_rows = 72;
/// Each place with its neighbours left and right, three bytes each.
constexpr size_t look_bytes = size_t{look_columns} * 9 * look_rows;
constexpr uint32_t least_look_width = 3;

/// Copies the sampled places of an rgb8 image, at least `least_look_width` pixels wide, to `destination` (look_bytes).
void look_at(const Image &image, uint8_t *destination);

}  // namespace goshawk
