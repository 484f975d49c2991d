#include "letterbox.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels.h"

namespace goshawk {

size_t dtype_bytes(Dtype dtype) {
  switch (dtype) {
    case Dtype::float32:
    case Dtype::int32: return 4;
    case Dtype::float16: return 2;
    default: return 1;
  }
}

Geometry letterbox_geometry(int source_width, int source_height, const InputSpec &spec) {
  Geometry geometry;
  geometry.source_width = source_width;
  geometry.source_height = source_height;
  if (!spec.fit.keeps_aspect) {
    geometry.width = spec.width;
    geometry.height = spec.height;
    return geometry;
  }
  const double scale = std::min(double(spec.width) / source_width, double(spec.height) / source_height);
  const auto side = [scale](int source, int limit) {
    return std::clamp(int(std::floor(source * scale + 0.5)), 1, limit);
  };
  geometry.width = side(source_width, spec.width);
  geometry.height = side(source_height, spec.height);
  geometry.left = int((spec.width - geometry.width) * spec.fit.left);
  geometry.top = int((spec.height - geometry.height) * spec.fit.top);
  return geometry;
}

const char *simd_name() { return best_kernels().name; }

namespace {

/// Left neighbour and fraction of the right one, as OpenCV's INTER_LINEAR: clamped at both edges.
struct Tap {
  int index;
  double fraction;
};

Tap tap(int out, double scale, int size) {
  const double at = (out + 0.5) * scale - 0.5;
  if (at <= 0) return {0, 0};
  const int index = int(at);
  if (index >= size - 1) return {size - 1, 0};
  return {index, at - index};
}

int values_per_pixel(Encoding encoding) {
  switch (encoding) {
    case Encoding::mono8: return 1;
    case Encoding::rgb8:
    case Encoding::bgr8: return 3;
    default: return 4;
  }
}

/// What is fetched ahead; 0: not worth it.
size_t fetched_bytes_per_pixel(Encoding encoding) {
  switch (encoding) {
    case Encoding::rgb8:
    case Encoding::bgr8: return 3;
    case Encoding::yuyv: return 2;
    // Of its luma.
    case Encoding::nv12: return 1;
    default: return 0;
  }
}

/// Which two rows of the picture an output row lies between.
struct RowPair {
  int index;
  /// Of the second one, of 1 << 15; 0: it is not read.
  int weight;
};

/// The network's value of a channel of the picture, in the picture's order of channels.
struct Channels {
  float alpha[3];
  float beta[3];
  /// Where in the network's order it goes.
  int place[3];
};

/// The three add up to the luma.
Channels luma_of(const Image &image, const InputSpec &spec) {
  constexpr float weights[3] = {0.299f, 0.587f, 0.114f};
  Channels channels;
  for (int c = 0; c < 3; c++) {
    channels.place[c] = c;
    channels.alpha[c] = spec.alpha[0] * weights[image.encoding == Encoding::bgr8 ? 2 - c : c] * sample_unit;
    channels.beta[c] = c == 0 ? spec.beta[0] : 0;
  }
  return channels;
}

Channels channels_of(const Image &image, const InputSpec &spec) {
  if (spec.grey) return luma_of(image, spec);
  const bool swap = (image.encoding == Encoding::bgr8) != spec.bgr && image.encoding != Encoding::mono8;
  Channels channels;
  for (int c = 0; c < 3; c++) {
    channels.place[c] = swap ? 2 - c : c;
    channels.alpha[c] = spec.alpha[channels.place[c]] * sample_unit;
    channels.beta[c] = spec.beta[channels.place[c]];
  }
  return channels;
}

/// Columns of an output row that are computed while the next row is fetched: a few kB of each.
constexpr size_t fetch_columns = 96;
constexpr int32_t cache_line = 64;
/// Where a fetched row goes, as the compiler counts it. The first level can wait for some twenty lines at once; whoever asks
/// for more stands still, and a few kB are more.
constexpr int second_level = 2;

/// Where a row begins; in an image in pieces it may go on elsewhere, which fetching ahead may get wrong.
const uint8_t *place_of(const Image &image, int y) {
  const uint8_t *at = image.data + size_t(y) * image.step;
  return image.pieces == nullptr ? at : image.pieces->where(at);
}

void fetch(const uint8_t *from, const uint8_t *to) {
  for (; from < to; from += cache_line) __builtin_prefetch(from, 0, second_level);
}

}  // namespace

struct Letterbox::State {
  InputSpec spec;
  const Kernels *kernels;
  Geometry geometry;
  int stride = 0;
  std::vector<int32_t> offsets;
  std::vector<uint32_t> weights;
  std::vector<int16_t> row;
  std::vector<uint8_t> converted[2];
  /// Of an image in pieces: rows that lie in two of them, by the parity of their number.
  std::vector<uint8_t> joined[2];
  int converted_row[2] = {-1, -1};
  /// Whose pad is filled for this geometry, where the caller keeps that promise.
  const void *padded = nullptr;
  bool keeps_pad = false;
  std::vector<float> floats[3];
  std::vector<uint8_t> packed;

  int image_width = 0;
  int image_height = 0;

  void prepare(const Image &image, int width, int height);
  RowPair row_pair(const Image &image, int y) const;
  const uint8_t *source_row(const Image &image, int y, int keep);
  void shrink_row(const SourceRows &rows, const Image &image, const RowPair *next, const Channels &channels,
                  float *const *planes);
  void fill(void *destination) const;
  void fill_run(uint8_t *destination, int channel, size_t first, size_t count) const;
  void store(uint8_t *destination, int y);
};

void Letterbox::State::prepare(const Image &image, int width, int height) {
  const int pixel = values_per_pixel(image.encoding);
  if (pixel == stride && image_width == int(image.width) && image_height == int(image.height) &&
      geometry.source_width == width && geometry.source_height == height) {
    return;
  }
  geometry = letterbox_geometry(width, height, spec);
  padded = nullptr;
  stride = pixel;
  image_width = int(image.width);
  image_height = int(image.height);
  offsets.resize(size_t(geometry.width));
  weights.resize(size_t(geometry.width));
  for (int x = 0; x < geometry.width; x++) {
    const Tap t = tap(x, double(image_width) / geometry.width, image_width);
    const uint32_t right = uint32_t(std::lround(t.fraction * 16384));
    // At the right edge: all of the right pixel, so that there always is one.
    const bool last = t.index > 0 && t.index == image_width - 1;
    offsets[size_t(x)] = (last ? t.index - 1 : t.index) * stride;
    weights[size_t(x)] = last ? 16384u << 16 : (16384 - right) | (right << 16);
  }
  row.assign(size_t(image.width) * size_t(stride) + row_slack, 0);
  for (auto &plane : floats) plane.resize(size_t(geometry.width));
  packed.resize(size_t(geometry.width) * 3 * 4);
  if (stride == 4) {
    for (auto &rgbx : converted) rgbx.resize(size_t(image.width) * 4);
  }
}

RowPair Letterbox::State::row_pair(const Image &image, int y) const {
  const Tap t = tap(y, double(image.height) / geometry.height, int(image.height));
  return {t.index, std::min(int(std::lround(t.fraction * 32768)), 32767)};
}

/// The row as rgb8, bgr8, mono8 or, converted, as rgbx. A converted row stays until two others were asked for.
const uint8_t *Letterbox::State::source_row(const Image &image, int y, int keep) {
  const uint8_t *luma = image.data + size_t(y) * image.step;
  if (stride != 4) {
    if (image.pieces == nullptr) return luma;
    const size_t bytes = size_t(image.width) * size_t(stride);
    std::vector<uint8_t> &scratch = joined[y & 1];
    scratch.resize(bytes);
    return image.pieces->read(luma, bytes, scratch.data());
  }
  for (int i = 0; i < 2; i++) {
    if (converted_row[i] == y) return converted[i].data();
  }
  const int slot = converted_row[0] == keep && keep >= 0 ? 1 : 0;
  converted_row[slot] = y;
  uint8_t *out = converted[slot].data();
  if (image.encoding == Encoding::nv12) {
    const size_t row = size_t(y) / 2;
    const uint8_t *chroma = image.chroma != nullptr ? image.chroma + row * image.chroma_step
                                                    : image.data + (size_t(image.height) + row) * image.step;
    kernels->nv12_row(luma, chroma, out, image.width);
  } else {
    kernels->yuyv_row(luma, out, image.width);
  }
  return out;
}

namespace {

/// Half up.
int32_t rounded(float value) { return int32_t(std::floor(value + 0.5f)); }

template <typename Value>
void fill_values(uint8_t *at, Value value, size_t count, size_t step) {
  Value *out = reinterpret_cast<Value *>(at);
  if (step == 1) {
    std::fill(out, out + count, value);
  } else {
    for (size_t i = 0; i < count; i++) out[i * step] = value;
  }
}

}  // namespace

/// Pads `count` pixels of one channel from the pixel with this index on.
void Letterbox::State::fill_run(uint8_t *destination, int channel, size_t first, size_t count) const {
  const float value = float(spec.pad) * spec.alpha[channel] + spec.beta[channel];
  const size_t plane = size_t(spec.width) * size_t(spec.height);
  const bool apart = spec.channels_last && !spec.grey;
  const size_t step = apart ? 3 : 1;
  const size_t index = apart ? first * 3 + size_t(channel) : plane * size_t(channel) + first;
  uint8_t *at = destination + index * dtype_bytes(spec.dtype);
  switch (spec.dtype) {
    case Dtype::float32: return fill_values(at, value, count, step);
    case Dtype::float16: {
      uint16_t half = 0;
      scalar_kernels.to_half(&value, &half, 1);
      return fill_values(at, half, count, step);
    }
    case Dtype::uint8: {
      uint8_t level = 0;
      scalar_kernels.to_uint8(&value, &level, 1);
      return fill_values(at, level, count, step);
    }
    case Dtype::int8: {
      int8_t level = 0;
      scalar_kernels.to_int8(&value, &level, 1);
      return fill_values(at, level, count, step);
    }
    case Dtype::int32: return fill_values(at, rounded(value), count, step);
  }
}

void Letterbox::State::fill(void *destination) const {
  uint8_t *bytes = static_cast<uint8_t *>(destination);
  const size_t width = size_t(spec.width);
  const size_t below = size_t(geometry.top + geometry.height);
  const size_t right = size_t(geometry.left + geometry.width);
  for (int c = 0; c < spec.channels(); c++) {
    fill_run(bytes, c, 0, size_t(geometry.top) * width);
    fill_run(bytes, c, below * width, (size_t(spec.height) - below) * width);
    if (geometry.width == spec.width) continue;
    for (size_t y = size_t(geometry.top); y < below; y++) {
      fill_run(bytes, c, y * width, size_t(geometry.left));
      fill_run(bytes, c, y * width + right, width - right);
    }
  }
}

/// One row of the output from two rows of the picture. The next two lie where no processor looks ahead by itself: asked
/// for piece by piece they come from memory while this row is computed, which more than halves the time of a frame.
void Letterbox::State::shrink_row(const SourceRows &rows, const Image &image, const RowPair *next,
                                  const Channels &channels, float *const *planes) {
  const size_t count = size_t(geometry.width);
  const int32_t pixel = int32_t(fetched_bytes_per_pixel(image.encoding));
  for (size_t x = 0; x < count; x += fetch_columns) {
    const size_t some = std::min(fetch_columns, count - x);
    if (next != nullptr && pixel > 0) {
      const uint8_t *row = place_of(image, next->index);
      const int32_t from = offsets[x] / stride * pixel;
      const int32_t to = x + some < count ? offsets[x + some] / stride * pixel : image_width * pixel;
      fetch(row + from, row + to);
      if (next->weight != 0) {
        const uint8_t *second = place_of(image, next->index + 1);
        fetch(second + from, second + to);
      }
    }
    float *const part[3] = {planes[0] + x, planes[1] + x, planes[2] + x};
    kernels->shrink3(rows, stride, {offsets.data() + x, weights.data() + x, some}, channels.alpha, channels.beta, part);
  }
}

/// From the three float planes of one row to the tensor, for everything but planar float32.
void Letterbox::State::store(uint8_t *destination, int y) {
  const size_t size = dtype_bytes(spec.dtype);
  const size_t count = size_t(geometry.width);
  for (size_t x = 0; spec.grey && x < count; x++) floats[0][x] += floats[1][x] + floats[2][x];
  const bool apart = spec.channels_last && !spec.grey;
  for (int c = 0; c < spec.channels(); c++) {
    const float *in = floats[c].data();
    uint8_t *out = packed.data() + size_t(c) * count * size;
    if (!apart) {
      out = destination + ((size_t(c) * size_t(spec.height) + size_t(y)) * size_t(spec.width) + size_t(geometry.left)) * size;
    }
    switch (spec.dtype) {
      case Dtype::float32: std::memcpy(out, in, count * 4); break;
      case Dtype::float16: kernels->to_half(in, reinterpret_cast<uint16_t *>(out), count); break;
      case Dtype::uint8: kernels->to_uint8(in, out, count); break;
      case Dtype::int8: kernels->to_int8(in, reinterpret_cast<int8_t *>(out), count); break;
      case Dtype::int32: std::transform(in, in + count, reinterpret_cast<int32_t *>(out), rounded); break;
    }
  }
  if (!apart) return;
  uint8_t *out = destination + (size_t(y) * size_t(spec.width) + size_t(geometry.left)) * 3 * size;
  for (size_t x = 0; x < count; x++) {
    for (size_t c = 0; c < 3; c++, out += size) std::memcpy(out, packed.data() + (c * count + x) * size, size);
  }
}

Letterbox::Letterbox(const InputSpec &spec, Simd simd) : state_(new State) {
  state_->spec = spec;
  state_->kernels = simd == Simd::scalar ? &scalar_kernels : &best_kernels();
}
Letterbox::~Letterbox() { delete state_; }
Letterbox::Letterbox(Letterbox &&other) noexcept : state_(other.state_) { other.state_ = nullptr; }
Letterbox &Letterbox::operator=(Letterbox &&other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

void Letterbox::keep_pad() { state_->keeps_pad = true; }

const InputSpec &Letterbox::spec() const { return state_->spec; }

Geometry Letterbox::run(const Image &image, void *destination) {
  return run(image, image.width, image.height, destination);
}

Geometry Letterbox::run(const Image &image, uint32_t width, uint32_t height, void *destination) {
  State &s = *state_;
  const InputSpec &spec = s.spec;
  s.prepare(image, int(width), int(height));
  // What is converted before it is shrunk is read in one piece.
  if (image.pieces != nullptr && s.stride == 4) image.pieces->gather();
  s.converted_row[0] = s.converted_row[1] = -1;
  const Geometry &geometry = s.geometry;
  if (s.padded != destination) s.fill(destination);
  s.padded = s.keeps_pad ? destination : nullptr;

  const Channels channels = channels_of(image, spec);
  const bool direct = spec.dtype == Dtype::float32 && !spec.channels_last && !spec.grey;
  const size_t plane = size_t(spec.width) * size_t(spec.height);
  const Columns columns = {s.offsets.data(), s.weights.data(), size_t(geometry.width)};
  const int32_t row_size = s.image_width * s.stride;
  // Where less than half of a blended row would be looked at.
  const bool sparse = s.stride != 1 && s.image_width >= 2 * geometry.width;
  for (int j = 0; j < geometry.height; j++) {
    const RowPair pair = s.row_pair(image, j);
    const uint8_t *above = s.source_row(image, pair.index, pair.weight == 0 ? -1 : pair.index + 1);
    const uint8_t *below = pair.weight == 0 ? nullptr : s.source_row(image, pair.index + 1, pair.index);
    const SourceRows rows = {above, below, pair.weight, row_size};
    float *planes[3];
    const int y = geometry.top + j;
    for (int c = 0; c < 3; c++) {
      planes[c] = direct ? static_cast<float *>(destination) + size_t(channels.place[c]) * plane +
                               size_t(y) * size_t(spec.width) + size_t(geometry.left)
                         : s.floats[channels.place[c]].data();
    }
    if (sparse) {
      const RowPair next = s.row_pair(image, j + 1);
      s.shrink_row(rows, image, j + 1 < geometry.height ? &next : nullptr, channels, planes);
    } else {
      s.kernels->blend(above, below, pair.weight, s.row.data(), size_t(row_size));
      if (s.stride == 1) {
        s.kernels->sample1(s.row.data(), columns, channels.alpha, channels.beta, planes);
      } else {
        s.kernels->sample3(s.row.data(), s.stride, columns, channels.alpha, channels.beta, planes);
      }
    }
    if (!direct) s.store(static_cast<uint8_t *>(destination), y);
  }
  return geometry;
}

}  // namespace goshawk
