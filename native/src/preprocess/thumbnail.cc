#include "thumbnail.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace goshawk {

namespace {

constexpr uint32_t cells = thumbnail_width * thumbnail_height;
constexpr int detail_scale = 2;
constexpr uint32_t hash_start = 0x811c9dc5;
constexpr uint32_t hash_step = 0x01000193;

struct Sums {
  double red = 0, green = 0, blue = 0, spread = 0;
  uint32_t hash = hash_start;
};

/// Place `index` of `count` in equal parts of `length` pixels, `border` pixels away from the ends.
uint32_t position(uint32_t index, uint32_t count, uint32_t length, uint32_t border) {
  const uint32_t at = uint32_t((uint64_t{index} * 2 + 1) * length / (2 * count));
  return std::min(std::max(at, border), length - 1 - border);
}

/// Two rows of samples for every row of cells, also of an image in pieces.
class Rows {
 public:
  Rows(const Image &image, size_t bytes) : image_(image), bytes_(bytes) {}

  const uint8_t *row(uint32_t y, int place) {
    const uint8_t *at = image_.data + size_t{y} * image_.step;
    if (image_.pieces == nullptr) return at;
    joined_[place].resize(bytes_);
    return image_.pieces->read(at, bytes_, joined_[place].data());
  }

 private:
  const Image &image_;
  const size_t bytes_;
  std::vector<uint8_t> joined_[2];
};

using Columns = uint32_t[2 * thumbnail_width];

void columns_of(const Image &image, uint32_t bytes_apart, Columns &columns) {
  for (uint32_t i = 0; i < 2 * thumbnail_width; i++) {
    columns[i] = position(i, 2 * thumbnail_width, image.width, 1) * bytes_apart;
  }
}

/// rgb8 and bgr8.
Sums sample_packed(const Image &image, uint8_t *grey, uint8_t *detail) {
  Columns columns;
  columns_of(image, 3, columns);
  Rows rows(image, size_t{image.width} * 3);
  const bool rgb = image.encoding == Encoding::rgb8;
  const uint32_t weight_a = rgb ? 77 : 29;
  const uint32_t weight_c = 106 - weight_a;
  uint64_t first = 0, second = 0, third = 0, spread = 0;
  uint32_t hash = hash_start;
  for (uint32_t cy = 0, cell = 0; cy < thumbnail_height; cy++) {
    const uint8_t *const lines[2] = {rows.row(position(2 * cy, 2 * thumbnail_height, image.height, 0), 0),
                                     rows.row(position(2 * cy + 1, 2 * thumbnail_height, image.height, 0), 1)};
    for (uint32_t cx = 0; cx < thumbnail_width; cx++, cell++) {
      uint32_t sum_a = 0, sum_b = 0, sum_c = 0;
      int curve = 0, apart = 0;
      for (uint32_t sample = 0; sample < 4; sample++) {
        const uint8_t *at = lines[sample >> 1] + columns[cx * 2 + (sample & 1)];
        const int a = at[0], b = at[1], c = at[2];
        // Green carries the detail of colour sensors.
        curve += std::abs(2 * b - at[-2] - at[4]);
        hash = (hash ^ uint32_t(b)) * hash_step;
        sum_a += uint32_t(a);
        sum_b += uint32_t(b);
        sum_c += uint32_t(c);
        apart += std::abs(a - b) + std::abs(b - c) + std::abs(c - a);
      }
      first += sum_a;
      second += sum_b;
      third += sum_c;
      // The largest of three is above the smallest by half of what their differences add up to.
      spread += uint32_t(apart >> 1);
      grey[cell] = uint8_t((weight_a * sum_a + 150 * sum_b + weight_c * sum_c) >> 10);
      detail[cell] = uint8_t(std::min(255, (curve * detail_scale) >> 2));
    }
  }
  if (!rgb) std::swap(first, third);
  return {double(first), double(second), double(third), double(spread), hash};
}

double clip(double value) { return std::min(255.0, std::max(0.0, value)); }

/// mono8, nv12 and yuyv.
Sums sample_luma(const Image &image, uint8_t *grey, uint8_t *detail) {
  const Encoding encoding = image.encoding;
  const uint32_t apart = encoding == Encoding::yuyv ? 2 : 1;
  // The chroma of nv12 lies elsewhere; the letterbox wants it whole too.
  if (image.pieces != nullptr && encoding != Encoding::mono8) image.pieces->gather();
  Columns columns;
  columns_of(image, apart, columns);
  Rows rows(image, size_t{image.width} * apart);
  Sums sums;
  for (uint32_t cy = 0, cell = 0; cy < thumbnail_height; cy++) {
    const uint32_t ys[2] = {position(2 * cy, 2 * thumbnail_height, image.height, 0),
                            position(2 * cy + 1, 2 * thumbnail_height, image.height, 0)};
    const uint8_t *const lines[2] = {rows.row(ys[0], 0), rows.row(ys[1], 1)};
    for (uint32_t cx = 0; cx < thumbnail_width; cx++, cell++) {
      int luma = 0, curve = 0;
      for (uint32_t sample = 0; sample < 4; sample++) {
        const uint32_t column = columns[cx * 2 + (sample & 1)];
        const uint8_t *at = lines[sample >> 1] + column;
        const int middle = at[0];
        curve += std::abs(2 * middle - at[-int(apart)] - at[apart]);
        sums.hash = (sums.hash ^ uint32_t(middle)) * hash_step;
        luma += middle;
        // One look at the colour of a cell is enough for a mean over all of them.
        if (sample > 0 || encoding == Encoding::mono8) continue;
        const uint8_t *pair = lines[0] + (column >> 2) * 4 + 1;
        if (encoding == Encoding::nv12) {
          const size_t row = ys[0] >> 1;
          pair = (image.chroma != nullptr ? image.chroma + row * image.chroma_step
                                          : image.data + (size_t{image.height} + row) * image.step) +
                 (column & ~1u);
        }
        const int u = pair[0] - 128;
        const int v = pair[encoding == Encoding::nv12 ? 1 : 2] - 128;
        const double base = 1.164 * (middle - 16);
        const double r = clip(base + 1.596 * v);
        const double g = clip(base - 0.813 * v - 0.391 * u);
        const double b = clip(base + 2.018 * u);
        sums.red += 4 * r;
        sums.green += 4 * g;
        sums.blue += 4 * b;
        sums.spread += 4 * (std::max({r, g, b}) - std::min({r, g, b}));
      }
      grey[cell] = uint8_t(luma >> 2);
      detail[cell] = uint8_t(std::min(255, (curve * detail_scale) >> 2));
      if (encoding == Encoding::mono8) {
        sums.red += luma;
        sums.green += luma;
        sums.blue += luma;
      }
    }
  }
  return sums;
}

}  // namespace

void make_thumbnail(const Image &image, uint8_t *destination) {
  if (image.width < least_thumbnail_width) return;
  const bool packed = image.encoding == Encoding::rgb8 || image.encoding == Encoding::bgr8;
  const auto sample = packed ? sample_packed : sample_luma;
  const Sums sums = sample(image, destination, destination + cells);
  const double numbers[6] = {sums.red, sums.green, sums.blue, sums.spread, double(sums.hash), 1};
  std::memcpy(destination + 2 * cells, numbers, sizeof numbers);
}

}  // namespace goshawk
