#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "../base/geometry.h"
#include "../base/image.h"

namespace goshawk {

enum class Dtype { float32, float16, uint8, int8, int32 };
/// How a picture is laid into the input: `fits` of src/model/fit.ts.
struct Fit {
  bool keeps_aspect = true;
  /// Share of the pad left of the picture and above it.
  double left = 0.5, top = 0.5;
  bool operator==(const Fit &other) const {
    return keeps_aspect == other.keeps_aspect && left == other.left && top == other.top;
  }
};
inline constexpr std::initializer_list<std::pair<const char *, Fit>> fits = {
    {"center", {true, 0.5, 0.5}}, {"top-left", {true, 0, 0}}, {"stretch", {false, 0, 0}}};

size_t dtype_bytes(Dtype dtype);

/// The network's input: one picture of width x height, three channels, or one where it is grey.
struct InputSpec {
  int width = 0;
  int height = 0;
  bool channels_last = false;
  Dtype dtype = Dtype::float32;
  bool bgr = false;
  /// One channel, BT.601's luma; the first alpha and beta are its.
  bool grey = false;
  Fit fit;
  /// 0..255, before normalisation.
  int pad = 114;
  /// Value of channel c (in the network's order) = pixel 0..255 * alpha[c] + beta[c].
  float alpha[3] = {1, 1, 1};
  float beta[3] = {0, 0, 0};

  int channels() const { return grey ? 1 : 3; }
  size_t tensor_bytes() const { return size_t(width) * size_t(height) * size_t(channels()) * dtype_bytes(dtype); }
};

/// scale = min(W / w, H / h); the resized size is rounded half up and at least 1; an odd pixel of pad goes right and below.
/// A fit that does not keep the aspect fills the whole input.
Geometry letterbox_geometry(int source_width, int source_height, const InputSpec &spec);

/// Which arithmetic to use; `best` asks the CPU. All give the same bits.
enum class Simd { best, scalar };
/// `avx2`, `neon` or `scalar`: what `best` means here.
const char *simd_name();

/// Resizes (bilinear, half-pixel centres as OpenCV's INTER_LINEAR, in fixed point: within 0.02 of a grey level of exact),
/// pads and normalises. Holds the tables of the last size and two rows: one per thread, reused for every frame.
class Letterbox {
 public:
  explicit Letterbox(const InputSpec &spec, Simd simd = Simd::best);
  ~Letterbox();
  Letterbox(Letterbox &&) noexcept;
  Letterbox &operator=(Letterbox &&) noexcept;

  const InputSpec &spec() const;
  /// From here on nobody else writes to a destination: its pad, once filled, is there for the next frame of that size.
  void keep_pad();
  /// Fills `destination` (tensor_bytes of the spec, aligned to 4). The image has passed check_image and is no jpeg.
  Geometry run(const Image &image, void *destination);
  /// The image is a smaller copy of a picture of this size, e.g. decoded at half scale: placed, and mapped back, as that.
  Geometry run(const Image &image, uint32_t width, uint32_t height, void *destination);

 private:
  struct State;
  State *state_;
};

}  // namespace goshawk
