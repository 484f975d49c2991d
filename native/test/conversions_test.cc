// Cameras' encodings, from buffers that end with the last pixel into buffers that end with the last result.
#include <cstring>
#include <memory>

#include "../src/base/failure.h"
#include "../src/preprocess/convert.h"
#include "check.h"

namespace goshawk::test {

namespace {

void one(Random &random) {
  RawPicture picture;
  picture.encoding = RawEncoding(random.between(0, 17));
  const bool bayer = picture.encoding >= RawEncoding::bayer_rggb8;
  const bool nv21 = picture.encoding == RawEncoding::nv21;
  picture.width = uint32_t(random.between(1, 40)) * 2;
  picture.height = uint32_t(random.between(1, 40)) * 2;
  if (bayer) {
    picture.width += uint32_t(random.between(0, 1));
    picture.height += uint32_t(random.between(0, 1));
  }
  const bool octets = (bayer && picture.encoding < RawEncoding::bayer_rggb16) || nv21;
  const size_t in = picture.encoding <= RawEncoding::bgra8 ? 4 : octets ? 1 : 2;
  const size_t out = picture.encoding <= RawEncoding::bgra8 || bayer           ? 3
                     : picture.encoding == RawEncoding::uyvy                   ? 2
                                                                               : 1;
  const size_t row = picture.width * in;
  const size_t rows = nv21 ? picture.height * 3 / 2 : picture.height;
  picture.step = row + size_t(random.between(0, 5));
  picture.bytes = picture.step * (rows - 1) + row;
  const std::unique_ptr<uint8_t[]> pixels(new uint8_t[picture.bytes]);
  // A flat picture stays flat, also where a mosaic looks beyond its edge.
  const uint8_t level = uint8_t(random.next());
  std::memset(pixels.get(), level, picture.bytes);
  picture.data = pixels.get();
  const size_t result = picture.width * rows * out;
  const std::unique_ptr<uint8_t[]> converted(new uint8_t[result]);
  convert_picture(picture, converted.get(), result);
  for (size_t i = 0; i < result; i++) CHECK(converted[i] == level);

  const auto refused = [&](RawPicture wrong, size_t room) {
    try {
      convert_picture(wrong, converted.get(), room);
    } catch (const Failure &) {
      return true;
    }
    return false;
  };
  RawPicture shorter = picture, narrow = picture, taller = picture;
  shorter.bytes -= 1;
  narrow.step = row - 1;
  taller.height += 2;
  CHECK(refused(shorter, result) && refused(narrow, result) && refused(taller, result) && refused(picture, result - 1));
}

}  // namespace

void conversions(int rounds) {
  Random random(18);
  for (int i = 0; i < rounds; i++) one(random);
  std::printf("conversions of encodings: %d rounds\n", rounds);
}

}  // namespace goshawk::test
