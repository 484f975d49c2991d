// Preprocess and postprocess on buffers of exactly the size that they say, so that one byte too far is found.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "../src/base/failure.h"
#include "../src/postprocess/postprocess.h"
#include "../src/preprocess/jpeg.h"
#include "check.h"
#include "random_head.h"

namespace goshawk::test {

namespace {

/// On the heap and without slack, unlike a vector that grew.
struct Exact {
  explicit Exact(size_t size) : bytes(new uint8_t[size]), size(size) {}
  std::unique_ptr<uint8_t[]> bytes;
  size_t size;
};

size_t needed(const Image &image, size_t row) {
  const size_t rows = image.encoding == Encoding::nv12 ? image.height + (image.height + 1) / 2 : image.height;
  return (rows - 1) * image.step + row;
}

void letterbox(Random &random) {
  const Encoding encodings[] = {Encoding::rgb8, Encoding::bgr8, Encoding::mono8, Encoding::nv12, Encoding::yuyv};
  Image image;
  image.encoding = encodings[random.between(0, 4)];
  image.width = uint32_t(random.between(1, 130));
  image.height = uint32_t(random.between(1, 130));
  const size_t even = image.width + (image.width & 1);
  const size_t row = image.encoding == Encoding::mono8  ? image.width
                     : image.encoding == Encoding::nv12 ? even
                     : image.encoding == Encoding::yuyv ? even * 2
                                                        : image.width * 3;
  image.step = row + size_t(random.between(0, 20));
  Exact pixels(needed(image, row));
  for (size_t i = 0; i < pixels.size; i++) pixels.bytes[i] = uint8_t(random.next());
  image.data = pixels.bytes.get();
  image.bytes = pixels.size;
  check_image(image);

  InputSpec spec;
  spec.width = random.between(8, 100);
  spec.height = random.between(8, 100);
  spec.channels_last = random.between(0, 1) == 1;
  spec.dtype = Dtype(random.between(0, 3));
  spec.bgr = random.between(0, 1) == 1;
  spec.fit = Fit(random.between(0, 2));
  Exact best(spec.tensor_bytes()), scalar(spec.tensor_bytes());
  Letterbox(spec, Simd::best).run(image, best.bytes.get());
  Letterbox(spec, Simd::scalar).run(image, scalar.bytes.get());
  CHECK(std::equal(best.bytes.get(), best.bytes.get() + best.size, scalar.bytes.get()));

  image.bytes -= 1;
  bool refused = false;
  try {
    check_image(image);
  } catch (const Failure &failure) {
    refused = failure.code() == "native-bad-frame";
  }
  CHECK(refused);
}

bool refuses(const HeadSpec &head, const std::vector<TensorShape> &shapes) {
  try {
    check_outputs(head, shapes);
    return false;
  } catch (const Failure &failure) {
    CHECK(failure.code() == "native-model-output");
    return true;
  }
}

/// Whatever a bundle and an engine say: either it is refused, or nothing is read beyond the tensors.
void postprocess(Random &random, int &read) {
  const RandomHead made(random);
  if (refuses(made.head, made.shapes)) return;
  size_t values = 0;
  for (const TensorShape &shape : made.shapes) {
    size_t count = 1;
    for (const int64_t side : shape.dims) count *= size_t(side);
    values = std::max(values, count);
  }
  // Right, and too large to be tried.
  if (values > 1000000) return;
  read += 1;
  std::vector<std::unique_ptr<float[]>> tensors;
  std::vector<const float *> data;
  for (const std::string &name : made.head.tensors()) {
    size_t count = 1;
    for (const int64_t side : made.shapes[index_of(made.shapes, name)].dims) count *= size_t(side);
    tensors.emplace_back(new float[count]);
    data.push_back(tensors.back().get());
    for (size_t i = 0; i < count; i++) {
      float &value = tensors.back()[i];
      value = random.unit() * (random.between(0, 3) == 0 ? 90.0f : 1.0f);
      if (random.between(0, 200) == 0) value = std::numeric_limits<float>::quiet_NaN();
      if (random.between(0, 200) == 0) value = -std::numeric_limits<float>::infinity();
    }
  }
  InputSpec input;
  input.width = int(made.head.input_width);
  input.height = int(made.head.input_height);
  const std::vector<uint8_t> wanted(size_t(made.head.class_count), 1);
  DetectOptions options;
  options.decode.score_threshold = 0.3;
  options.decode.multi_label = random.between(0, 1) == 1;
  options.decode.wanted = random.between(0, 1) == 1 ? wanted.data() : nullptr;
  Postprocessor postprocessor(made.head, made.shapes);
  Found found;
  postprocessor.run(data.data(), letterbox_geometry(333, 217, input), options, found);
  CHECK(found.detections.size() <= options.max_detections);
  CHECK(found.masks.size() == (made.head.masks || (made.head.map && !made.head.depth) ? found.detections.size() : 0));
  size_t cells = 0;
  for (const Mask &mask : found.masks) cells += size_t(mask.columns) * mask.rows;
  CHECK(found.mask_values.size() == cells);
  CHECK(found.points.size() == (made.head.keypoints && !made.head.map ? found.detections.size() * made.head.keypoints->count : 0));
  CHECK(found.vector.empty() == (!made.head.vector || found.detections.empty()));
  CHECK(found.text.empty() || (made.head.text && found.detections.size() == 1));
  for (const uint32_t label : found.text) CHECK(label < uint32_t(made.head.class_count));
  if (made.head.regions) CHECK(found.rotated.size() == found.detections.size());
  for (const Detection &d : found.detections) {
    CHECK(d.x1 >= 0 && d.x1 < d.x2 && d.x2 <= 333 && d.y1 >= 0 && d.y1 < d.y2 && d.y2 <= 217);
    CHECK(d.class_id >= 0 && d.class_id < made.head.class_count && d.score <= 1);
  }
}

void noise_as_jpeg(Random &random, JpegDecoder &decoder) {
  if (!JpegDecoder::unavailable().empty()) return;
  Exact bytes(size_t(random.between(1, 400)));
  for (size_t i = 0; i < bytes.size; i++) bytes.bytes[i] = uint8_t(random.next());
  if (bytes.size > 3) {
    bytes.bytes[0] = 0xff;
    bytes.bytes[1] = 0xd8;
    bytes.bytes[2] = 0xff;
  }
  Image image;
  image.encoding = Encoding::jpeg;
  image.data = bytes.bytes.get();
  image.bytes = bytes.size;
  InputSpec spec;
  spec.width = spec.height = 64;
  try {
    decoder.decode(image, spec);
    CHECK(false);
  } catch (const Failure &failure) {
    CHECK(failure.code() == "native-bad-jpeg");
  }
}

}  // namespace

void stages(int rounds) {
  Random random(20261);
  JpegDecoder decoder;
  int read = 0;
  for (int i = 0; i < rounds; i++) {
    letterbox(random);
    // Many heads are refused, and reading them costs little.
    for (int k = 0; k < 20; k++) postprocess(random, read);
    noise_as_jpeg(random, decoder);
  }
  // A fuzzer whose heads were all refused would have looked at nothing.
  CHECK(read > 3 * rounds);
  std::printf("stages: %d rounds with %s, %d of %d heads read\n", rounds, simd_name(), read, 20 * rounds);
}

}  // namespace goshawk::test
