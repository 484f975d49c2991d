#include "convert.h"

#include <algorithm>
#include <cmath>

#include "../preprocess/thumbnail.h"

namespace goshawk::bindings {

Napi::Error to_error(Napi::Env env, const std::string &code, const std::string &message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Value().Set("code", Napi::String::New(env, code));
  return error;
}

void misuse(Napi::Env env, const std::string &key, const std::string &expected) {
  throw Napi::TypeError::New(env, "\"" + key + "\" must be " + expected + ".");
}

namespace {

void three(const Napi::Object &object, const char *key, double *out) {
  const Napi::Value value = get(object, key);
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 3) misuse(object.Env(), key, "three numbers");
  for (uint32_t c = 0; c < 3; c++) out[c] = value.As<Napi::Array>().Get(c).ToNumber().DoubleValue();
}

}  // namespace

Napi::Value get(const Napi::Object &object, const char *key) { return object.Get(key); }

double get_number(const Napi::Object &object, const char *key) {
  const Napi::Value value = get(object, key);
  if (!value.IsNumber()) misuse(object.Env(), key, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

int get_int(const Napi::Object &object, const char *key) {
  const double value = get_number(object, key);
  if (!(value >= -2147483648.0 && value <= 2147483647.0) || value != std::floor(value)) {
    misuse(object.Env(), key, "a whole number");
  }
  return int(value);
}

bool get_bool(const Napi::Object &object, const char *key) {
  const Napi::Value value = get(object, key);
  if (!value.IsBoolean()) misuse(object.Env(), key, "true or false");
  return value.As<Napi::Boolean>().Value();
}

std::string get_string(const Napi::Object &object, const char *key) {
  const Napi::Value value = get(object, key);
  if (!value.IsString()) misuse(object.Env(), key, "a string");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Object get_object(const Napi::Object &object, const char *key) {
  const Napi::Value value = get(object, key);
  if (!value.IsObject()) misuse(object.Env(), key, "an object");
  return value.As<Napi::Object>();
}

Options get_options(const Napi::Object &object, const char *key) {
  Options options;
  const Napi::Object table = get_object(object, key);
  const Napi::Array names = table.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    const Napi::Value name = names.Get(i);
    options.emplace_back(name.ToString().Utf8Value(), table.Get(name).ToString().Utf8Value());
  }
  return options;
}

Image image_of(const Napi::Uint8Array &bytes, double width, double height, double step, Encoding encoding) {
  // Out-of-range values become sizes that check_image refuses.
  const auto side = [](double value) { return value >= 0 && value <= 1e9 ? uint32_t(value) : uint32_t(1e9); };
  Image image;
  image.data = bytes.Data();
  image.bytes = bytes.ByteLength();
  image.width = side(width);
  image.height = side(height);
  image.step = step >= 0 && step <= 1e12 ? size_t(step) : 0;
  image.encoding = encoding;
  return image;
}

Image to_image(const Napi::Object &object) {
  return image_of(bytes_of(get(object, "data"), "data"), get_number(object, "width"), get_number(object, "height"),
                  get_number(object, "step"),
                  choose<Encoding>(object, "encoding",
                                   {{"rgb8", Encoding::rgb8},
                                    {"bgr8", Encoding::bgr8},
                                    {"mono8", Encoding::mono8},
                                    {"nv12", Encoding::nv12},
                                    {"yuyv", Encoding::yuyv},
                                    {"jpeg", Encoding::jpeg}}));
}

InputSpec to_input(const Napi::Object &object) {
  InputSpec input;
  input.width = get_int(object, "width");
  input.height = get_int(object, "height");
  if (input.width < 1 || input.height < 1 || input.width > 8192 || input.height > 8192) {
    misuse(object.Env(), "width and height", "1 to 8192");
  }
  input.channels_last = choose<bool>(object, "layout", {{"nchw", false}, {"nhwc", true}});
  input.dtype = choose<Dtype>(object, "dtype",
                              {{"float32", Dtype::float32},
                               {"float16", Dtype::float16},
                               {"uint8", Dtype::uint8},
                               {"int8", Dtype::int8},
                               {"int32", Dtype::int32}});
  enum class Order { rgb, bgr, grey };
  const Order order = choose<Order>(object, "colorOrder", {{"rgb", Order::rgb}, {"bgr", Order::bgr}, {"grey", Order::grey}});
  input.bgr = order == Order::bgr;
  input.grey = order == Order::grey;
  input.fit = choose<Fit>(object, "fit", fits);
  input.pad = get_int(object, "pad");
  if (input.pad < 0 || input.pad > 255) misuse(object.Env(), "pad", "0 to 255");
  double mean[3], deviation[3];
  three(object, "mean", mean);
  three(object, "std", deviation);
  const double scale = get_number(object, "scale");
  for (int c = 0; c < 3; c++) {
    input.alpha[c] = float(scale / deviation[c]);
    input.beta[c] = float(-mean[c] / deviation[c]);
  }
  return input;
}

void to_settings(const Napi::Object &object, int class_count, FrameTask &task) {
  task.score_threshold = get_number(object, "scoreThreshold");
  task.iou_threshold = get_number(object, "iouThreshold");
  task.max_detections = bounded_count(get_number(object, "maxDetections"));
  task.max_candidates = bounded_count(get_number(object, "maxCandidates"));
  task.multi_label = get_bool(object, "multiLabel");
  const Napi::Value wanted = get(object, "wanted");
  if (!wanted.IsUndefined()) task.wanted = wanted_classes(wanted, class_count);
}

uint32_t bounded_count(double value) { return value >= 0 && value <= 1e6 ? uint32_t(value) : uint32_t(1e6); }

Napi::Uint8Array bytes_of(const Napi::Value &value, const char *name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    misuse(value.Env(), name, "a Uint8Array");
  }
  return value.As<Napi::Uint8Array>();
}

Napi::Uint8Array thumbnail_of(const Napi::Value &value) {
  const Napi::Uint8Array bytes = bytes_of(value, "thumbnail");
  if (bytes.ByteLength() != thumbnail_bytes) misuse(value.Env(), "thumbnail", "a Uint8Array of the size of a thumbnail");
  return bytes;
}

std::vector<uint8_t> wanted_classes(const Napi::Value &value, int class_count) {
  const Napi::Uint8Array bytes = bytes_of(value, "wanted");
  if (bytes.ByteLength() != size_t(class_count)) misuse(value.Env(), "wanted", "a Uint8Array with one byte per class");
  return std::vector<uint8_t>(bytes.Data(), bytes.Data() + bytes.ByteLength());
}

Napi::Float64Array from_found(Napi::Env env, const Found &found, std::initializer_list<double> head,
                              const std::vector<float> &embedding) {
  const size_t points = found.points.size() * 3;
  const size_t depths = found.depth ? 1 : 0;
  const size_t numbers =
      head.size() + 8 + embedding.size() + found.vector.size() + found.text.size() + found.detections.size() * 6 + points + found.rotated.size() * 5 + (found.masks.size() + depths) * 6;
  const size_t mask_numbers = (found.mask_values.size() + 7) / 8;
  const size_t depth_numbers = (found.depth_values.size() + 1) / 2;
  size_t raw_numbers = 0;
  for (const RawTensor &raw : found.raw) raw_numbers += 2 + raw.dims.size() + (raw.bytes.size() + 7) / 8;
  Napi::Float64Array out = Napi::Float64Array::New(env, numbers + mask_numbers + depth_numbers + raw_numbers);
  double *at = std::copy(head.begin(), head.end(), out.Data());
  *at++ = double(found.detections.size());
  *at++ = double(points);
  *at++ = double(found.masks.size());
  *at++ = double(depths);
  *at++ = double(found.rotated.size());
  *at++ = double(found.raw.size());
  *at++ = double(found.vector.size());
  *at++ = double(found.text.size());
  at = std::copy(embedding.begin(), embedding.end(), at);
  for (const Detection &detection : found.detections) {
    *at++ = detection.class_id;
    *at++ = double(detection.score);
    *at++ = detection.x1;
    *at++ = detection.y1;
    *at++ = detection.x2;
    *at++ = detection.y2;
  }
  for (const Keypoint &point : found.points) {
    *at++ = point.x;
    *at++ = point.y;
    *at++ = point.score;
  }
  for (const auto &[cx, cy, width, height, angle] : found.rotated) {
    for (const double value : {cx, cy, width, height, angle}) *at++ = value;
  }
  at = std::copy(found.vector.begin(), found.vector.end(), at);
  at = std::copy(found.text.begin(), found.text.end(), at);
  const auto append = [&at](const Grid &grid) {
    for (const double value : {grid.x, grid.y, grid.cell_width, grid.cell_height, double(grid.columns), double(grid.rows)}) {
      *at++ = value;
    }
  };
  for (const Mask &mask : found.masks) append(mask);
  if (found.depth) append(*found.depth);
  std::copy(found.mask_values.begin(), found.mask_values.end(), reinterpret_cast<uint8_t *>(at));
  std::copy(found.depth_values.begin(), found.depth_values.end(), reinterpret_cast<float *>(at + mask_numbers));
  at += mask_numbers + depth_numbers;
  for (const RawTensor &raw : found.raw) {
    *at++ = double(raw.dtype);
    *at++ = double(raw.dims.size());
    for (const int64_t side : raw.dims) *at++ = double(side);
    std::copy(raw.bytes.begin(), raw.bytes.end(), reinterpret_cast<uint8_t *>(at));
    at += (raw.bytes.size() + 7) / 8;
  }
  return out;
}

}  // namespace goshawk::bindings
