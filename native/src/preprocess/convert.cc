#include "convert.h"

#include <cstring>
#include <string>

#include "../base/failure.h"
#include "../base/image.h"

namespace goshawk {

namespace {

struct Shape {
  size_t row_bytes;
  size_t rows;
  size_t out_bytes;
};

bool is_bayer(RawEncoding encoding) { return encoding >= RawEncoding::bayer_rggb8; }

/// What a mosaic of colours looks like; the encodings of one depth follow each other in the order of their squares.
struct Mosaic {
  bool red_left, red_top;
  size_t pixel_bytes;
  /// Where the byte that counts lies in a pixel.
  size_t high;
};

Mosaic mosaic_of(RawEncoding encoding) {
  const int number = int(encoding) - int(RawEncoding::bayer_rggb8);
  const int square = number % 4, depth = number / 4;  // rggb, bggr, gbrg, grbg; 8 bits, 16, 16 with the high byte first
  return {square == 0 || square == 2, square == 0 || square == 3, size_t(depth == 0 ? 1 : 2), size_t(depth == 1 ? 1 : 0)};
}

Shape shape_of(const RawPicture &picture) {
  const size_t width = picture.width, height = picture.height;
  switch (picture.encoding) {
    case RawEncoding::rgba8:
    case RawEncoding::bgra8: return {width * 4, height, width * height * 3};
    case RawEncoding::uyvy: return {width * 2, height, width * height * 2};
    case RawEncoding::nv21: return {width, height + height / 2, width * (height + height / 2)};
    case RawEncoding::mono16:
    case RawEncoding::mono16be: return {width * 2, height, width * height};
    default: return {width * mosaic_of(picture.encoding).pixel_bytes, height, width * height * 3};
  }
}

[[noreturn]] void refuse(const RawPicture &picture, const std::string &why) {
  throw Failure("native-bad-frame", "A picture of " + std::to_string(picture.width) + "x" +
                                        std::to_string(picture.height) + " that is to be converted " + why);
}

Shape check(const RawPicture &picture, size_t out_bytes) {
  const uint32_t least = is_bayer(picture.encoding) ? 2 : 1;
  if (picture.width < least || picture.height < least) refuse(picture, "is too small.");
  if (picture.width > max_side || picture.height > max_side) refuse(picture, "is too large.");
  const bool planar = picture.encoding == RawEncoding::nv21;
  if ((planar || picture.encoding == RawEncoding::uyvy) && picture.width % 2 != 0) refuse(picture, "has an odd width.");
  if (planar && picture.height % 2 != 0) refuse(picture, "has an odd height.");
  const Shape shape = shape_of(picture);
  if (picture.step < shape.row_bytes || picture.step > (size_t{1} << 32)) {
    refuse(picture, "says " + std::to_string(picture.step) + " bytes a row, but a row needs " +
                        std::to_string(shape.row_bytes) + ".");
  }
  const size_t need = (shape.rows - 1) * picture.step + shape.row_bytes;
  if (picture.bytes < need) {
    refuse(picture, "needs " + std::to_string(need) + " bytes, but its buffer has " + std::to_string(picture.bytes) + ".");
  }
  if (out_bytes != shape.out_bytes) {
    refuse(picture, "becomes " + std::to_string(shape.out_bytes) + " bytes, but there is room for " +
                        std::to_string(out_bytes) + ".");
  }
  return shape;
}

void drop_alpha(const uint8_t *__restrict in, uint8_t *__restrict out, size_t width) {
  for (size_t x = 0; x < width; x++) {
    out[3 * x] = in[4 * x];
    out[3 * x + 1] = in[4 * x + 1];
    out[3 * x + 2] = in[4 * x + 2];
  }
}

void exchange_pairs(const uint8_t *__restrict in, uint8_t *__restrict out, size_t pairs) {
  for (size_t i = 0; i < pairs; i++) {
    out[2 * i] = in[2 * i + 1];
    out[2 * i + 1] = in[2 * i];
  }
}

void every_second(const uint8_t *__restrict in, uint8_t *__restrict out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = in[2 * i];
}

/// Three rows, of which every `Step`th byte counts.
template <size_t Step>
struct MosaicRows {
  const uint8_t *above, *here, *below;
  int up(size_t x) const { return above[Step * x]; }
  int at(size_t x) const { return here[Step * x]; }
  int down(size_t x) const { return below[Step * x]; }
};

/// A place of red or blue: `own` is its channel.
template <size_t Step>
inline void colour_place(const MosaicRows<Step> &rows, size_t left, size_t x, size_t right, int own, uint8_t *rgb) {
  const int cross = rows.at(left) + rows.at(right) + rows.up(x) + rows.down(x);
  const int corners = rows.up(left) + rows.up(right) + rows.down(left) + rows.down(right);
  rgb[own] = uint8_t(rows.at(x));
  rgb[1] = uint8_t((cross + 2) >> 2);
  rgb[2 - own] = uint8_t((corners + 2) >> 2);
}

template <size_t Step>
inline void green_place(const MosaicRows<Step> &rows, size_t left, size_t x, size_t right, int own, uint8_t *rgb) {
  rgb[own] = uint8_t((rows.at(left) + rows.at(right) + 1) >> 1);
  rgb[1] = uint8_t(rows.at(x));
  rgb[2 - own] = uint8_t((rows.up(x) + rows.down(x) + 1) >> 1);
}

/// `first`: the place of colour in each two columns.
template <size_t Step>
void bayer_row(const MosaicRows<Step> &rows, size_t width, size_t first, int own, uint8_t *out) {
  const auto place = [&](size_t left, size_t x, size_t right) {
    if ((x & 1) == first) colour_place(rows, left, x, right, own, out + 3 * x);
    else green_place(rows, left, x, right, own, out + 3 * x);
  };
  place(1, 0, 1);
  size_t x = 1;
  if (first == 1) {
    for (; x + 2 < width; x += 2) {
      colour_place(rows, x - 1, x, x + 1, own, out + 3 * x);
      green_place(rows, x, x + 1, x + 2, own, out + 3 * x + 3);
    }
  } else {
    for (; x + 2 < width; x += 2) {
      green_place(rows, x - 1, x, x + 1, own, out + 3 * x);
      colour_place(rows, x, x + 1, x + 2, own, out + 3 * x + 3);
    }
  }
  for (; x < width; x++) place(x - 1, x, x + 1 < width ? x + 1 : width - 2);
}

template <size_t Step>
void bayer(const RawPicture &picture, const Mosaic &mosaic, uint8_t *out) {
  const size_t height = picture.height;
  const auto row = [&](size_t y) { return picture.data + y * picture.step + mosaic.high; };
  for (size_t y = 0; y < height; y++) {
    const bool red_row = (y % 2 == 0) == mosaic.red_top;
    const MosaicRows<Step> rows = {row(y > 0 ? y - 1 : 1), row(y), row(y + 1 < height ? y + 1 : height - 2)};
    bayer_row(rows, picture.width, mosaic.red_left == red_row ? 0 : 1, red_row ? 0 : 2, out + y * picture.width * 3);
  }
}

}  // namespace

void convert_picture(const RawPicture &picture, uint8_t *out, size_t out_bytes) {
  const Shape shape = check(picture, out_bytes);
  if (is_bayer(picture.encoding)) {
    const Mosaic mosaic = mosaic_of(picture.encoding);
    return mosaic.pixel_bytes == 1 ? bayer<1>(picture, mosaic, out) : bayer<2>(picture, mosaic, out);
  }
  const size_t width = picture.width;
  const size_t out_row = shape.out_bytes / shape.rows;
  for (size_t y = 0; y < shape.rows; y++) {
    const uint8_t *in = picture.data + y * picture.step;
    uint8_t *to = out + y * out_row;
    switch (picture.encoding) {
      case RawEncoding::rgba8:
      case RawEncoding::bgra8: drop_alpha(in, to, width); break;
      case RawEncoding::uyvy: exchange_pairs(in, to, width); break;
      case RawEncoding::nv21:
        if (y < picture.height) std::memcpy(to, in, width);
        else exchange_pairs(in, to, width / 2);
        break;
      case RawEncoding::mono16: every_second(in + 1, to, width); break;
      default: every_second(in, to, width); break;
    }
  }
}

}  // namespace goshawk
