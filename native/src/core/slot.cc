#include "slot.h"

#include <algorithm>
#include <cstring>

#include "../base/half.h"
#include "../preprocess/thumbnail.h"

namespace goshawk {

namespace {

/// As in src/perception/decode/check-head.ts, for shapes that a model leaves open.
constexpr size_t most_embedding = 2048;

goshawk_dtype raw_dtype(Dtype dtype) {
  switch (dtype) {
    case Dtype::float32: return GOSHAWK_FLOAT32;
    case Dtype::float16: return GOSHAWK_FLOAT16;
    case Dtype::uint8: return GOSHAWK_UINT8;
    case Dtype::int8: return GOSHAWK_INT8;
    case Dtype::int32: return GOSHAWK_INT32;
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

/// Tight nv12 of even sides.
void join_planes(const PicturePlanes &planes, size_t width, size_t height, std::vector<uint8_t> &out) {
  out.resize(width * height * 3 / 2);
  for (size_t y = 0; y < height; y++) std::memcpy(&out[y * width], planes.luma + y * planes.luma_step, width);
  for (size_t y = 0; y < height / 2; y++) {
    std::memcpy(&out[(height + y) * width], planes.chroma + y * planes.chroma_step, width);
  }
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
    : engine_(std::move(engine)), input_bytes_(spec.input.tensor_bytes()), device_preprocess_(spec.device_preprocess),
      picture_memories_(spec.device_preprocess ? engine_->device()->picture_memories() : 0) {
  const uint32_t in = find(spec.input_tensor, true);
  const std::vector<std::string> names = spec.head.tensors();
  for (const std::string &name : names) find(name, false);
  if (!spec.embedding_tensor.empty()) find(spec.embedding_tensor, false);
  read_.resize(names.size());
  values_.resize(names.size());
  make_constants(spec, in);
  const InputSpec &input = spec.input;
  const size_t most = size_t(spec.max_batch);
  if (most > 1 && !constants_.empty()) {
    throw Failure("native-unsupported", "A model with constant inputs takes one frame per run.");
  }
  if (most > 1 && device_preprocess_) {
    throw Failure("native-unsupported", "The letterbox of the device fills one frame; batches need the one of the CPU.");
  }
  input_ = std::make_unique<Buffer>(engine_->device(), input_bytes_ * most);
  std::memset(input_->host(), 0, input_bytes_ * most);
  // The largest batch first: it makes the buffers that the others share.
  contexts_.resize(most);
  // One runs at a time: what a device keeps for a stream it keeps once.
  const auto stream = std::make_shared<Stream>(engine_->device());
  for (size_t frames = most; frames > 0; frames--) {
    std::vector<int64_t> shape = {int64_t(frames), input.channels(), input.height, input.width};
    if (input.channels_last) shape = {int64_t(frames), input.height, input.width, input.channels()};
    check_input(engine_->tensors()[in], spec, shape);
    contexts_[frames - 1] = std::make_unique<Context>(engine_, stream);
    Context &context = *contexts_[frames - 1];
    context.set_shape(in, shape);
    context.bind(in, *input_);
    for (const Constant &constant : constants_) {
      context.set_shape(constant.index, constant.dims);
      context.bind(constant.index, *constant.buffer);
    }
    context.prepare();
    bind_outputs(context, int64_t(frames), spec);
    places_.push_back(std::make_unique<Place>(input));
  }
  std::vector<TensorShape> shapes;
  for (const Output &output : read_) shapes.push_back({output.info.name, output.info.dims});
  postprocessor_.emplace(spec.head, shapes);
  if (!spec.warm_up) return;
  for (size_t frames = 1; frames <= most; frames++) {
    // Twice: an engine may prepare more with what it learned from the first run (a CUDA graph), and no live frame should
    // wait for that.
    for (int run = 0; run < 2; run++) {
      std::string message;
      const goshawk_status status = infer(frames, message);
      if (status != GOSHAWK_OK) throw Failure(status_code(status), "The first run failed: " + message);
    }
  }
}

void Slot::check_input(const TensorInfo &declared, const DetectorSpec &spec, const std::vector<int64_t> &shape) const {
  const goshawk_dtype dtype = raw_dtype(spec.input.dtype);
  bool fits = declared.dims.size() == 4 && declared.dtype == dtype;
  for (size_t i = 0; fits && i < 4; i++) fits = declared.dims[i] == shape[i] || declared.dims[i] < 0;
  if (fits) return;
  throw Failure("native-model-input", "The model's input " + declared.name + " is " + dims_text(declared.dims) +
                                          " (type " + std::to_string(declared.dtype) + "), but the contract says " +
                                          dims_text(shape) + " (type " + std::to_string(dtype) + ").");
}

/// Filled before they are bound: an engine may read them then, once and for all.
void Slot::make_constants(const DetectorSpec &spec, uint32_t picture) {
  for (const ConstantInput &constant : spec.constants) {
    const uint32_t index = find(constant.tensor, true);
    const TensorInfo &declared = engine_->tensors()[index];
    bool fits = index != picture && declared.dtype == constant.dtype && declared.dims.size() == constant.dims.size();
    for (size_t i = 0; fits && i < constant.dims.size(); i++) {
      fits = declared.dims[i] == constant.dims[i] || declared.dims[i] < 0;
    }
    const size_t bytes = value_count(constant.dims) * tensor_dtype_bytes(constant.dtype);
    if (!fits || bytes != constant.bytes.size()) {
      throw Failure("native-model-input", "The model's input " + declared.name + " is " + dims_text(declared.dims) +
                                              " (type " + std::to_string(declared.dtype) + "), but the contract feeds " +
                                              dims_text(constant.dims) + " (type " + std::to_string(constant.dtype) + ").");
    }
    auto buffer = std::make_unique<Buffer>(engine_->device(), bytes);
    std::memcpy(buffer->host(), constant.bytes.data(), bytes);
    constants_.push_back({index, constant.dims, std::move(buffer)});
  }
  for (uint32_t i = 0; i < engine_->tensors().size(); i++) {
    const TensorInfo &tensor = engine_->tensors()[i];
    const auto is_it = [i](const Constant &constant) { return constant.index == i; };
    const auto fed = std::count_if(constants_.begin(), constants_.end(), is_it);
    if (fed > 1) throw Failure("native-model-input", "The contract feeds " + tensor.name + " twice.");
    if (tensor.is_input && i != picture && fed == 0) {
      throw Failure("native-model-input", "The model has another input, " + tensor.name + ", that the contract does not feed.");
    }
  }
}

/// Of a batch and of one frame the same, so that what was checked of one holds for all.
void Slot::keep(Output &output, Output &&next) const {
  if (output.buffer != nullptr && output.info.dims != next.info.dims) {
    throw Failure("native-model-output", "The model's output " + next.info.name + " is " + dims_text(output.info.dims) +
                                             " per frame or " + dims_text(next.info.dims) + ", depending on the batch.");
  }
  output = std::move(next);
}

void Slot::bind_outputs(Context &context, int64_t frames, const DetectorSpec &spec) {
  const std::vector<std::string> names = spec.head.tensors();
  size_t next = 0;
  for (uint32_t i = 0; i < engine_->tensors().size(); i++) {
    const TensorInfo &declared = engine_->tensors()[i];
    if (declared.is_input) continue;
    const TensorInfo info = context.tensor(i);
    const size_t bytes = value_count(info.dims) * tensor_dtype_bytes(info.dtype);
    if (next == outputs_.size()) outputs_.push_back(std::make_unique<Buffer>(engine_->device(), bytes));
    const Buffer &buffer = *outputs_[next++];
    context.bind(i, buffer);
    for (size_t at = 0; at < names.size(); at++) {
      if (names[at] == declared.name) keep(read_[at], Output(buffer, info, frames));
    }
    if (declared.name == spec.embedding_tensor) {
      keep(embedding_, Output(buffer, info, frames));
      if (embedding_.count > most_embedding) {
        throw Failure("native-model-output", "The embedding " + declared.name + " is " + dims_text(info.dims) +
                                                 "; at most " + std::to_string(most_embedding) + " numbers are read.");
      }
    }
  }
}

Slot::Output::Output(const Buffer &buffer, TensorInfo shape, int64_t frames) : buffer(&buffer), info(std::move(shape)) {
  if (info.dtype < GOSHAWK_FLOAT32 || info.dtype > GOSHAWK_BOOL) {
    throw Failure("native-model-output", "The model's output " + info.name + " has a type that is not read.");
  }
  if (frames > 1) {
    if (info.dims.empty() || info.dims[0] != frames) {
      throw Failure("native-model-output", "For " + std::to_string(frames) + " frames the model's output " +
                                               info.name + " is " + dims_text(info.dims) +
                                               ": it does not follow the batch.");
    }
    info.dims[0] = 1;
  }
  count = value_count(info.dims);
  if (info.dtype != GOSHAWK_FLOAT32) widened.resize(count);
}

const float *Slot::Output::values(size_t place) {
  const void *values = buffer->host();
  const auto from = [&](const auto *first) {
    for (size_t i = 0; i < count; i++) widened[i] = float(double(first[place * count + i]));
  };
  switch (info.dtype) {
    case GOSHAWK_FLOAT32: return static_cast<const float *>(values) + place * count;
    case GOSHAWK_FLOAT16: widen(static_cast<const uint16_t *>(values) + place * count, widened.data(), count); break;
    case GOSHAWK_INT64: from(static_cast<const int64_t *>(values)); break;
    case GOSHAWK_INT32: from(static_cast<const int32_t *>(values)); break;
    case GOSHAWK_INT8: from(static_cast<const int8_t *>(values)); break;
    default: from(static_cast<const uint8_t *>(values)); break;
  }
  return widened.data();
}

RawTensor Slot::Output::raw(size_t place) {
  RawTensor tensor;
  tensor.dtype = info.dtype == GOSHAWK_FLOAT16 ? uint32_t(GOSHAWK_FLOAT32) : uint32_t(info.dtype);
  tensor.dims = info.dims;
  const size_t bytes = count * tensor_dtype_bytes(goshawk_dtype(tensor.dtype));
  const uint8_t *from = info.dtype == GOSHAWK_FLOAT16 ? reinterpret_cast<const uint8_t *>(values(place))
                                                      : static_cast<const uint8_t *>(buffer->host()) + place * bytes;
  tensor.bytes.assign(from, from + bytes);
  return tensor;
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

void Slot::preprocess(const FrameTask &task, size_t place) {
  if (task.picture != nullptr) return fill_input(*task.picture, task.thumbnail, place);
  const Image &image = task.image;
  // A device and a decoder read bytes in one piece.
  if (image.pieces != nullptr && (device_preprocess_ || image.encoding == Encoding::jpeg)) image.pieces->gather();
  if (image.encoding != Encoding::jpeg) return fill_input(image, image.width, image.height, task.thumbnail, place);
  uint32_t width = 0, height = 0;
  JpegDecoder &jpeg = places_[place]->jpeg;
  jpeg.size(image, width, height);
  const Image decoded = jpeg.decode(image, places_[place]->letterbox.spec());
  fill_input(decoded, width, height, task.thumbnail, place);
}

void Slot::fill_input(const Image &image, uint32_t width, uint32_t height, uint8_t *thumbnail, size_t place) {
  if (!device_preprocess_) {
    places_[place]->geometry = places_[place]->letterbox.run(
        image, width, height, static_cast<char *>(input_->host()) + place * input_bytes_);
    if (thumbnail != nullptr) make_thumbnail(image, thumbnail);
    return;
  }
  goshawk_image source = {};
  source.struct_size = sizeof source;
  source.encoding = raw_encoding(image.encoding);
  source.width = image.width;
  source.height = image.height;
  source.step = image.step;
  source.data = image.data;
  source.byte_count = image.bytes;
  contexts_[0]->letterbox(source, place_picture(width, height, place), *input_);
  if (thumbnail != nullptr) make_thumbnail(image, thumbnail);
}

goshawk_letterbox Slot::place_picture(uint32_t width, uint32_t height, size_t place) {
  const InputSpec &spec = places_[place]->letterbox.spec();
  const Geometry geometry = letterbox_geometry(int(width), int(height), spec);
  places_[place]->geometry = geometry;
  goshawk_letterbox box = {};
  box.struct_size = sizeof box;
  box.dtype = raw_dtype(spec.dtype);
  box.channels_last = spec.channels_last ? 1 : 0;
  box.bgr = spec.bgr ? 1 : 0;
  box.width = spec.width;
  box.height = spec.height;
  box.left = geometry.left;
  box.top = geometry.top;
  box.resized_width = geometry.width;
  box.resized_height = geometry.height;
  box.pad = spec.pad;
  std::copy(spec.alpha, spec.alpha + 3, box.alpha);
  std::copy(spec.beta, spec.beta + 3, box.beta);
  return box;
}

/// The device takes it as it is, or the processor reads it where it lies. Only a device that takes no such memory, and whose
/// letterbox is the only one, has the planes put together for it.
void Slot::fill_input(DevicePicture &picture, uint8_t *thumbnail, size_t place) {
  const bool on_device = (picture_memories_ & uint32_t(picture.memory)) != 0;
  if (on_device) {
    contexts_[0]->letterbox(picture, place_picture(picture.width, picture.height, place), *input_);
    if (thumbnail == nullptr) return;
  }
  Image image;
  image.width = picture.width;
  image.height = picture.height;
  image.encoding = Encoding::nv12;
  const bool read = picture.read([&](const PicturePlanes &planes) {
    image.data = planes.luma;
    image.step = planes.luma_step;
    image.chroma = planes.chroma;
    image.chroma_step = planes.chroma_step;
    // Few of its pixels: the picture is not copied for them.
    if (on_device) return make_thumbnail(image, thumbnail);
    if (device_preprocess_) {
      join_planes(planes, image.width, image.height, joined_);
      image.data = joined_.data();
      image.bytes = joined_.size();
      image.step = image.width;
      image.chroma = nullptr;
    }
    fill_input(image, image.width, image.height, thumbnail, place);
  });
  if (!read && !on_device) throw Failure("native-bad-frame", "The picture's memory can't be mapped for the processor.");
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

goshawk_status Slot::infer(size_t frames, std::string &message) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = false;
  }
  const goshawk_status accepted = contexts_[frames - 1]->submit(completed, this, message);
  if (accepted != GOSHAWK_OK) return accepted;
  std::unique_lock<std::mutex> lock(mutex_);
  answered_.wait(lock, [this] { return done_; });
  message = message_;
  return status_;
}

void Slot::cancel() {
  // Those that don't run take no notice.
  for (const auto &context : contexts_) context->cancel();
}

void Slot::postprocess(const FrameTask &task, size_t place, FrameResult &result) {
  DetectOptions options;
  options.decode.score_threshold = task.score_threshold;
  options.decode.multi_label = task.multi_label;
  options.decode.wanted = task.wanted.empty() ? nullptr : task.wanted.data();
  options.iou_threshold = task.iou_threshold;
  options.max_detections = task.max_detections;
  options.max_candidates = task.max_candidates;
  const bool raw = postprocessor_->gives_raw();
  for (size_t i = 0; i < read_.size() && !raw; i++) values_[i] = read_[i].values(place);
  postprocessor_->run(values_.data(), places_[place]->geometry, options, result.found);
  result.found.raw.clear();
  for (size_t i = 0; i < read_.size() && raw; i++) result.found.raw.push_back(read_[i].raw(place));
  if (embedding_.buffer == nullptr) return;
  const float *embedding = embedding_.values(place);
  result.embedding.assign(embedding, embedding + embedding_.count);
}

}  // namespace goshawk
