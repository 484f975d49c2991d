#include "image.h"

#include <string>

#include "failure.h"

namespace goshawk {

const char *encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::rgb8: return "rgb8";
    case Encoding::bgr8: return "bgr8";
    case Encoding::mono8: return "mono8";
    case Encoding::nv12: return "nv12";
    case Encoding::yuyv: return "yuyv";
    case Encoding::jpeg: return "jpeg";
  }
  return "unknown";
}

namespace {

size_t row_bytes(const Image &image) {
  const size_t width = image.width;
  switch (image.encoding) {
    case Encoding::rgb8:
    case Encoding::bgr8: return width * 3;
    case Encoding::mono8: return width;
    // The chroma row of an odd width holds one more byte than the luma row.
    case Encoding::nv12: return width + (width & 1);
    case Encoding::yuyv: return (width + (width & 1)) * 2;
    case Encoding::jpeg: return 0;
  }
  return 0;
}

[[noreturn]] void refuse(const Image &image, const std::string &why) {
  throw Failure("native-bad-frame", std::string("A ") + encoding_name(image.encoding) + " frame of " +
                                        std::to_string(image.width) + "x" + std::to_string(image.height) + " " + why);
}

}  // namespace

void check_image(const Image &image) {
  if (image.encoding == Encoding::jpeg) {
    if (image.bytes == 0) refuse(image, "has no bytes.");
    return;
  }
  if (image.width == 0 || image.height == 0) refuse(image, "has no pixels.");
  if (image.width > max_side || image.height > max_side) {
    refuse(image, "is larger than " + std::to_string(max_side) + " pixels a side.");
  }
  const size_t row = row_bytes(image);
  if (image.step < row) {
    refuse(image, "says " + std::to_string(image.step) + " bytes a row, but a row needs " + std::to_string(row) + ".");
  }
  if (image.step > (size_t{1} << 32)) refuse(image, "has an absurd number of bytes a row.");
  const size_t height = image.height;
  const size_t rows = image.encoding == Encoding::nv12 ? height + (height + 1) / 2 : height;
  const size_t need = (rows - 1) * image.step + row;
  if (image.bytes < need) {
    refuse(image, "needs " + std::to_string(need) + " bytes, but its buffer has " + std::to_string(image.bytes) + ".");
  }
}

}  // namespace goshawk
