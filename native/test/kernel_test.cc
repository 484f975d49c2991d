// The CUDA kernel's source compiled for the CPU and compared with the letterbox in fixed point: no GPU is needed to know
// that its arithmetic is right.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "../src/base/half.h"
#include "../src/preprocess/kernels.h"
#include "../src/preprocess/letterbox.h"
#include "check.h"

#define __device__
#define __global__

namespace {

struct Index {
  unsigned x = 0, y = 0;
};
Index blockIdx, threadIdx;
constexpr struct {
  unsigned x = 1, y = 1;
} blockDim;

struct __half {
  uint16_t bits;
};
[[maybe_unused]] __half __float2half_rn(float value) {
  __half out;
  goshawk::scalar_kernels.to_half(&value, &out.bits, 1);
  return out;
}
using std::max;
using std::min;

}  // namespace

#include "../plugins/tensorrt/letterbox.cu"

namespace goshawk::test {

namespace {

float value_at(const uint8_t *tensor, Dtype dtype, size_t index) {
  switch (dtype) {
    case Dtype::float32: {
      float value;
      std::memcpy(&value, tensor + index * 4, 4);
      return value;
    }
    case Dtype::float16: {
      uint16_t bits;
      float value;
      std::memcpy(&bits, tensor + index * 2, 2);
      widen(&bits, &value, 1);
      return value;
    }
    case Dtype::uint8: return tensor[index];
    case Dtype::int8: return float(int8_t(tensor[index]));
  }
  return 0;
}

/// As a decoder's buffer has them: other pitches, the chroma elsewhere; the same bits.
void compare_planes(const Image &image, const goshawk_letterbox &box, const uint8_t *expected, const InputSpec &spec) {
  const size_t luma_pitch = image.width + 5, chroma_pitch = image.width + 11;
  std::vector<uint8_t> luma(luma_pitch * image.height), chroma(chroma_pitch * image.height / 2);
  for (size_t y = 0; y < image.height; y++) std::memcpy(&luma[y * luma_pitch], image.data + y * image.step, image.width);
  for (size_t y = 0; y < image.height / 2; y++)
    std::memcpy(&chroma[y * chroma_pitch], image.data + (image.height + y) * image.step, image.width);
  std::vector<uint8_t> actual(spec.tensor_bytes());
  for (blockIdx.y = 0; blockIdx.y < unsigned(spec.height) + 3; blockIdx.y++) {
    for (blockIdx.x = 0; blockIdx.x < unsigned(spec.width) + 3; blockIdx.x++) {
      goshawk_letterbox_planes_kernel(luma.data(), luma_pitch, chroma.data(), chroma_pitch, image.width, image.height, box,
                                      actual.data());
    }
  }
  CHECK(std::memcmp(actual.data(), expected, actual.size()) == 0);
}

void compare(Random &random) {
  const Encoding encodings[] = {Encoding::rgb8, Encoding::bgr8, Encoding::mono8, Encoding::nv12, Encoding::yuyv};
  const goshawk_encoding raw[] = {GOSHAWK_RGB8, GOSHAWK_BGR8, GOSHAWK_MONO8, GOSHAWK_NV12, GOSHAWK_YUYV};
  const int which = random.between(0, 4);
  Image image;
  image.encoding = encodings[which];
  image.width = uint32_t(random.between(1, 90));
  image.height = uint32_t(random.between(1, 90));
  image.step = (image.width + 1) * 3 + size_t(random.between(0, 9));
  image.bytes = image.step * (image.height + image.height / 2 + 1);
  const std::unique_ptr<uint8_t[]> pixels(new uint8_t[image.bytes]);
  for (size_t i = 0; i < image.bytes; i++) pixels[i] = uint8_t(random.next());
  image.data = pixels.get();

  InputSpec spec;
  spec.width = random.between(8, 60);
  spec.height = random.between(8, 60);
  spec.channels_last = random.between(0, 1) == 1;
  spec.bgr = random.between(0, 1) == 1;
  spec.fit = (fits.begin() + random.between(0, int(fits.size()) - 1))->second;
  spec.dtype = Dtype(random.between(0, 3));
  const std::unique_ptr<uint8_t[]> expected(new uint8_t[spec.tensor_bytes()]), actual(new uint8_t[spec.tensor_bytes()]);
  const Geometry plan = Letterbox(spec).run(image, expected.get());

  const goshawk_dtype dtypes[] = {GOSHAWK_FLOAT32, GOSHAWK_FLOAT16, GOSHAWK_UINT8, GOSHAWK_INT8};
  const goshawk_image source = {sizeof(goshawk_image), raw[which], image.width, image.height, image.step, image.data, image.bytes};
  goshawk_letterbox box = {};
  box.dtype = dtypes[int(spec.dtype)];
  box.channels_last = spec.channels_last;
  box.bgr = spec.bgr;
  box.width = spec.width;
  box.height = spec.height;
  box.left = plan.left;
  box.top = plan.top;
  box.resized_width = plan.width;
  box.resized_height = plan.height;
  box.pad = spec.pad;
  std::copy(spec.alpha, spec.alpha + 3, box.alpha);
  std::copy(spec.beta, spec.beta + 3, box.beta);
  for (blockIdx.y = 0; blockIdx.y < unsigned(spec.height) + 3; blockIdx.y++) {
    for (blockIdx.x = 0; blockIdx.x < unsigned(spec.width) + 3; blockIdx.x++) {
      goshawk_letterbox_kernel(image.data, source, box, actual.get());
    }
  }
  if (image.encoding == Encoding::nv12 && image.width % 2 == 0 && image.height % 2 == 0) compare_planes(image, box, actual.get(), spec);
  const size_t count = size_t(spec.width) * size_t(spec.height) * 3;
  // Rounding to whole levels may fall to either side; a float16 near 255 is itself rounded to an eighth.
  const float slack = spec.dtype == Dtype::float32 ? 0.05f : spec.dtype == Dtype::float16 ? 0.2f : 1.0f;
  for (size_t i = 0; i < count; i++) {
    CHECK(std::fabs(value_at(actual.get(), spec.dtype, i) - value_at(expected.get(), spec.dtype, i)) <= slack);
  }
}

}  // namespace

void kernel(int rounds) {
  Random random(20262);
  for (int i = 0; i < rounds; i++) compare(random);
  std::printf("cuda kernel on the CPU: %d rounds\n", rounds);
}

}  // namespace goshawk::test
