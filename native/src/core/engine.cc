#include "engine.h"

#include <algorithm>
#include <cstring>

#include "../base/failure.h"
#include "../base/library.h"
#include "../base/compute_thread.h"
#include "crash_note.h"

namespace goshawk {

const char *status_code(goshawk_status status) {
  switch (status) {
    case GOSHAWK_OK: return "";
    case GOSHAWK_INVALID: return "native-invalid";
    case GOSHAWK_UNSUPPORTED: return "native-unsupported";
    case GOSHAWK_NOT_FOUND: return "native-not-found";
    case GOSHAWK_OUT_OF_MEMORY: return "native-out-of-memory";
    case GOSHAWK_DEVICE_LOST: return "native-device-lost";
    case GOSHAWK_INCOMPATIBLE: return "native-incompatible";
    case GOSHAWK_CORRUPT: return "native-corrupt";
    case GOSHAWK_CANCELLED: return "cancelled";
    case GOSHAWK_PROCESS_LOST: return "native-process-lost";
    default: return "native-engine";
  }
}

size_t tensor_dtype_bytes(goshawk_dtype dtype) {
  switch (dtype) {
    case GOSHAWK_FLOAT32:
    case GOSHAWK_INT32: return 4;
    case GOSHAWK_FLOAT16: return 2;
    case GOSHAWK_INT64: return 8;
    default: return 1;
  }
}

namespace {

struct ErrorSlot {
  goshawk_error raw;
  ErrorSlot() {
    std::memset(&raw, 0, sizeof raw);
    raw.struct_size = sizeof raw;
  }
  std::string text(const char *what) const {
    return raw.message[0] != '\0' ? std::string(raw.message, strnlen(raw.message, sizeof raw.message)) : what;
  }
};

void check(goshawk_status status, const ErrorSlot &error, const char *what) {
  if (status != GOSHAWK_OK) throw Failure(status_code(status), error.text(what));
}

/// Strings stay with the caller's `options` for the length of the call.
struct OptionTable {
  std::vector<goshawk_option> items;
  goshawk_options raw;
  explicit OptionTable(const Options &options) {
    for (const auto &[key, value] : options) items.push_back({key.c_str(), value.c_str()});
    raw = {sizeof raw, uint32_t(items.size()), items.data()};
  }
};

TensorInfo from_raw(const goshawk_tensor &raw) {
  TensorInfo info;
  info.name = raw.name != nullptr ? raw.name : "";
  info.dtype = raw.dtype;
  info.is_input = raw.is_input != 0;
  const int rank = raw.rank < 0 ? 0 : raw.rank > GOSHAWK_MAX_RANK ? GOSHAWK_MAX_RANK : raw.rank;
  info.dims.assign(raw.dims, raw.dims + rank);
  return info;
}

/// True where a table of `size` bytes holds the member up to `end`.
#define GOSHAWK_HAS(table, member) \
  ((table)->struct_size >= offsetof(std::remove_cv_t<std::remove_reference_t<decltype(*(table))>>, member) + \
                               sizeof((table)->member) && (table)->member != nullptr)

}  // namespace

Plugin::Plugin(const std::string &path) : path_(path) {
  const Library library(path);
  const auto open = reinterpret_cast<goshawk_plugin_open_fn>(library.find("goshawk_plugin_open"));
  if (open == nullptr) {
    throw Failure("native-plugin-abi", path + " is no engine plugin: it has no symbol goshawk_plugin_open.");
  }
  accept(open);
}

void Plugin::accept(goshawk_plugin_open_fn open) {
  ErrorSlot error;
  const goshawk_plugin *table = nullptr;
  const goshawk_status status = open(GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, &table, &error.raw);
  if (status == GOSHAWK_INCOMPATIBLE) throw Failure("native-plugin-abi", error.text("The plugin refuses this host."));
  check(status, error, "The plugin does not open.");
  const auto refuse = [&](const std::string &why) { throw Failure("native-plugin-abi", path_ + " " + why); };
  if (table == nullptr) refuse("opened, but gave no table.");
  if (table->struct_size < sizeof(goshawk_plugin)) refuse("has a table that is too short.");
  if (table->abi_major != GOSHAWK_ABI_MAJOR) {
    refuse("speaks ABI " + std::to_string(table->abi_major) + "." + std::to_string(table->abi_minor) +
           ", but this build speaks " + std::to_string(GOSHAWK_ABI_MAJOR) + "." + std::to_string(GOSHAWK_ABI_MINOR) + ".");
  }
  const goshawk_engine_api *engine = table->engine;
  const goshawk_memory_api *memory = table->memory;
  if (engine == nullptr || memory == nullptr || table->device_open == nullptr || table->device_close == nullptr ||
      !GOSHAWK_HAS(engine, engine_open) || !GOSHAWK_HAS(engine, engine_close) || !GOSHAWK_HAS(engine, tensor_count) ||
      !GOSHAWK_HAS(engine, tensor_info) || !GOSHAWK_HAS(engine, context_create) ||
      !GOSHAWK_HAS(engine, context_destroy) || !GOSHAWK_HAS(engine, context_set_shape) ||
      !GOSHAWK_HAS(engine, context_prepare) || !GOSHAWK_HAS(engine, context_tensor) ||
      !GOSHAWK_HAS(engine, context_bind) || !GOSHAWK_HAS(engine, context_submit) ||
      !GOSHAWK_HAS(engine, context_cancel) || !GOSHAWK_HAS(memory, allocate) || !GOSHAWK_HAS(memory, release)) {
    refuse("lacks a function that every engine must have.");
  }
  table_ = table;
}

Device::Device(std::shared_ptr<const Plugin> plugin, const Options &options) : plugin_(std::move(plugin)) {
  ErrorSlot error;
  const OptionTable table(options);
  const InsidePlugin inside(plugin_->table().name);
  check(plugin_->table().device_open(&table.raw, &handle_, &error.raw), error, "The device does not open.");
  if (handle_ == nullptr) throw Failure("native-engine", "The plugin opened no device and did not say why.");
}

Device::~Device() {
  const InsidePlugin inside(table().name);
  table().device_close(handle_);
}

std::string Device::describe() const {
  const InsidePlugin inside(table().name);
  const auto describe = table().device_describe;
  const char *text = describe == nullptr ? nullptr : describe(handle_);
  return text == nullptr ? "{}" : text;
}

uint32_t Device::picture_memories() const {
  const goshawk_memory_api *memory = table().memory;
  if (!GOSHAWK_HAS(memory, image_memories) || !GOSHAWK_HAS(memory, letterbox_image) ||
      !GOSHAWK_HAS(memory, forget_images)) {
    return 0;
  }
  const InsidePlugin inside(table().name);
  return memory->image_memories(handle_);
}

void Device::know(const std::shared_ptr<PicturePool> &pool) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!pools_.insert(pool->id).second) return;
  }
  pool->when_over(weak_from_this(), [device = weak_from_this()](uint64_t id) {
    if (const auto there = device.lock()) there->forget(id);
  });
}

void Device::forget(uint64_t pool) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    pools_.erase(pool);
  }
  const InsidePlugin inside(table().name);
  table().memory->forget_images(handle_, pool);
}

Buffer::Buffer(std::shared_ptr<Device> device, size_t bytes) : device_(std::move(device)) {
  ErrorSlot error;
  raw_.struct_size = sizeof raw_;
  const InsidePlugin inside(device_->table().name);
  check(device_->table().memory->allocate(device_->handle(), bytes, &raw_, &error.raw), error,
        "The device has no memory for a tensor.");
  if (raw_.host == nullptr || raw_.bytes < bytes) {
    device_->table().memory->release(device_->handle(), &raw_);
    throw Failure("native-out-of-memory", "The device gave less memory than was asked for.");
  }
}

Buffer::~Buffer() {
  const InsidePlugin inside(device_->table().name);
  device_->table().memory->release(device_->handle(), &raw_);
}

Engine::Engine(std::shared_ptr<Device> device, const ModelSource &source, const Options &options)
    : device_(std::move(device)) {
  ErrorSlot error;
  const OptionTable table(options);
  goshawk_model model = {};
  model.struct_size = sizeof model;
  model.path = source.bytes == nullptr ? source.path.c_str() : nullptr;
  model.bytes = source.bytes;
  model.byte_count = source.byte_count;
  const InsidePlugin inside(device_->table().name);
  // The engine's own threads come to life here.
  const ComputeThread computing;
  check(api().engine_open(device_->handle(), &model, &table.raw, &handle_, &error.raw), error,
        "The engine does not open.");
  if (handle_ == nullptr) {
    throw Failure("native-engine", "The engine " + source.path + " was not made, and the plugin did not say why.");
  }
  const uint32_t count = api().tensor_count(handle_);
  for (uint32_t i = 0; i < count; i++) {
    goshawk_tensor raw = {};
    raw.struct_size = sizeof raw;
    if (api().tensor_info(handle_, i, &raw) != GOSHAWK_OK) {
      api().engine_close(handle_);
      throw Failure("native-engine", "The engine does not describe its tensor " + std::to_string(i) + ".");
    }
    tensors_.push_back(from_raw(raw));
  }
}

Engine::~Engine() {
  const InsidePlugin inside(device_->table().name);
  api().engine_close(handle_);
}

std::string Engine::describe() const {
  const InsidePlugin inside(device_->table().name);
  const goshawk_engine_api *table = &api();
  const char *text = GOSHAWK_HAS(table, engine_describe) ? table->engine_describe(handle_) : nullptr;
  return text == nullptr ? "{}" : text;
}

void build_plan(const Device &device, const BuildSpec &spec, const Options &options, const BuildProgress &progress) {
  ErrorSlot error;
  const goshawk_engine_api *table = device.table().engine;
  if (!GOSHAWK_HAS(table, build)) {
    throw Failure("native-unsupported", std::string(device.table().name) + " builds no engines: it reads ONNX itself.");
  }
  const OptionTable options_table(options);
  goshawk_build request = {};
  request.struct_size = sizeof request;
  request.onnx_path = spec.onnx.c_str();
  request.plan_path = spec.plan.c_str();
  request.timing_cache_path = spec.timing_cache.empty() ? nullptr : spec.timing_cache.c_str();
  request.workspace_bytes = spec.workspace_bytes;
  request.progress = [](void *user, const char *phase, double fraction) -> int32_t {
    return (*static_cast<const BuildProgress *>(user))(phase, fraction) ? 1 : 0;
  };
  request.user = const_cast<BuildProgress *>(&progress);
  const InsidePlugin inside(device.table().name);
  check(table->build(device.handle(), &request, &options_table.raw, &error.raw), error, "The engine was not built.");
}

Stream::Stream(std::shared_ptr<Device> device) : device_(std::move(device)) {
  const goshawk_memory_api *memory = device_->table().memory;
  if (!GOSHAWK_HAS(memory, stream_create) || !GOSHAWK_HAS(memory, stream_destroy)) return;
  ErrorSlot error;
  const InsidePlugin inside(device_->table().name);
  check(memory->stream_create(device_->handle(), &handle_, &error.raw), error, "The device gave no stream.");
}

Stream::~Stream() {
  if (handle_ == nullptr) return;
  const InsidePlugin inside(device_->table().name);
  device_->table().memory->stream_destroy(device_->handle(), handle_);
}

Context::Context(std::shared_ptr<Engine> engine, std::shared_ptr<Stream> stream)
    : engine_(std::move(engine)), stream_(std::move(stream)) {
  ErrorSlot error;
  const InsidePlugin inside(engine_->device()->table().name);
  const goshawk_status status = engine_->api().context_create(engine_->handle(), stream_->handle(), &handle_, &error.raw);
  if (status != GOSHAWK_OK || handle_ == nullptr) {
    check(status, error, "The engine gave no execution context.");
    throw Failure("native-engine", "The engine gave no execution context, and the plugin did not say why.");
  }
}

Context::~Context() {
  const InsidePlugin inside(engine_->device()->table().name);
  engine_->api().context_destroy(handle_);
}

void Context::set_shape(uint32_t index, const std::vector<int64_t> &dims) {
  ErrorSlot error;
  const InsidePlugin inside(engine_->device()->table().name);
  check(engine_->api().context_set_shape(handle_, index, int32_t(dims.size()), dims.data(), &error.raw), error,
        "The engine refuses the shape of its input.");
}

void Context::prepare() {
  ErrorSlot error;
  const InsidePlugin inside(engine_->device()->table().name);
  check(engine_->api().context_prepare(handle_, &error.raw), error, "The engine can't prepare its shapes.");
}

TensorInfo Context::tensor(uint32_t index) const {
  goshawk_tensor raw = {};
  raw.struct_size = sizeof raw;
  const InsidePlugin inside(engine_->device()->table().name);
  const goshawk_status status = engine_->api().context_tensor(handle_, index, &raw);
  if (status != GOSHAWK_OK) throw Failure(status_code(status), "The engine does not tell the shape of its output.");
  return from_raw(raw);
}

void Context::bind(uint32_t index, const Buffer &buffer) {
  ErrorSlot error;
  const InsidePlugin inside(engine_->device()->table().name);
  check(engine_->api().context_bind(handle_, index, &buffer.raw(), &error.raw), error,
        "The engine refuses a buffer for its tensor.");
}

goshawk_status Context::submit(goshawk_completion done, void *user, std::string &message) {
  ErrorSlot error;
  const InsidePlugin inside(engine_->device()->table().name);
  const goshawk_status status = engine_->api().context_submit(handle_, done, user, &error.raw);
  if (status != GOSHAWK_OK) message = error.text("The engine did not take the frame.");
  return status;
}

void Context::letterbox(const goshawk_image &image, const goshawk_letterbox &box, const Buffer &destination) {
  ErrorSlot error;
  const Device &device = *engine_->device();
  const InsidePlugin inside(device.table().name);
  const goshawk_memory_api *memory = device.table().memory;
  if (!GOSHAWK_HAS(memory, letterbox)) throw Failure("native-unsupported", "The engine has no letterbox of its own.");
  check(memory->letterbox(device.handle(), stream_->handle(), &image, &box, &destination.raw(), &error.raw), error,
        "The letterbox on the device failed.");
}

void Context::letterbox(const DevicePicture &picture, const goshawk_letterbox &box, const Buffer &destination) {
  ErrorSlot error;
  Device &device = *engine_->device();
  device.know(picture.pool);
  goshawk_device_image image = {};
  image.struct_size = sizeof image;
  image.memory = uint32_t(picture.memory);
  image.width = picture.width;
  image.height = picture.height;
  image.file = picture.file;
  image.file_bytes = picture.file_bytes;
  image.buffer = picture.buffer;
  image.pool = picture.pool->id;
  std::copy(picture.offset, picture.offset + 2, image.offset);
  std::copy(picture.pitch, picture.pitch + 2, image.pitch);
  image.description_bytes = uint32_t(std::min(picture.description.size(), sizeof image.description));
  std::copy_n(picture.description.begin(), image.description_bytes, image.description);
  const InsidePlugin inside(device.table().name);
  check(device.table().memory->letterbox_image(device.handle(), stream_->handle(), &image, &box, &destination.raw(), &error.raw),
        error, "The letterbox on the device failed.");
}

void Context::cancel() {
  const InsidePlugin inside(engine_->device()->table().name);
  engine_->api().context_cancel(handle_);
}

}  // namespace goshawk
