// A message in pieces gives the bytes of the whole one, and the letterbox of a picture in pieces the same bits.
#include <memory>
#include <vector>

#include "../src/dds/piece_table.h"
#include "../src/preprocess/letterbox.h"
#include "check.h"

namespace goshawk::test {

namespace {

/// Each piece in memory of its own size, so that the sanitizer sees who reads past its end.
class Torn : public Pieces {
 public:
  Torn(const std::vector<uint8_t> &message, Random &random, int largest) : whole_(message.size()) {
    for (size_t at = 0; at < message.size();) {
      const size_t overlap = std::min(at, size_t(random.between(0, 3) == 0 ? random.between(0, 40) : 0));
      const size_t begin = at - overlap;
      const size_t end = std::min(message.size(), at + size_t(random.between(1, largest)));
      memory_.emplace_back(new uint8_t[end - begin]);
      std::copy(message.begin() + long(begin), message.begin() + long(end), memory_.back().get());
      CHECK(table_.add(memory_.back().get(), begin, end));
      at = end;
    }
    CHECK(table_.covered() == message.size());
  }
  const uint8_t *data() const { return whole_.data(); }
  const uint8_t *read(const uint8_t *at, size_t bytes, uint8_t *scratch) override {
    const size_t begin = size_t(at - whole_.data());
    if (const uint8_t *found = table_.find(begin, bytes)) return found;
    table_.copy(scratch, begin, begin + bytes);
    return scratch;
  }
  const uint8_t *where(const uint8_t *at) const override { return table_.find(size_t(at - whole_.data()), 1); }
  bool holds(const uint8_t *, size_t) const override { return true; }
  void gather() override { table_.copy(whole_.data(), 0, whole_.size()); }

 private:
  std::vector<uint8_t> whole_;
  std::vector<std::unique_ptr<uint8_t[]>> memory_;
  PieceTable table_;
};

}  // namespace

void pieces(int rounds) {
  Random random(11);
  PieceTable holed;
  const uint8_t some[8] = {};
  CHECK(holed.add(some, 0, 4));
  CHECK(!holed.add(some, 5, 8));
  CHECK(holed.covered() == 4);

  const Encoding encodings[] = {Encoding::rgb8, Encoding::bgr8, Encoding::mono8, Encoding::nv12, Encoding::yuyv};
  for (int round = 0; round < rounds; round++) {
    Image image;
    image.encoding = encodings[random.between(0, 4)];
    image.width = uint32_t(random.between(2, 300));
    image.height = uint32_t(random.between(2, 90));
    image.step = size_t(image.width + 1) * 3 + size_t(random.between(0, 20));
    std::vector<uint8_t> message(image.step * (image.height + (image.height + 1) / 2));
    for (uint8_t &value : message) value = uint8_t(random.next());
    image.bytes = message.size();
    InputSpec spec;
    spec.width = random.between(1, 80);
    spec.height = random.between(1, 80);
    std::vector<float> expected(spec.tensor_bytes() / 4), got(expected.size());
    image.data = message.data();
    Letterbox letterbox(spec, random.between(0, 1) == 0 ? Simd::best : Simd::scalar);
    letterbox.run(image, expected.data());
    Torn torn(message, random, random.between(0, 1) == 0 ? 200 : 20000);
    image.data = torn.data();
    image.pieces = &torn;
    letterbox.run(image, got.data());
    CHECK(got == expected);
    torn.gather();
    CHECK(std::equal(message.begin(), message.end(), torn.data()));
  }
}

}  // namespace goshawk::test
