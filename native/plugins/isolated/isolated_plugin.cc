// An engine in a process of its own, behind the same C line: what crashes or hangs there costs the frames under way and
// nothing else. Tensors lie in memory that both processes see; a frame crosses by a futex (gate.h), everything else as
// requests (channel.h). The device's options name the plugin that the process loads (`isolate.plugin`), the program
// (`isolate.host`), whether all of its memory stays out of swap (`isolate.lock_memory`), and how long a cancelled frame
// (`isolate.kill_ms`) and a letterbox (`isolate.letterbox_ms`) may take before the process is ended.
#include <list>
#include <map>

#include "../plugin_tensor.h"
#include "engine_process.h"
#include "shared_memory.h"

using goshawk::isolated::EngineProcess;
using goshawk::isolated::Gate;
using goshawk::isolated::Packer;
using goshawk::isolated::Packet;
using goshawk::isolated::Request;
using goshawk::isolated::SharedMemory;
using goshawk::isolated::Unpacker;
using goshawk::plugin::fail;
using goshawk::plugin::guarded;
using goshawk::plugin::Tensor;

struct goshawk_device {
  std::unique_ptr<EngineProcess> process;
  std::string description;
  int kill_ms = 0;
  int letterbox_ms = 0;
  bool streams = false;
  uint32_t image_memories = 0;
  std::atomic<uint32_t> last_id{0};
  std::mutex mutex;
  std::map<uint32_t, std::unique_ptr<SharedMemory>> memory;

  uint32_t next_id() { return ++last_id; }
  goshawk_status ask(Request request, const Packer &packer, Packet &answer, goshawk_error *error, int file = -1) {
    return process->ask(request, packer, answer, error, file);
  }
  /// No gate has a letterbox, so that nobody can give it up.
  goshawk_status fill(Request request, const Packer &packer, goshawk_error *error, int file) {
    Packet ignored;
    return process->ask(request, packer, ignored, error, file, letterbox_ms);
  }
  /// For what has no answer that anybody reads. An engine that does not let go of its own is ended.
  void end(Request request, uint32_t id) {
    constexpr int limit_ms = 10'000;
    Packet ignored;
    process->ask(request, Packer().number(id), ignored, nullptr, -1, limit_ms);
  }
};

struct goshawk_stream {
  uint32_t id = 0;
  /// Pictures for the letterbox of the device: grown when a larger one comes.
  std::unique_ptr<SharedMemory> picture;
};

struct goshawk_engine {
  goshawk_device *device = nullptr;
  uint32_t id = 0;
  std::vector<Tensor> tensors;
  std::string description;
};

struct goshawk_context {
  goshawk_engine *engine = nullptr;
  uint32_t id = 0;
  SharedMemory shared;
  std::atomic<bool> cancelled{false};
  /// Names that were handed out.
  std::list<std::string> names;
  Gate &gate() { return *static_cast<Gate *>(shared.data()); }
};

namespace {

goshawk_status damaged(goshawk_error *error) {
  return fail(error, GOSHAWK_FAILED, "The engine's process answered in a way that it should not.");
}

void pack(Packer &packer, const goshawk_options *options) {
  const uint32_t count = options != nullptr ? options->count : 0;
  packer.number(count);
  for (uint32_t i = 0; i < count; i++) packer.text(options->items[i].key).text(options->items[i].value);
}

Tensor unpack_tensor(Unpacker &from) {
  Tensor tensor;
  tensor.name = from.text();
  tensor.dtype = from.number<int32_t>();
  tensor.input = from.number<int32_t>() != 0;
  const auto rank = from.number<uint32_t>();
  for (uint32_t i = 0; i < rank && i < GOSHAWK_MAX_RANK; i++) tensor.dims.push_back(from.number<int64_t>());
  return tensor;
}

goshawk_status device_open(const goshawk_options *options, goshawk_device **out, goshawk_error *error) {
  return guarded(error, [&]() -> goshawk_status {
    const char *plugin = goshawk::plugin::option(options, "isolate.plugin", nullptr);
    const char *host = goshawk::plugin::option(options, "isolate.host", nullptr);
    if (plugin == nullptr || host == nullptr) {
      return fail(error, GOSHAWK_INVALID, "The options isolate.plugin and isolate.host name what runs isolated.");
    }
    auto device = std::make_unique<goshawk_device>();
    device->kill_ms = int(goshawk::plugin::option_number(options, "isolate.kill_ms", 1000));
    device->letterbox_ms = int(goshawk::plugin::option_number(options, "isolate.letterbox_ms", 10'000));
    device->process = EngineProcess::start(host, error);
    if (device->process == nullptr) return error->code;
    Packet answer;
    Packer opening;
    goshawk_status status = device->ask(Request::open_plugin, opening.text(plugin), answer, error);
    if (status != GOSHAWK_OK) return status;
    Packer packer;
    pack(packer, options);
    status = device->ask(Request::open_device, packer, answer, error);
    if (status != GOSHAWK_OK) return status;
    Unpacker said(answer.bytes);
    device->streams = said.number<uint32_t>() != 0;
    device->image_memories = said.number<uint32_t>();
    device->description = said.text();
    if (!said.ok()) return damaged(error);
    // The process's number beside what the device says, for whoever looks after it.
    const std::string pid = "\"process\":" + std::to_string(device->process->pid());
    const bool empty = device->description.size() <= 2;
    if (empty) device->description = "{" + pid + "}";
    else device->description.insert(1, pid + ",");
    *out = device.release();
    return GOSHAWK_OK;
  });
}

void device_close(goshawk_device *device) { delete device; }
const char *device_describe(goshawk_device *device) { return device->description.c_str(); }

goshawk_status allocate(goshawk_device *device, uint64_t bytes, goshawk_buffer *out, goshawk_error *error) {
  return guarded(error, [&]() -> goshawk_status {
    auto memory = std::make_unique<SharedMemory>();
    if (!memory->create(size_t(bytes))) {
      return fail(error, GOSHAWK_OUT_OF_MEMORY, "There is no shared memory for " + std::to_string(bytes) + " bytes.");
    }
    const uint32_t id = device->next_id();
    Packet answer;
    Packer packer;
    packer.number(id).number(bytes);
    const goshawk_status status = device->ask(Request::allocate, packer, answer, error, memory->file());
    if (status != GOSHAWK_OK) return status;
    out->bytes = bytes;
    out->host = memory->data();
    out->device = 0;
    out->cookie = id;
    const std::lock_guard<std::mutex> lock(device->mutex);
    device->memory[id] = std::move(memory);
    return GOSHAWK_OK;
  });
}

void release(goshawk_device *device, goshawk_buffer *buffer) {
  device->end(Request::release, uint32_t(buffer->cookie));
  const std::lock_guard<std::mutex> lock(device->mutex);
  device->memory.erase(uint32_t(buffer->cookie));
  buffer->host = nullptr;
}

goshawk_status stream_create(goshawk_device *device, goshawk_stream **out, goshawk_error *error) {
  *out = nullptr;
  if (!device->streams) return GOSHAWK_OK;
  return guarded(error, [&]() -> goshawk_status {
    auto stream = std::make_unique<goshawk_stream>();
    stream->id = device->next_id();
    Packet answer;
    Packer packer;
    const goshawk_status status = device->ask(Request::create_stream, packer.number(stream->id), answer, error);
    if (status == GOSHAWK_OK) *out = stream.release();
    return status;
  });
}

void stream_destroy(goshawk_device *device, goshawk_stream *stream) {
  device->end(Request::destroy_stream, stream->id);
  delete stream;
}

/// The picture is copied once: it may lie anywhere.
goshawk_status letterbox(goshawk_device *device, goshawk_stream *stream, const goshawk_image *image,
                         const goshawk_letterbox *box, const goshawk_buffer *destination, goshawk_error *error) {
  if (stream == nullptr) return fail(error, GOSHAWK_UNSUPPORTED, "The engine has no letterbox of its own.");
  return guarded(error, [&]() -> goshawk_status {
    int file = -1;
    if (stream->picture == nullptr || stream->picture->bytes() < image->byte_count) {
      auto larger = std::make_unique<SharedMemory>();
      if (!larger->create(size_t(image->byte_count))) {
        return fail(error, GOSHAWK_OUT_OF_MEMORY, "There is no shared memory for a picture.");
      }
      stream->picture = std::move(larger);
      file = stream->picture->file();
    }
    std::memcpy(stream->picture->data(), image->data, size_t(image->byte_count));
    Packer packer;
    packer.number(stream->id).number(uint64_t(stream->picture->bytes())).number(uint32_t(destination->cookie));
    packer.number(image->encoding).number(image->width).number(image->height).number(image->step);
    packer.number(image->byte_count).number(*box);
    return device->fill(Request::letterbox, packer, error, file);
  });
}

uint32_t image_memories(goshawk_device *device) { return device->image_memories; }

/// No byte of the picture is copied: its descriptor goes to the other process, and is closed there after the call.
goshawk_status letterbox_image(goshawk_device *device, goshawk_stream *stream, const goshawk_device_image *image,
                               const goshawk_letterbox *box, const goshawk_buffer *destination, goshawk_error *error) {
  if (stream == nullptr) return fail(error, GOSHAWK_UNSUPPORTED, "The engine has no letterbox of its own.");
  return guarded(error, [&]() -> goshawk_status {
    Packer packer;
    packer.number(stream->id).number(uint32_t(destination->cookie)).number(*box);
    goshawk_device_image told = *image;
    // A number of this process says nothing in the other one.
    told.file = -1;
    packer.number(told);
    return device->fill(Request::letterbox_image, packer, error, image->file);
  });
}

void forget_images(goshawk_device *device, uint64_t pool) {
  Packer packer;
  device->process->tell(Request::forget_images, packer.number(pool));
}

/// The words of the engine, and why its model may have been swapped on the way to it.
std::string with_lock_problem(const std::string &words, const std::string &problem) {
  if (problem.empty() || words.empty() || words.front() != '{') return words;
  std::string plain;
  for (const char letter : problem) plain += letter >= ' ' && letter != '"' && letter != '\\' ? letter : ' ';
  const bool alone = words.find_first_not_of(" \n", 1) == words.find('}');
  return "{\"lockProblem\":\"" + plain + "\"" + (alone ? "" : ",") + words.substr(1);
}

goshawk_status engine_open(goshawk_device *device, const goshawk_model *model, const goshawk_options *options,
                           goshawk_engine **out, goshawk_error *error) {
  return guarded(error, [&]() -> goshawk_status {
    SharedMemory bytes;
    std::string lock_problem;
    if (model->path == nullptr) {
      if (!bytes.create(size_t(model->byte_count))) {
        return fail(error, GOSHAWK_OUT_OF_MEMORY, "There is no shared memory for the model.");
      }
      lock_problem = bytes.keep_secret();
      std::memcpy(bytes.data(), model->bytes, size_t(model->byte_count));
    }
    auto engine = std::make_unique<goshawk_engine>();
    engine->device = device;
    engine->id = device->next_id();
    Packer packer;
    packer.number(engine->id).text(model->path).number(model->byte_count);
    pack(packer, options);
    Packet answer;
    const goshawk_status status = device->ask(Request::open_engine, packer, answer, error, bytes.file());
    if (status != GOSHAWK_OK) return status;
    Unpacker said(answer.bytes);
    engine->description = said.text();
    const std::string there = said.text();
    engine->description = with_lock_problem(engine->description, lock_problem.empty() ? there : lock_problem);
    const auto count = said.number<uint32_t>();
    for (uint32_t i = 0; i < count && said.ok(); i++) engine->tensors.push_back(unpack_tensor(said));
    if (!said.ok()) return damaged(error);
    *out = engine.release();
    return GOSHAWK_OK;
  });
}

void engine_close(goshawk_engine *engine) {
  engine->device->end(Request::close_engine, engine->id);
  delete engine;
}

const char *engine_describe(goshawk_engine *engine) { return engine->description.c_str(); }
uint32_t tensor_count(goshawk_engine *engine) { return uint32_t(engine->tensors.size()); }

goshawk_status tensor_info(goshawk_engine *engine, uint32_t index, goshawk_tensor *out) {
  return goshawk::plugin::tell(engine->tensors, index, out);
}

goshawk_status context_create(goshawk_engine *engine, goshawk_stream *stream, goshawk_context **out, goshawk_error *error) {
  return guarded(error, [&]() -> goshawk_status {
    auto context = std::make_unique<goshawk_context>();
    context->engine = engine;
    context->id = engine->device->next_id();
    if (!context->shared.create(sizeof(Gate))) {
      return fail(error, GOSHAWK_OUT_OF_MEMORY, "There is no shared memory for a context.");
    }
    Packer packer;
    packer.number(context->id).number(engine->id).number(stream != nullptr ? stream->id : 0u);
    Packet answer;
    const goshawk_status status =
        engine->device->ask(Request::create_context, packer, answer, error, context->shared.file());
    if (status != GOSHAWK_OK) return status;
    engine->device->process->watch(&context->gate());
    *out = context.release();
    return GOSHAWK_OK;
  });
}

void context_destroy(goshawk_context *context) {
  context->engine->device->end(Request::destroy_context, context->id);
  context->engine->device->process->forget(&context->gate());
  delete context;
}

goshawk_status ask_context(goshawk_context *context, Request request, Packer &packer, goshawk_error *error) {
  Packet answer;
  return context->engine->device->ask(request, packer, answer, error);
}

goshawk_status context_set_shape(goshawk_context *context, uint32_t index, int32_t rank, const int64_t *dims,
                                 goshawk_error *error) {
  if (rank < 0 || rank > GOSHAWK_MAX_RANK) return fail(error, GOSHAWK_INVALID, "A tensor has eight sides at most.");
  return guarded(error, [&] {
    Packer packer;
    packer.number(context->id).number(index).number(rank);
    for (int32_t i = 0; i < rank; i++) packer.number(dims[i]);
    return ask_context(context, Request::set_shape, packer, error);
  });
}

goshawk_status context_prepare(goshawk_context *context, goshawk_error *error) {
  return guarded(error, [&] {
    Packer packer;
    return ask_context(context, Request::prepare, packer.number(context->id), error);
  });
}

goshawk_status context_tensor(goshawk_context *context, uint32_t index, goshawk_tensor *out) {
  return guarded(nullptr, [&]() -> goshawk_status {
    Packer packer;
    Packet answer;
    const goshawk_status status = context->engine->device->ask(
        Request::context_tensor, packer.number(context->id).number(index), answer, nullptr);
    if (status != GOSHAWK_OK) return status;
    Unpacker said(answer.bytes);
    const std::vector<Tensor> one = {unpack_tensor(said)};
    if (!said.ok()) return GOSHAWK_FAILED;
    goshawk::plugin::tell(one, 0, out);
    context->names.push_back(one[0].name);
    out->name = context->names.back().c_str();
    return GOSHAWK_OK;
  });
}

goshawk_status context_bind(goshawk_context *context, uint32_t index, const goshawk_buffer *buffer, goshawk_error *error) {
  return guarded(error, [&] {
    Packer packer;
    packer.number(context->id).number(index).number(uint32_t(buffer->cookie));
    return ask_context(context, Request::bind, packer, error);
  });
}

/// Blocks until the frame is answered; the completion is called on this thread.
goshawk_status context_submit(goshawk_context *context, goshawk_completion done, void *user, goshawk_error *error) {
  return guarded(error, [&]() -> goshawk_status {
    context->cancelled = false;
    std::string message;
    const goshawk_device &device = *context->engine->device;
    const goshawk_status status = device.process->pass(context->gate(), context->cancelled, device.kill_ms, message);
    done(user, status, message.c_str());
    return GOSHAWK_OK;
  });
}

void context_cancel(goshawk_context *context) {
  context->cancelled = true;
  Packer packer;
  context->engine->device->process->tell(Request::cancel, packer.number(context->id));
  goshawk::isolated::wake(context->gate().answered);
}

const goshawk_engine_api engine_table = {
    sizeof(goshawk_engine_api), 0, engine_open, engine_close, engine_describe, tensor_count, tensor_info, context_create,
    context_destroy, context_set_shape, context_prepare, context_tensor, context_bind, context_submit, context_cancel, nullptr};
const goshawk_memory_api memory_table = {
    sizeof(goshawk_memory_api), 0, allocate, release, stream_create, stream_destroy, letterbox, nullptr, nullptr,
    image_memories, letterbox_image, forget_images};
const goshawk_plugin table = {sizeof(goshawk_plugin), GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, "isolated", "1",
                              &engine_table, &memory_table, device_open, device_close, device_describe};

}  // namespace

goshawk_status goshawk_plugin_open(uint32_t host_abi_major, uint32_t, const goshawk_plugin **out, goshawk_error *error) {
  return goshawk::plugin::offer(table, GOSHAWK_ABI_MAJOR, host_abi_major, out, error);
}
