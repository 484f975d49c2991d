#include "head_value.h"

#include <cmath>
#include <cstring>

namespace goshawk::bindings {

namespace {

using Activation = HeadSpec::Activation;

constexpr size_t most = 1000000;

bool has(const Napi::Object &object, const char *key) { return !get(object, key).IsUndefined(); }

double number_or(const Napi::Object &object, const char *key, double fallback) {
  return has(object, key) ? get_number(object, key) : fallback;
}

bool bool_or(const Napi::Object &object, const char *key, bool fallback) {
  return has(object, key) ? get_bool(object, key) : fallback;
}

size_t get_count(const Napi::Object &object, const char *key, size_t least = 0) {
  const double value = get_number(object, key);
  if (!(value >= double(least) && value <= double(most)) || value != std::floor(value)) {
    misuse(object.Env(), key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return size_t(value);
}

Napi::Array get_array(const Napi::Object &object, const char *key) { return array_of(get(object, key), key); }

Activation activation_of(const Napi::Object &object) {
  if (!has(object, "activation")) return Activation::none;
  return choose<Activation>(object, "activation",
                            {{"sigmoid", Activation::sigmoid},
                             {"tanh", Activation::tanh},
                             {"exp", Activation::exp},
                             {"softmax", Activation::softmax}});
}

HeadSpec::Output to_output(const Napi::Object &object) {
  HeadSpec::Output output;
  const Napi::Array names = get_array(object, "tensors");
  for (uint32_t i = 0; i < names.Length(); i++) output.tensors.push_back(names.Get(i).ToString().Utf8Value());
  output.axis = choose<HeadSpec::Axis>(
      object, "axis",
      {{"last", HeadSpec::Axis::last},
       {"first", HeadSpec::Axis::first},
       {"none", HeadSpec::Axis::none},
       {"all", HeadSpec::Axis::all}});
  output.values = get_count(object, "values", 1);
  output.unbatched = bool_or(object, "unbatched", false);
  return output;
}

HeadSpec::Transform to_transform(const Napi::Object &boxes, const char *key) {
  HeadSpec::Transform transform;
  if (!has(boxes, key)) return transform;
  const Napi::Object object = get_object(boxes, key);
  transform.gain = number_or(object, "gain", 1);
  transform.activation = activation_of(object);
  transform.scale = number_or(object, "scale", 1);
  transform.bias = number_or(object, "bias", 0);
  transform.power = number_or(object, "power", 1);
  return transform;
}

HeadSpec::Unit unit_of(const Napi::Object &boxes, const char *key) {
  using Unit = HeadSpec::Unit;
  return choose<Unit>(boxes, key,
                      {{"pixels", Unit::pixels}, {"fraction", Unit::fraction}, {"cells", Unit::cells}, {"anchor", Unit::anchor}});
}

HeadSpec::Boxes to_boxes(const Napi::Object &object) {
  using Format = HeadSpec::Format;
  HeadSpec::Boxes boxes;
  boxes.output = get_count(object, "output");
  boxes.at = get_count(object, "at");
  boxes.format = choose<Format>(object, "format",
                                {{"cxcywh", Format::cxcywh}, {"xyxy", Format::xyxy}, {"yxyx", Format::yxyx}, {"ltrb", Format::ltrb}});
  boxes.unit = unit_of(object, "unit");
  boxes.size_unit = unit_of(object, has(object, "sizeUnit") ? "sizeUnit" : "unit");
  boxes.relative = bool_or(object, "relative", false);
  if (has(object, "bins")) boxes.bins = get_count(object, "bins", 1);
  boxes.centre = to_transform(object, "centre");
  boxes.size = to_transform(object, "size");
  return boxes;
}

HeadSpec::Score to_score(const Napi::Object &object) {
  using Background = HeadSpec::Background;
  HeadSpec::Score score;
  score.output = get_count(object, "output");
  score.at = get_count(object, "at");
  score.activation = activation_of(object);
  score.power = number_or(object, "power", 1);
  if (has(object, "background")) {
    score.background =
        choose<Background>(object, "background", {{"before", Background::before}, {"after", Background::after}});
  }
  return score;
}

HeadSpec::Grid to_grid(const Napi::Object &object) {
  HeadSpec::Grid grid;
  const Napi::Array strides = get_array(object, "strides");
  for (uint32_t i = 0; i < strides.Length(); i++) {
    const double stride = strides.Get(i).ToNumber().DoubleValue();
    if (!(stride >= 1 && stride <= 8192) || stride != std::floor(stride)) misuse(object.Env(), "strides", "whole numbers from 1");
    grid.strides.push_back(uint32_t(stride));
  }
  grid.offset = number_or(object, "offset", 0);
  if (has(object, "anchors")) {
    const Napi::Array levels = get_array(object, "anchors");
    for (uint32_t i = 0; i < levels.Length(); i++) {
      const Napi::Array level = array_of(levels.Get(i), "anchors");
      std::vector<HeadSpec::Anchor> &anchors = grid.anchors.emplace_back();
      for (uint32_t k = 0; k < level.Length(); k++) {
        const Napi::Array sides = array_of(level.Get(k), "anchors");
        anchors.push_back({sides.Get(0u).ToNumber().DoubleValue(), sides.Get(1u).ToNumber().DoubleValue()});
      }
    }
  }
  if (has(object, "order")) grid.by_anchor = choose<bool>(object, "order", {{"cells", false}, {"anchors", true}});
  return grid;
}

template <typename Value>
void append(std::vector<uint8_t> &bytes, double number) {
  const Value value = Value(number);
  const size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(&bytes[at], &value, sizeof value);
}

}  // namespace

Napi::Array array_of(const Napi::Value &value, const char *name) {
  if (!value.IsArray()) misuse(value.Env(), name, "an array");
  return value.As<Napi::Array>();
}

HeadSpec to_head(const Napi::Object &object, int class_count, const InputSpec &input) {
  HeadSpec head;
  head.input_width = uint32_t(input.width);
  head.input_height = uint32_t(input.height);
  head.class_count = class_count;
  if (class_count < 1 || class_count > 100000) misuse(object.Env(), "classCount", "1 to 100000");
  const Napi::Array outputs = get_array(object, "outputs");
  for (uint32_t i = 0; i < outputs.Length(); i++) head.outputs.push_back(to_output(outputs.Get(i).As<Napi::Object>()));
  if (has(object, "boxes")) head.boxes = to_boxes(get_object(object, "boxes"));
  head.has_scores = has(object, "scores");
  if (head.has_scores) head.scores = to_score(get_object(object, "scores"));
  if (has(object, "objectness")) head.objectness = to_score(get_object(object, "objectness"));
  if (has(object, "classes")) {
    const Napi::Object classes = get_object(object, "classes");
    head.classes = HeadSpec::Classes{get_count(classes, "output"), get_count(classes, "at"), number_or(classes, "first", 0)};
  }
  if (has(object, "count")) head.count = get_count(get_object(object, "count"), "output");
  if (has(object, "keypoints")) {
    const Napi::Object points = get_object(object, "keypoints");
    head.keypoints = HeadSpec::Keypoints{get_count(points, "output"), get_count(points, "at"), get_count(points, "count", 1),
                                         get_count(points, "values", 2), unit_of(points, "unit"), bool_or(points, "relative", false), false};
    if (has(points, "order")) head.keypoints->swapped = choose<bool>(points, "order", {{"xy", false}, {"yx", true}});
  }
  head.raw = has(object, "raw");
  if (has(object, "vector")) {
    const Napi::Object vector = get_object(object, "vector");
    head.vector = HeadSpec::Vector{get_count(vector, "output"), get_count(vector, "at"), get_count(vector, "length", 1),
                                   has(vector, "normalise")};
  }
  if (has(object, "text")) {
    const Napi::Object text = get_object(object, "text");
    head.text = HeadSpec::Text{get_count(text, "output"), get_count(text, "at"),
                               choose<bool>(text, "blank", {{"first", true}, {"last", false}}),
                               activation_of(text) == Activation::softmax};
  }
  if (has(object, "regions")) {
    const Napi::Object regions = get_object(object, "regions");
    head.regions = HeadSpec::Regions{get_count(regions, "output"), get_count(regions, "at"), get_number(regions, "threshold"),
                                     get_number(regions, "grow")};
  }
  if (has(object, "simcc")) {
    const Napi::Object simcc = get_object(object, "simcc");
    head.simcc = HeadSpec::Simcc{get_count(simcc, "x"), get_count(simcc, "y")};
  }
  if (has(object, "angle")) {
    const Napi::Object angle = get_object(object, "angle");
    head.angle = HeadSpec::Place{get_count(angle, "output"), get_count(angle, "at")};
  }
  if (has(object, "masks")) {
    const Napi::Object masks = get_object(object, "masks");
    head.masks = HeadSpec::Masks{get_count(masks, "output"), get_count(masks, "at"), get_count(masks, "prototypes")};
  }
  if (has(object, "grid")) head.grid = to_grid(get_object(object, "grid"));
  head.map = bool_or(object, "map", false);
  if (has(object, "depth")) {
    const Napi::Object depth = get_object(object, "depth");
    head.depth = HeadSpec::Depth{get_count(depth, "output"), get_count(depth, "at"),
                                 choose<bool>(depth, "gives", {{"metres", true}, {"disparity", false}}),
                                 to_transform(depth, "value")};
  }
  head.final = bool_or(object, "final", false);
  return head;
}

std::vector<ConstantInput> to_constants(const Napi::Object &input) {
  std::vector<ConstantInput> constants;
  if (!has(input, "constants")) return constants;
  const Napi::Array list = get_array(input, "constants");
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Object object = list.Get(i).As<Napi::Object>();
    ConstantInput &constant = constants.emplace_back();
    constant.tensor = get_string(object, "tensor");
    constant.dtype = choose<goshawk_dtype>(
        object, "dtype", {{"float32", GOSHAWK_FLOAT32}, {"int32", GOSHAWK_INT32}, {"int64", GOSHAWK_INT64}});
    const Napi::Array shape = get_array(object, "shape");
    for (uint32_t k = 0; k < shape.Length(); k++) constant.dims.push_back(shape.Get(k).ToNumber().Int64Value());
    const Napi::Array values = get_array(object, "values");
    // What every one of these integers can hold.
    const double largest = constant.dtype == GOSHAWK_INT32 ? 2147483647.0 : 9007199254740991.0;
    for (uint32_t k = 0; k < values.Length(); k++) {
      const double value = values.Get(k).ToNumber().DoubleValue();
      if (constant.dtype == GOSHAWK_FLOAT32) {
        append<float>(constant.bytes, value);
        continue;
      }
      if (!(std::abs(value) <= largest) || value != std::floor(value)) misuse(object.Env(), "values", "whole numbers");
      if (constant.dtype == GOSHAWK_INT32) append<int32_t>(constant.bytes, value);
      if (constant.dtype == GOSHAWK_INT64) append<int64_t>(constant.bytes, value);
    }
  }
  return constants;
}

}  // namespace goshawk::bindings
