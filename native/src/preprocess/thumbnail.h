#pragma once

#include "../base/image.h"

namespace goshawk {

/// What the health of a sensor is judged by: src/perception/preprocess/thumbnail.ts says the same, and says what it is.
constexpr uint32_t thumbnail_width = 64;
constexpr uint32_t thumbnail_height = 36;
constexpr uint32_t least_thumbnail_width = 3;
/// Grey and detail of all cells; as double the sums of red, green, blue and spread, the hash, and 1.
constexpr size_t thumbnail_bytes = size_t{2} * thumbnail_width * thumbnail_height + 6 * sizeof(double);

/// Fills `destination` (thumbnail_bytes); writes nothing where the image is too narrow. It has passed check_image and is no
/// jpeg. The same bits as the TypeScript reference.
void make_thumbnail(const Image &image, uint8_t *destination);

}  // namespace goshawk
