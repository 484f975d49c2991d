// The engine every test can have: a text file instead of a model, a fake device, faults on demand.
//
//   goshawk-reference 1
//   board any                                  or the name of one
//   input images float32 1 3 64 64             -1: dynamic
//   output output float32 1 4 7
//   inspector {"Layers":[]}                    what TensorRT would say of the engine's layers, as JSON in one line
//   mean                                       the mean of the input is added, not its first value
//   slow 300                                   every answer takes this many ms
//   values 32 32 10 10 0.9 1 0                 the first values of the output above it; the rest is 0
//   end                                        last line: without it the file is torn
//
// The first value of the input is added to the first value of every float32 output, so that a result shows whose pixels it
// saw, and the first of an input of integers to the second value.
// Where the first side of both is dynamic the output follows the input's batch, and every frame has its own values.
#include <dlfcn.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "../host_memory.h"
#include "../plugin_tensor.h"
#include "fake_device.h"

namespace {

using goshawk::plugin::fail;
using goshawk::plugin::Tensor;
using goshawk::reference::FakeDevice;
using goshawk::reference::Faults;

const char *const dtype_names[] = {"", "float32", "float16", "uint8", "int8", "int32", "int64", "bool"};

const char *const process_lost_words = "The reference device lost the process, as it was told.";

FakeDevice *device_of(goshawk_device *device) { return reinterpret_cast<FakeDevice *>(device); }

}  // namespace

struct goshawk_engine {
  FakeDevice *device = nullptr;
  std::vector<Tensor> tensors;
  /// By the index of their output.
  std::map<size_t, std::vector<float>> values;
  long slow_ms = 0;
  bool adds_mean = false;
  std::string description;
};

/// It has no order of its own to keep: answers come from one thread.
struct goshawk_stream {};

struct goshawk_context {
  goshawk_engine *engine = nullptr;
  std::vector<Tensor> tensors;
  std::vector<goshawk_buffer> buffers;
};

namespace {

goshawk_status parse(std::istream &text, goshawk_engine &engine, goshawk_error *error) {
  std::string line;
  std::getline(text, line);
  const std::string magic = "goshawk-reference ";
  if (line.compare(0, magic.size(), magic) != 0) {
    return fail(error, GOSHAWK_CORRUPT, "The file is no reference model: its first line is not \"goshawk-reference 1\".");
  }
  if (line != magic + "1") {
    return fail(error, GOSHAWK_INCOMPATIBLE,
                "The engine was built by version " + line.substr(magic.size()) + " of reference, this is version 1.");
  }
  bool complete = false;
  while (std::getline(text, line)) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "board") {
      std::string board;
      words >> board;
      if (board != "any") {
        return fail(error, GOSHAWK_INCOMPATIBLE, "The engine was made for the board " + board + ", this is reference.");
      }
    } else if (kind == "input" || kind == "output") {
      Tensor tensor;
      std::string dtype;
      words >> tensor.name >> dtype;
      tensor.input = kind == "input";
      tensor.dtype = 0;
      for (goshawk_dtype i = GOSHAWK_FLOAT32; i <= GOSHAWK_BOOL; i++) {
        if (dtype == dtype_names[i]) tensor.dtype = i;
      }
      for (int64_t side = 0; words >> side;) tensor.dims.push_back(side);
      if (tensor.dtype == 0 || tensor.dims.empty() || tensor.dims.size() > GOSHAWK_MAX_RANK) {
        return fail(error, GOSHAWK_CORRUPT, "The line \"" + line + "\" describes no tensor.");
      }
      engine.tensors.push_back(tensor);
    } else if (kind == "values") {
      if (engine.tensors.empty()) return fail(error, GOSHAWK_CORRUPT, "Values come after their output.");
      for (float value = 0; words >> value;) engine.values[engine.tensors.size() - 1].push_back(value);
    } else if (kind == "inspector") {
      engine.description.pop_back();
      engine.description += ",\"inspector\":" + line.substr(kind.size() + 1) + "}";
    } else if (kind == "mean") {
      engine.adds_mean = true;
    } else if (kind == "slow") {
      words >> engine.slow_ms;
    } else if (kind == "end") {
      complete = true;
    }
  }
  if (!complete) return fail(error, GOSHAWK_CORRUPT, "The file ends before its line \"end\": it is torn.");
  return GOSHAWK_OK;
}

goshawk_status engine_open(goshawk_device *device, const goshawk_model *model, const goshawk_options *,
                           goshawk_engine **out, goshawk_error *error) {
  FakeDevice *fake = device_of(device);
  auto engine = new goshawk_engine;
  engine->device = fake;
  engine->description = fake->description;
  goshawk_status status;
  if (model->path != nullptr) {
    std::ifstream file(model->path);
    status = file ? parse(file, *engine, error)
                  : fail(error, GOSHAWK_NOT_FOUND, std::string("There is no file ") + model->path + ".");
  } else {
    std::istringstream text(std::string(static_cast<const char *>(model->bytes), size_t(model->byte_count)));
    status = parse(text, *engine, error);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(fake->faults.build_ms));
  if (status == GOSHAWK_OK && !fake->faults.null_engine) {
    *out = engine;
  } else {
    delete engine;
    *out = nullptr;
  }
  return status;
}

void engine_close(goshawk_engine *engine) { delete engine; }
const char *engine_describe(goshawk_engine *engine) { return engine->description.c_str(); }
uint32_t tensor_count(goshawk_engine *engine) { return uint32_t(engine->tensors.size()); }

goshawk_status tensor_info(goshawk_engine *engine, uint32_t index, goshawk_tensor *out) {
  return goshawk::plugin::tell(engine->tensors, index, out);
}

goshawk_status context_create(goshawk_engine *engine, goshawk_stream *, goshawk_context **out, goshawk_error *) {
  auto context = new goshawk_context;
  context->engine = engine;
  context->tensors = engine->tensors;
  context->buffers.resize(engine->tensors.size());
  *out = context;
  return GOSHAWK_OK;
}

void context_destroy(goshawk_context *context) {
  context->engine->device->drain(context);
  delete context;
}

goshawk_status context_set_shape(goshawk_context *context, uint32_t index, int32_t rank, const int64_t *dims,
                                 goshawk_error *error) {
  return goshawk::plugin::set_shape(context->engine->tensors, context->tensors, index, rank, dims, error);
}

goshawk_status context_prepare(goshawk_context *context, goshawk_error *error) {
  int64_t frames = 1;
  for (const Tensor &tensor : context->tensors) {
    if (tensor.input && tensor.dtype != GOSHAWK_INT64 && tensor.dtype != GOSHAWK_INT32) frames = tensor.dims[0];
  }
  for (size_t i = 0; i < context->tensors.size(); i++) {
    Tensor &tensor = context->tensors[i];
    // As declared: an earlier prepare has filled it in.
    if (!tensor.input && context->engine->tensors[i].dims[0] < 0) tensor.dims[0] = frames;
    for (int64_t &side : tensor.dims) {
      if (side >= 0) continue;
      if (tensor.input) return fail(error, GOSHAWK_INVALID, "Input " + tensor.name + " has no shape yet.");
      // A dynamic side of an output is 4: known only now, as with a real engine.
      side = 4;
    }
  }
  return GOSHAWK_OK;
}

goshawk_status context_tensor(goshawk_context *context, uint32_t index, goshawk_tensor *out) {
  return goshawk::plugin::tell(context->tensors, index, out);
}

goshawk_status context_bind(goshawk_context *context, uint32_t index, const goshawk_buffer *buffer,
                            goshawk_error *error) {
  const goshawk_status allowed = goshawk::plugin::check_binding(context->tensors, index, buffer, error);
  if (allowed == GOSHAWK_OK) context->buffers[index] = *buffer;
  return allowed;
}

/// Of one frame's input.
float what_is_added(const goshawk_engine &engine, const float *input, size_t count) {
  if (!engine.adds_mean) return input[0];
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += double(input[i]);
  return float(sum / double(count));
}

template <typename Value>
void write(const goshawk_buffer &buffer, const Tensor &tensor, const std::vector<float> &values) {
  const size_t room = size_t(tensor.bytes()) / sizeof(Value);
  for (size_t k = 0; k < values.size() && k < room; k++) static_cast<Value *>(buffer.host)[k] = Value(values[k]);
}

/// What the "network" computes.
void compute(goshawk_context &context) {
  const float *seen = nullptr;
  size_t frames = 1, stride = 0;
  float constant = 0;
  for (size_t i = 0; i < context.tensors.size(); i++) {
    const Tensor &tensor = context.tensors[i];
    const void *host = context.buffers[i].host;
    if (tensor.input && tensor.dtype == GOSHAWK_INT64) constant = float(*static_cast<const int64_t *>(host));
    if (tensor.input && tensor.dtype == GOSHAWK_INT32) constant = float(*static_cast<const int32_t *>(host));
    if (!tensor.input || tensor.dtype != GOSHAWK_FLOAT32) continue;
    seen = static_cast<const float *>(context.buffers[i].host);
    frames = size_t(tensor.dims[0]);
    stride = size_t(tensor.bytes()) / sizeof(float) / frames;
  }
  for (size_t i = 0; i < context.tensors.size(); i++) {
    const Tensor &tensor = context.tensors[i];
    if (tensor.input) continue;
    std::memset(context.buffers[i].host, 0, size_t(tensor.bytes()));
    static const std::vector<float> none;
    const auto found = context.engine->values.find(i);
    const std::vector<float> &values = found == context.engine->values.end() ? none : found->second;
    if (tensor.dtype == GOSHAWK_INT64) write<int64_t>(context.buffers[i], tensor, values);
    if (tensor.dtype == GOSHAWK_INT32) write<int32_t>(context.buffers[i], tensor, values);
    if (tensor.dtype != GOSHAWK_FLOAT32) continue;
    const size_t own = context.engine->tensors[i].dims[0] < 0 ? frames : 1;
    const size_t room = size_t(tensor.bytes()) / sizeof(float) / own;
    for (size_t n = 0; n < own; n++) {
      float *out = static_cast<float *>(context.buffers[i].host) + n * room;
      for (size_t k = 0; k < values.size() && k < room; k++) out[k] = values[k];
      if (room > 0 && seen != nullptr) out[0] += what_is_added(*context.engine, seen + n * stride, stride);
      if (room > 1) out[1] += constant;
    }
  }
}

goshawk_status context_submit(goshawk_context *context, goshawk_completion done, void *user, goshawk_error *error) {
  FakeDevice &device = *context->engine->device;
  const Faults &faults = device.faults;
  const auto bound = [context](size_t i) { return context->buffers[i].host != nullptr; };
  const goshawk_status ready = goshawk::plugin::check_all_bound(context->tensors, bound, error);
  if (ready != GOSHAWK_OK) return ready;
  const long frame = device.next_frame();
  const auto from = [frame](long first) { return first > 0 && frame >= first; };
  if (frame == faults.crash_at) std::abort();
  if (frame == faults.fault_at) *static_cast<volatile int *>(nullptr) = 1;
  if (from(faults.process_lost_at)) FakeDevice::process_lost = true;
  if (FakeDevice::process_lost) return fail(error, GOSHAWK_PROCESS_LOST, process_lost_words);
  if (from(faults.lost_at)) return fail(error, GOSHAWK_DEVICE_LOST, "The reference device was lost, as it was told.");
  if (from(faults.fail_from)) return fail(error, GOSHAWK_FAILED, "The reference device failed, as it was told.");
  if (faults.hang_once ? frame == faults.hang_at : from(faults.hang_at)) device.hang();
  // As long as anyone would test for; cancel ends it.
  std::chrono::milliseconds delay(frame == faults.never_at ? 3600 * 1000 : faults.late_ms + context->engine->slow_ms);
  if (faults.reorder && frame % 2 == 1) delay += std::chrono::milliseconds(20);
  const bool no_memory = frame == faults.no_memory_at_frame;
  device.answer_after(delay, context, [=](bool cancelled) {
    if (cancelled) return done(user, GOSHAWK_CANCELLED, "The frame was cancelled on the reference device.");
    if (no_memory) return done(user, GOSHAWK_OUT_OF_MEMORY, "The reference device has no memory, as it was told.");
    compute(*context);
    done(user, GOSHAWK_OK, nullptr);
  });
  return GOSHAWK_OK;
}

void context_cancel(goshawk_context *context) { context->engine->device->cancel(context); }

/// Copies the file, in ten steps over the time it was told.
goshawk_status build(goshawk_device *device, const goshawk_build *request, const goshawk_options *, goshawk_error *error) {
  std::ifstream in(request->onnx_path, std::ios::binary);
  if (!in) return fail(error, GOSHAWK_NOT_FOUND, std::string("There is no file ") + request->onnx_path + ".");
  const Faults &faults = device_of(device)->faults;
  for (int step = 1; step <= 10; step++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(faults.build_ms / 10));
    if (faults.crash_at == step) std::abort();
    if (faults.process_lost_at == step) return fail(error, GOSHAWK_PROCESS_LOST, process_lost_words);
    if (request->progress != nullptr && request->progress(request->user, "reference", step / 10.0) != 0) {
      return fail(error, GOSHAWK_CANCELLED, "The build was stopped.");
    }
  }
  if (request->workspace_bytes > uint64_t(faults.most_workspace)) {
    return fail(error, GOSHAWK_OUT_OF_MEMORY, "The reference device has no memory for that workspace, as it was told.");
  }
  std::ofstream out(request->plan_path, std::ios::binary | std::ios::trunc);
  out << in.rdbuf();
  return out.flush() ? GOSHAWK_OK : fail(error, GOSHAWK_FAILED, std::string("No room for ") + request->plan_path + ".");
}

goshawk_status allocate(goshawk_device *device, uint64_t bytes, goshawk_buffer *out, goshawk_error *error) {
  if (device_of(device)->allocation_fails()) {
    return fail(error, GOSHAWK_OUT_OF_MEMORY, "The reference device has no memory left.");
  }
  return goshawk::plugin::allocate_on_host(bytes, out, error);
}

goshawk_status stream_create(goshawk_device *, goshawk_stream **out, goshawk_error *) {
  *out = new goshawk_stream;
  return GOSHAWK_OK;
}

void stream_destroy(goshawk_device *, goshawk_stream *stream) { delete stream; }

bool has_letterbox(goshawk_device *device) { return device_of(device)->faults.picture_memories >= 0; }

goshawk_status letterbox(goshawk_device *device, goshawk_stream *, const goshawk_image *image, const goshawk_letterbox *box,
                         const goshawk_buffer *destination, goshawk_error *error) {
  if (!has_letterbox(device)) return fail(error, GOSHAWK_UNSUPPORTED, "The reference device was not told to have a letterbox.");
  FakeDevice &own = *device_of(device);
  if (own.next_picture() == own.faults.hang_letterbox_at) own.hang();
  return goshawk::reference::letterbox_on_host(*image, *box, *destination, error);
}

uint32_t image_memories(goshawk_device *device) {
  return has_letterbox(device) ? uint32_t(device_of(device)->faults.picture_memories) : 0;
}

goshawk_status letterbox_image(goshawk_device *device, goshawk_stream *, const goshawk_device_image *image,
                               const goshawk_letterbox *box, const goshawk_buffer *destination, goshawk_error *error) {
  if ((image_memories(device) & image->memory) == 0) {
    return fail(error, GOSHAWK_UNSUPPORTED, "The reference device was told to take no pictures in such memory.");
  }
  FakeDevice &own = *device_of(device);
  const long number = own.next_picture();
  if (number == own.faults.no_import_at)
    return fail(error, GOSHAWK_FAILED, "The reference device does not import it, as it was told.");
  if (number == own.faults.hang_letterbox_at) own.hang();
  return goshawk::plugin::guarded(
      error, [&] { return goshawk::reference::letterbox_mapped(own.pictures, *image, *box, *destination, error); });
}

void forget_images(goshawk_device *device, uint64_t pool) { device_of(device)->pictures.forget(pool); }

goshawk_status device_open(const goshawk_options *options, goshawk_device **out, goshawk_error *error) {
  if (FakeDevice::process_lost) return fail(error, GOSHAWK_PROCESS_LOST, process_lost_words);
  *out = reinterpret_cast<goshawk_device *>(new FakeDevice(Faults::from(options)));
  return GOSHAWK_OK;
}

void device_close(goshawk_device *device) { delete device_of(device); }
const char *device_describe(goshawk_device *device) { return device_of(device)->description.c_str(); }

const goshawk_engine_api engine_table = {
    sizeof(goshawk_engine_api), 0,
    engine_open,  engine_close,     engine_describe, tensor_count,   tensor_info,  context_create, context_destroy,
    context_set_shape, context_prepare, context_tensor, context_bind, context_submit, context_cancel, build};
const goshawk_memory_api memory_table = {sizeof(goshawk_memory_api), 0, allocate, goshawk::plugin::release_on_host,
                                         stream_create, stream_destroy, letterbox, goshawk::plugin::wrap_on_host,
                                         goshawk::plugin::unwrap_on_host, image_memories, letterbox_image, forget_images};
/// A copy named goshawk_<engine>.so stands for that engine in a test.
const char *own_name() {
  static const std::string name = [] {
    Dl_info self = {};
    const std::string file = dladdr(&engine_table, &self) != 0 && self.dli_fname != nullptr ? self.dli_fname : "";
    const std::string start = "goshawk_";
    const size_t at = file.rfind('/') + 1;
    const size_t end = file.rfind(".so");
    const bool copy = end != std::string::npos && file.compare(at, start.size(), start) == 0;
    return copy ? file.substr(at + start.size(), end - at - start.size()) : std::string("reference");
  }();
  return name.c_str();
}

const goshawk_plugin table = {sizeof(goshawk_plugin), GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, own_name(), "1",
                              &engine_table, &memory_table, device_open, device_close, device_describe};

}  // namespace

goshawk_status goshawk_plugin_open(uint32_t host_abi_major, uint32_t, const goshawk_plugin **out, goshawk_error *error) {
  // Lets a test meet a plugin of another time.
  const char *fault = std::getenv("GOSHAWK_REFERENCE_ABI");
  const uint32_t own = fault != nullptr ? uint32_t(std::strtoul(fault, nullptr, 10)) : GOSHAWK_ABI_MAJOR;
  return goshawk::plugin::offer(table, own, host_abi_major, out, error);
}
