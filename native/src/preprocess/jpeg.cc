#include "jpeg.h"

#include <optional>
#include <string>

#include "../base/failure.h"
#include "../base/library.h"

namespace goshawk {

namespace {

// TurboJPEG 2.x API, which 3.x keeps: declared here so that no header is needed where the addon is built.
struct ScalingFactor {
  int numerator;
  int denominator;
};

constexpr int pixel_rgb = 0;
constexpr int error_warning = 0;

struct TurboJpeg {
  void *(*init)();
  int (*destroy)(void *);
  int (*header)(void *, const unsigned char *, unsigned long, int *, int *, int *, int *);
  int (*decompress)(void *, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int);
  char *(*error_text)(void *);
  int (*error_code)(void *);
  ScalingFactor *(*factors)(int *);
  std::string problem;
};

template <typename Function>
bool bind(const Library &library, const char *name, Function &into) {
  into = reinterpret_cast<Function>(library.find(name));
  return into != nullptr;
}

const TurboJpeg &turbo() {
  static const TurboJpeg table = [] {
    TurboJpeg t = {};
    try {
      const Library library("libturbojpeg.so.0");
      if (!bind(library, "tjInitDecompress", t.init) || !bind(library, "tjDestroy", t.destroy) ||
          !bind(library, "tjDecompressHeader3", t.header) || !bind(library, "tjDecompress2", t.decompress) ||
          !bind(library, "tjGetErrorStr2", t.error_text) || !bind(library, "tjGetErrorCode", t.error_code) ||
          !bind(library, "tjGetScalingFactors", t.factors)) {
        t.problem = "libturbojpeg.so.0 is older than 2.0";
      }
    } catch (const Failure &failure) {
      t.problem = failure.what();
    }
    return t;
  }();
  return table;
}

}  // namespace

const std::string &JpegDecoder::unavailable() { return turbo().problem; }

JpegDecoder::~JpegDecoder() {
  if (handle_ != nullptr) turbo().destroy(handle_);
}

void *JpegDecoder::open() {
  if (handle_ != nullptr) return handle_;
  if (!unavailable().empty()) throw Failure("native-no-jpeg", "JPEG frames can't be read here: " + unavailable() + ".");
  handle_ = turbo().init();
  if (handle_ == nullptr) throw Failure("native-no-jpeg", "libjpeg-turbo gave no decoder.");
  return handle_;
}

void JpegDecoder::size(const Image &jpeg, uint32_t &width, uint32_t &height) {
  void *handle = open();
  int w = 0, h = 0, subsampling = 0, colours = 0;
  if (turbo().header(handle, jpeg.data, jpeg.bytes, &w, &h, &subsampling, &colours) != 0) {
    throw Failure("native-bad-jpeg", std::string("The JPEG frame has no readable header: ") + turbo().error_text(handle));
  }
  if (w < 1 || h < 1 || w > int(max_side) || h > int(max_side)) {
    throw Failure("native-bad-jpeg", "The JPEG frame says it is " + std::to_string(w) + "x" + std::to_string(h) + ".");
  }
  width = uint32_t(w);
  height = uint32_t(h);
}

Image JpegDecoder::decode(const Image &jpeg, const InputSpec &spec) {
  uint32_t width = 0, height = 0;
  size(jpeg, width, height);
  const Geometry geometry = letterbox_geometry(int(width), int(height), spec);
  int count = 0;
  const ScalingFactor *factors = turbo().factors(&count);
  int best_width = int(width), best_height = int(height);
  for (int i = 0; i < count; i++) {
    const ScalingFactor f = factors[i];
    // 1/2, 1/4 and 1/8 alone: they have vector code, and a picture that is only a little too large is resized from its
    // full size, as a model's training saw it.
    if (f.numerator != 1) continue;
    // The library's own rounding, TJSCALED.
    const int w = (int(width) * f.numerator + f.denominator - 1) / f.denominator;
    const int h = (int(height) * f.numerator + f.denominator - 1) / f.denominator;
    if (w >= geometry.width && h >= geometry.height && w < best_width) {
      best_width = w;
      best_height = h;
    }
  }
  const size_t step = size_t(best_width) * 3;
  pixels_.resize(step * size_t(best_height));
  // Fast upsampling and DCT are not asked for: they cost accuracy and the time is in the entropy decoder.
  if (turbo().decompress(handle_, jpeg.data, jpeg.bytes, pixels_.data(), best_width, int(step), best_height, pixel_rgb,
                         0) != 0) {
    const std::string words = turbo().error_text(handle_);
    // Cameras write harmless extra bytes, which only warn; half a picture warns too, but is none.
    if (turbo().error_code(handle_) != error_warning || words.find("Premature") != std::string::npos) {
      throw Failure("native-bad-jpeg", "The JPEG frame can't be decoded: " + words);
    }
  }
  Image image;
  image.data = pixels_.data();
  image.bytes = pixels_.size();
  image.width = uint32_t(best_width);
  image.height = uint32_t(best_height);
  image.step = step;
  image.encoding = Encoding::rgb8;
  return image;
}

}  // namespace goshawk
