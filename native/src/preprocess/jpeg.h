#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "letterbox.h"

namespace goshawk {

/// libjpeg-turbo, looked for at run time so that the addon loads without it. One per thread.
class JpegDecoder {
 public:
  JpegDecoder() = default;
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder &) = delete;
  JpegDecoder &operator=(const JpegDecoder &) = delete;

  /// "" where JPEG can be read, else why not, in the loader's words.
  static const std::string &unavailable();

  /// Size in the header. Throws Failure `native-bad-jpeg` or `native-no-jpeg`.
  void size(const Image &jpeg, uint32_t &width, uint32_t &height);

  /// Decodes to rgb8 at the smallest of the scales 1/8, 1/4, 1/2 and 1 (done in the DCT, for a fraction of the time) that is not
  /// smaller than the picture in the network's input. The image points into this decoder until the next call.
  Image decode(const Image &jpeg, const InputSpec &spec);

 private:
  void *open();
  void *handle_ = nullptr;
  std::vector<uint8_t> pixels_;
};

}  // namespace goshawk
