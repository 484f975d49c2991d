#include "sampled_thumbnail.h"

#include <algorithm>
#include <cstring>

namespace goshawk {

void sample_thumbnail(const Image &image, uint8_t *destination) {
  uint32_t from[thumbnail_columns];
  for (uint32_t column = 0; column < thumbnail_columns; column++) {
    const uint32_t middle = uint32_t((uint64_t{column} * 2 + 1) * image.width / (2 * thumbnail_columns));
    from[column] = (std::min(std::max(middle, 1u), image.width - 2) - 1) * 3;
  }
  for (uint32_t row = 0; row < thumbnail_rows; row++) {
    const uint32_t y = uint32_t((uint64_t{row} * 2 + 1) * image.height / (2 * thumbnail_rows));
    const uint8_t *line = image.data + size_t{y} * image.step;
    for (const uint32_t at : from) {
      std::memcpy(destination, line + at, 9);
      destination += 9;
    }
  }
}

}  // namespace goshawk
