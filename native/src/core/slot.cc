#include "slot.h"

#include <algorithm>
#include <cstring>

#include "../preprocess/half.h"

namespace goshawk {

namespace {

goshawk_dtype raw_dtype(Dtype dtype) {
  switch (dtype) {
    case Dtype::float32: return GOSHAWK_FLOAT32;
    case Dtype::float16: return GOSHAWK_FLOAT16;
    case Dtype::uint8: return GOSHAWK_UINT8;
    case Dtype::int8: return GOSHAWK_INT8;
  }
  return 0;
}

goshawk_encoding raw_encoding(Encoding encoding) {
  switch (encoding) {
    case Encoding::bgr8: return GOSHAWK_BGR8;
    case Encoding::mono8: return GOSHAWK_MONO8;
    case Encoding::nv12: return GOSHAWK_NV12;
    case Encoding::yuyv: return GOSHAWK_YUYV;
    default: return GOSHAWK_RGB8;
  }
}

std::string dims_text(const std::vector<int64_t> &dims) {
  std::string text;
  for (const int64_t side : dims) text += (text.empty() ? "" : " x ") + (side < 0 ? "?" : std::to_string(side));
  return text;
}

size_t value_count(const std::vector<int64_t> &dims) {
  size_t count = 1;
  for (const int64_t side : dims) {
    if (side < 1 || count > (size_t{1} << 32) / size_t(side)) {
      throw Failure("native-model-output", "The shape " + dims_text(dims) + " of a tensor is not usable.");
    }
    count *= size_t(side);
  }
  return count;
}

}  // namespace

Slot::Slot(std::shared_ptr<Engine> engine, const DetectorSpec &spec)
    : engine_(std::move(engine)), context_(engine_), letterbox_(spec.input),
      device_preprocess_(spec.device_preprocess), postprocessor_(spec.decoder) {
  letterbox_.keep_pad();
  const uint32_t in = find(spec.input_tensor, true);
  const uint32_t out = find(spec.output_tensor, false);
  for (const TensorInfo &tensor : engine_->tensors()) {
    if (tensor.is_input && tensor.name != engine_->tensors()[in].name) {
      throw Failure("native-model-input", "The model has a second input, " + tensor.name + "; a detector feeds one.");
    }
  }
  const TensorInfo &declared = engine_->tensors()[in];
  const InputSpec &input = spec.input;
  std::vector<int64_t> shape = {1, 3, input.height, input.width};
  if (input.channels_last) shape = {1, input.height, input.width, 3};
  bool fits = declared.dims.size() == 4 && declared.dtype == raw_dtype(input.dtype);
  for (size_t i = 0; fits && i < 4; i++) fits = declared.dims[i] == shape[i] || declared.dims[i] < 0;
  if (!fits) {
    throw Failure("native-model-input", "The model's input " + declared.name + " is " + dims_text(declared.dims) +
                                            " (type " + std::to_string(declared.dtype) + "), but the contract says " +
                                            dims_text(shape) + " (type " +
                                            std::to_string(raw_dtype(input.dtype)) + ").");
  }
  context_.set_shape(in, shape);
  input_ = std::make_unique<Buffer>(engine_->device(), input.tensor_bytes());
  std::memset(input_->host(), 0, input.tensor_bytes());
  context_.bind(in, *input_);
  context_.prepare();
  for (uint32_t i = 0; i < engine_->tensors().size(); i++) {
    if (engine_->tensors()[i].is_input) continue;
    const TensorInfo info = context_.tensor(i);
    if (i == out) {
      if (info.dtype != GOSHAWK_FLOAT32 && info.dtype != GOSHAWK_FLOAT16) {
        throw Failure("native-model-output", "The model's output " + info.name + " is neither float32 nor float16.");
      }
      check_output(spec.decoder, info.dims);
      output_info_ = info;
    }
    outputs_.push_back(std::make_unique<Buffer>(engine_->device(), value_count(info.dims) * tensor_dtype_bytes(info.dtype)));
    context_.bind(i, *outputs_.back());
    if (i == out) output_ = outputs_.back().get();
  }
  if (!spec.warm_up) return;
  std::string message;
  const goshawk_status status = infer(message);
  if (status != GOSHAWK_OK) throw Failure(status_code(status), "The first run failed: " + message);
}

uint32_t Slot::find(const std::string &name, bool input) const {
  std::string known;
  for (uint32_t i = 0; i < engine_->tensors().size(); i++) {
    const TensorInfo &tensor = engine_->tensors()[i];
    if (tensor.is_input != input) continue;
    if (tensor.name == name) return i;
    known += (known.empty() ? "" : ", ") + tensor.name;
  }
  const std::string kind = input ? "input" : "output";
  throw Failure(input ? "native-model-input" : "native-model-output",
                "The model has no " + kind + " \"" + name + "\"; it has: " + (known.empty() ? "none" : known) + ".");
}

void Slot::preprocess(const Image &image) {
  if (image.encoding != Encoding::jpeg) return fill_input(image, image.width, image.height);
  uint32_t width = 0, height = 0;
  jpeg_.size(image, width, height);
  fill_input(jpeg_.decode(image, letterbox_.spec()), width, height);
}

void Slot::fill_input(const Image &image, uint32_t width, uint32_t height) {
  if (!device_preprocess_) {
    geometry_ = letterbox_.run(image, width, height, input_->host());
    return;
  }
  const InputSpec &spec = letterbox_.spec();
  geometry_ = plan_letterbox(int(width), int(height), spec);
  goshawk_image source = {};
  source.struct_size = sizeof source;
  source.encoding = raw_encoding(image.encoding);
  source.width = image.width;
  source.height = image.height;
  source.step = image.step;
  source.data = image.data;
  source.byte_count = image.bytes;
  goshawk_letterbox box = {};
  box.struct_size = sizeof box;
  box.dtype = raw_dtype(spec.dtype);
  box.channels_last = spec.channels_last ? 1 : 0;
  box.bgr = spec.bgr ? 1 : 0;
  box.width = spec.width;
  box.height = spec.height;
  box.left = geometry_.left;
  box.top = geometry_.top;
  box.resized_width = geometry_.width;
  box.resized_height = geometry_.height;
  box.pad = spec.pad;
  std::copy(spec.alpha, spec.alpha + 3, box.alpha);
  std::copy(spec.beta, spec.beta + 3, box.beta);
  context_.letterbox(source, box, *input_);
}

void Slot::completed(void *user, goshawk_status status, const char *message) {
  Slot &slot = *static_cast<Slot *>(user);
  // Notified under the lock: the waiter may not return, and the slot may not end, before this function is done with it.
  const std::lock_guard<std::mutex> lock(slot.mutex_);
  slot.status_ = status;
  slot.message_ = message != nullptr ? message : "";
  slot.done_ = true;
  slot.answered_.notify_one();
}

goshawk_status Slot::infer(std::string &message) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = false;
  }
  const goshawk_status accepted = context_.submit(completed, this, message);
  if (accepted != GOSHAWK_OK) return accepted;
  std::unique_lock<std::mutex> lock(mutex_);
  answered_.wait(lock, [this] { return done_; });
  message = message_;
  return status_;
}

const float *Slot::output_values() {
  if (output_info_.dtype == GOSHAWK_FLOAT32) return static_cast<const float *>(output_->host());
  const size_t count = value_count(output_info_.dims);
  widened_.resize(count);
  widen(static_cast<const uint16_t *>(output_->host()), widened_.data(), count);
  return widened_.data();
}

void Slot::postprocess(const FrameTask &task, FrameResult &result) {
  DetectOptions options;
  options.decode.score_threshold = task.score_threshold;
  options.decode.multi_label = task.multi_label;
  options.decode.wanted = task.wanted.empty() ? nullptr : task.wanted.data();
  options.iou_threshold = task.iou_threshold;
  options.max_detections = task.max_detections;
  options.max_candidates = task.max_candidates;
  postprocessor_.run(output_values(), output_info_.dims, geometry_, options, result.detections, result.candidates);
  result.invalid = postprocessor_.candidates().invalid;
}

}  // namespace goshawk
