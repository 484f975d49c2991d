// The program that runs one engine for an agent, and ends with it. It loads one plugin, opens one device, and answers what
// comes over descriptor 3; see channel.h and gate.h. What its engine writes, writes to the agent's standard error.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <thread>

#include "../base/compute_thread.h"
#include "../base/locked_process.h"
#include "../../plugins/plugin_tensor.h"
#include "../../plugins/symbol.h"
#include "../../plugins/isolated/channel.h"
#include "../../plugins/isolated/gate.h"
#include "../../plugins/isolated/shared_memory.h"

namespace goshawk::isolated {

namespace {

using plugin::fail;

const goshawk_plugin *loaded = nullptr;
goshawk_device *device = nullptr;

#define OFFERS(table, member)                                                                                   \
  ((table)->struct_size >= offsetof(std::remove_cv_t<std::remove_reference_t<decltype(*(table))>>, member) +    \
                               sizeof((table)->member) &&                                                       \
   (table)->member != nullptr)

/// A tensor's memory: what both processes see, and the engine's own where that is another.
struct Memory {
  SharedMemory shared;
  goshawk_buffer buffer = {};
  bool wrapped = false;
  ~Memory() {
    if (wrapped) loaded->memory->unwrap(device, &buffer);
    else if (buffer.host != nullptr) loaded->memory->release(device, &buffer);
  }
  /// The engine works on a copy of its own.
  bool copied() const { return buffer.host != shared.data(); }
};

struct Stream {
  goshawk_stream *handle = nullptr;
  std::unique_ptr<SharedMemory> picture;
  ~Stream() {
    if (handle != nullptr) loaded->memory->stream_destroy(device, handle);
  }
};

struct OpenEngine {
  goshawk_engine *handle = nullptr;
  ~OpenEngine() {
    if (handle != nullptr) loaded->engine->engine_close(handle);
  }
};

/// One context and the thread that its frames run on.
class Runner {
 public:
  ~Runner() {
    if (thread_.joinable()) {
      ending_ = true;
      wake(gate().asked);
      thread_.join();
    }
    if (handle != nullptr) loaded->engine->context_destroy(handle);
  }

  goshawk_context *handle = nullptr;
  SharedMemory shared;
  Gate &gate() { return *static_cast<Gate *>(shared.data()); }
  /// By the index of the tensor, with whether it is an input.
  std::map<uint32_t, std::pair<Memory *, bool>> bound;

  void start() {
    thread_ = std::thread([this] { loop(); });
  }

 private:
  void loop() {
    uint32_t served = 0;
    while (!ending_) {
      const uint32_t asked = gate().asked;
      if (asked == served) {
        // The limit is for an end that comes just before the wait.
        wait_while(gate().asked, served, 1000);
        continue;
      }
      served = asked;
      run();
      gate().answered = asked;
      wake(gate().answered);
    }
  }

  void run() {
    for (const auto &[index, tensor] : bound) {
      if (tensor.second && tensor.first->copied())
        std::memcpy(tensor.first->buffer.host, tensor.first->shared.data(), size_t(tensor.first->buffer.bytes));
    }
    goshawk_error error = {};
    error.struct_size = sizeof error;
    done_ = false;
    const goshawk_status accepted = loaded->engine->context_submit(handle, completed, this, &error);
    if (accepted != GOSHAWK_OK) return gate().say(accepted, error.message);
    {
      std::unique_lock<std::mutex> lock(mutex_);
      answered_.wait(lock, [this] { return done_; });
    }
    for (const auto &[index, tensor] : bound) {
      if (!tensor.second && tensor.first->copied())
        std::memcpy(tensor.first->shared.data(), tensor.first->buffer.host, size_t(tensor.first->buffer.bytes));
    }
  }

  static void completed(void *user, goshawk_status status, const char *message) {
    Runner &runner = *static_cast<Runner *>(user);
    const std::lock_guard<std::mutex> lock(runner.mutex_);
    runner.gate().say(status, message);
    runner.done_ = true;
    runner.answered_.notify_one();
  }

  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::condition_variable answered_;
  bool done_ = false;
  std::thread thread_;
};

// In the order in which they may go: contexts before engines before streams before memory.
std::map<uint32_t, std::unique_ptr<Memory>> memories;
std::map<uint32_t, std::unique_ptr<Stream>> streams;
std::map<uint32_t, std::unique_ptr<OpenEngine>> engines;
std::map<uint32_t, std::unique_ptr<Runner>> runners;

struct Options {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<goshawk_option> items;
  goshawk_options raw = {};
  explicit Options(Unpacker &from) {
    const auto count = from.number<uint32_t>();
    for (uint32_t i = 0; i < count && from.ok(); i++) {
      std::string key = from.text();
      pairs.emplace_back(std::move(key), from.text());
    }
    for (const auto &[key, value] : pairs) items.push_back({key.c_str(), value.c_str()});
    raw = {sizeof raw, uint32_t(items.size()), items.data()};
  }
};

void pack(Packer &packer, const goshawk_tensor &tensor) {
  packer.text(tensor.name).number(tensor.dtype).number(tensor.is_input).number(uint32_t(tensor.rank));
  for (int32_t i = 0; i < tensor.rank && i < GOSHAWK_MAX_RANK; i++) packer.number(tensor.dims[i]);
}

/// A descriptor that came with a request, closed with it.
struct OwnFile {
  explicit OwnFile(int file) : file(file) {}
  ~OwnFile() {
    if (file >= 0) ::close(file);
  }
  OwnFile(const OwnFile &) = delete;
  OwnFile &operator=(const OwnFile &) = delete;
  const int file;
};

goshawk_status unknown(goshawk_error *error) { return fail(error, GOSHAWK_INVALID, "There is nothing of that number."); }

goshawk_status open_plugin(const std::string &path, goshawk_error *error) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fail(error, GOSHAWK_NOT_FOUND, dlerror());
  goshawk_plugin_open_fn open = nullptr;
  if (!plugin::find_symbol(library, open, "goshawk_plugin_open")) return fail(error, GOSHAWK_INCOMPATIBLE, path + " is no engine plugin.");
  return open(GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, &loaded, error);
}

goshawk_status open_device(Unpacker &said, Packer &answer, goshawk_error *error) {
  if (loaded == nullptr || device != nullptr) return fail(error, GOSHAWK_INVALID, "A process runs one device of one plugin.");
  const Options options(said);
  // Before the engine has anything. Who wants this wants it held to: an engine that may be swapped is none then.
  if (plugin::option_number(&options.raw, "isolate.lock_memory", 0) != 0) {
    const std::string problem = lock_process();
    if (!problem.empty()) return fail(error, GOSHAWK_INVALID, "The engine's memory can't be locked: " + problem + ".");
  }
  const goshawk_status status = loaded->device_open(&options.raw, &device, error);
  if (status != GOSHAWK_OK) return status;
  if (device == nullptr) return fail(error, GOSHAWK_FAILED, "The plugin opened no device and did not say why.");
  const char *words = loaded->device_describe == nullptr ? nullptr : loaded->device_describe(device);
  answer.number(uint32_t(OFFERS(loaded->memory, stream_create) && OFFERS(loaded->memory, stream_destroy)));
  const bool images = OFFERS(loaded->memory, image_memories) && OFFERS(loaded->memory, letterbox_image) &&
                      OFFERS(loaded->memory, forget_images);
  answer.number(images ? loaded->memory->image_memories(device) : 0u);
  answer.text(words != nullptr ? words : "{}");
  return GOSHAWK_OK;
}

goshawk_status allocate(Unpacker &said, int file, goshawk_error *error) {
  const auto id = said.number<uint32_t>();
  const auto bytes = said.number<uint64_t>();
  auto memory = std::make_unique<Memory>();
  if (!memory->shared.open(file, size_t(bytes))) {
    return fail(error, GOSHAWK_OUT_OF_MEMORY, "The engine's process can't map shared memory.");
  }
  memory->buffer.struct_size = sizeof memory->buffer;
  goshawk_status status;
  if (OFFERS(loaded->memory, wrap) && OFFERS(loaded->memory, unwrap)) {
    status = loaded->memory->wrap(device, memory->shared.data(), bytes, &memory->buffer, error);
    memory->wrapped = status == GOSHAWK_OK;
  } else {
    status = loaded->memory->allocate(device, bytes, &memory->buffer, error);
    if (status == GOSHAWK_OK && (memory->buffer.host == nullptr || memory->buffer.bytes < bytes)) {
      status = fail(error, GOSHAWK_OUT_OF_MEMORY, "The device gave less memory than was asked for.");
    }
    memory->buffer.bytes = bytes;
  }
  if (status == GOSHAWK_OK) memories[id] = std::move(memory);
  return status;
}

goshawk_status letterbox(Unpacker &said, int file, goshawk_error *error) {
  const auto stream = streams.find(said.number<uint32_t>());
  const auto picture_bytes = said.number<uint64_t>();
  const auto memory = memories.find(said.number<uint32_t>());
  if (stream == streams.end() || memory == memories.end()) {
    const OwnFile nobodys(file);
    return unknown(error);
  }
  if (file >= 0) {
    stream->second->picture = std::make_unique<SharedMemory>();
    if (!stream->second->picture->open(file, size_t(picture_bytes))) stream->second->picture.reset();
  }
  goshawk_image image = {};
  image.struct_size = sizeof image;
  image.encoding = said.number<int32_t>();
  image.width = said.number<uint32_t>();
  image.height = said.number<uint32_t>();
  image.step = said.number<uint64_t>();
  image.byte_count = said.number<uint64_t>();
  const auto box = said.number<goshawk_letterbox>();
  const SharedMemory *picture = stream->second->picture.get();
  if (!said.ok() || picture == nullptr || picture->bytes() < image.byte_count) {
    return fail(error, GOSHAWK_OUT_OF_MEMORY, "The engine's process can't map the picture.");
  }
  image.data = picture->data();
  if (!OFFERS(loaded->memory, letterbox)) return fail(error, GOSHAWK_UNSUPPORTED, "The engine has no letterbox of its own.");
  Memory &tensor = *memory->second;
  return loaded->memory->letterbox(device, stream->second->handle, &image, &box, &tensor.buffer, error);
}

/// The descriptor is this call's: an engine that keeps the picture's memory makes its own.
goshawk_status letterbox_image(Unpacker &said, int file, goshawk_error *error) {
  const OwnFile own(file);
  const auto stream = streams.find(said.number<uint32_t>());
  const auto memory = memories.find(said.number<uint32_t>());
  if (stream == streams.end() || memory == memories.end()) return unknown(error);
  const auto box = said.number<goshawk_letterbox>();
  auto image = said.number<goshawk_device_image>();
  if (!said.ok() || file < 0 || !OFFERS(loaded->memory, letterbox_image)) {
    return fail(error, GOSHAWK_INVALID, "The picture came without its memory.");
  }
  image.file = file;
  return loaded->memory->letterbox_image(device, stream->second->handle, &image, &box, &memory->second->buffer, error);
}

goshawk_status forget_images(uint64_t pool) {
  if (OFFERS(loaded->memory, forget_images)) loaded->memory->forget_images(device, pool);
  return GOSHAWK_OK;
}

goshawk_status open_engine(Unpacker &said, int file, Packer &answer, goshawk_error *error) {
  const auto id = said.number<uint32_t>();
  const std::string path = said.text();
  goshawk_model model = {};
  model.struct_size = sizeof model;
  model.byte_count = said.number<uint64_t>();
  SharedMemory bytes;
  std::string lock_problem;
  if (file >= 0) {
    // What comes as bytes may be on no disk, not in a dump either.
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
    if (!bytes.open(file, size_t(model.byte_count))) return fail(error, GOSHAWK_OUT_OF_MEMORY, "The model can't be mapped.");
    lock_problem = bytes.keep_secret();
    model.bytes = bytes.data();
  } else {
    model.path = path.c_str();
  }
  const Options options(said);
  auto engine = std::make_unique<OpenEngine>();
  // The engine's own threads come to life here.
  const ComputeThread computing;
  const goshawk_status status = loaded->engine->engine_open(device, &model, &options.raw, &engine->handle, error);
  if (status != GOSHAWK_OK) return status;
  if (engine->handle == nullptr) return fail(error, GOSHAWK_FAILED, "The engine was not made, and the plugin did not say why.");
  const char *words = OFFERS(loaded->engine, engine_describe) ? loaded->engine->engine_describe(engine->handle) : nullptr;
  const uint32_t count = loaded->engine->tensor_count(engine->handle);
  answer.text(words != nullptr ? words : "{}").text(lock_problem.c_str()).number(count);
  for (uint32_t i = 0; i < count; i++) {
    goshawk_tensor tensor = {};
    tensor.struct_size = sizeof tensor;
    if (loaded->engine->tensor_info(engine->handle, i, &tensor) != GOSHAWK_OK) {
      return fail(error, GOSHAWK_FAILED, "The engine does not describe its tensor " + std::to_string(i) + ".");
    }
    pack(answer, tensor);
  }
  engines[id] = std::move(engine);
  return GOSHAWK_OK;
}

goshawk_status create_context(Unpacker &said, int file, goshawk_error *error) {
  const auto id = said.number<uint32_t>();
  const auto engine = engines.find(said.number<uint32_t>());
  const auto stream = streams.find(said.number<uint32_t>());
  auto runner = std::make_unique<Runner>();
  const bool mapped = runner->shared.open(file, sizeof(Gate));
  if (engine == engines.end()) return unknown(error);
  if (!mapped) return fail(error, GOSHAWK_OUT_OF_MEMORY, "The engine's process can't map shared memory.");
  goshawk_stream *order = stream == streams.end() ? nullptr : stream->second->handle;
  const goshawk_status status = loaded->engine->context_create(engine->second->handle, order, &runner->handle, error);
  if (status != GOSHAWK_OK) return status;
  // As the agent's own: it computes for long stretches.
  const ComputeThread computing;
  runner->start();
  runners[id] = std::move(runner);
  return GOSHAWK_OK;
}

goshawk_status bind(Runner &runner, Unpacker &said, goshawk_error *error) {
  const auto index = said.number<uint32_t>();
  const auto memory = memories.find(said.number<uint32_t>());
  if (memory == memories.end()) return unknown(error);
  // An engine may read a constant when it is bound.
  Memory &own = *memory->second;
  if (own.copied()) std::memcpy(own.buffer.host, own.shared.data(), size_t(own.buffer.bytes));
  const goshawk_status status = loaded->engine->context_bind(runner.handle, index, &memory->second->buffer, error);
  if (status != GOSHAWK_OK) return status;
  goshawk_tensor tensor = {};
  tensor.struct_size = sizeof tensor;
  if (loaded->engine->context_tensor(runner.handle, index, &tensor) != GOSHAWK_OK) return unknown(error);
  // On the CPU that computes on a copy, as much of it as the tensor has.
  runner.bound[index] = {memory->second.get(), tensor.is_input != 0};
  return GOSHAWK_OK;
}

goshawk_status on_context(Request request, Unpacker &said, Packer &answer, goshawk_error *error) {
  const auto found = runners.find(said.number<uint32_t>());
  if (found == runners.end()) return unknown(error);
  Runner &runner = *found->second;
  if (request == Request::cancel) {
    loaded->engine->context_cancel(runner.handle);
    return GOSHAWK_OK;
  }
  if (request == Request::prepare) return loaded->engine->context_prepare(runner.handle, error);
  if (request == Request::bind) return bind(runner, said, error);
  const auto index = said.number<uint32_t>();
  if (request == Request::context_tensor) {
    goshawk_tensor tensor = {};
    tensor.struct_size = sizeof tensor;
    const goshawk_status status = loaded->engine->context_tensor(runner.handle, index, &tensor);
    if (status == GOSHAWK_OK) pack(answer, tensor);
    return status;
  }
  const auto rank = said.number<int32_t>();
  int64_t dims[GOSHAWK_MAX_RANK] = {};
  for (int32_t i = 0; i < rank && i < GOSHAWK_MAX_RANK; i++) dims[i] = said.number<int64_t>();
  if (!said.ok() || rank < 0 || rank > GOSHAWK_MAX_RANK) return unknown(error);
  return loaded->engine->context_set_shape(runner.handle, index, rank, dims, error);
}

goshawk_status create_stream(uint32_t id, goshawk_error *error) {
  auto stream = std::make_unique<Stream>();
  const goshawk_status status = loaded->memory->stream_create(device, &stream->handle, error);
  if (status == GOSHAWK_OK) streams[id] = std::move(stream);
  return status;
}

goshawk_status act(Request request, Unpacker &said, int file, Packer &answer, goshawk_error *error) {
  if (request == Request::open_plugin) return open_plugin(said.text(), error);
  if (request == Request::open_device) return open_device(said, answer, error);
  if (device == nullptr) return fail(error, GOSHAWK_INVALID, "No device is open.");
  switch (request) {
    case Request::allocate: return allocate(said, file, error);
    case Request::release: memories.erase(said.number<uint32_t>()); return GOSHAWK_OK;
    case Request::create_stream: return create_stream(said.number<uint32_t>(), error);
    case Request::destroy_stream: streams.erase(said.number<uint32_t>()); return GOSHAWK_OK;
    case Request::letterbox: return letterbox(said, file, error);
    case Request::letterbox_image: return letterbox_image(said, file, error);
    case Request::forget_images: return forget_images(said.number<uint64_t>());
    case Request::open_engine: return open_engine(said, file, answer, error);
    case Request::close_engine: engines.erase(said.number<uint32_t>()); return GOSHAWK_OK;
    case Request::create_context: return create_context(said, file, error);
    case Request::destroy_context: runners.erase(said.number<uint32_t>()); return GOSHAWK_OK;
    default: return on_context(request, said, answer, error);
  }
}

/// An engine that takes all memory goes before the agent does.
void be_first_to_go() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  const ssize_t written = ::write(file, "500", 3);
  static_cast<void>(written);
  ::close(file);
}

/// Whatever an engine is doing, and however long it will, this process ends with its agent.
void end_with_agent() {
  std::thread([] {
    pollfd agent = {3, POLLRDHUP, 0};
    while (::poll(&agent, 1, -1) <= 0 || (agent.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0) continue;
    _exit(0);
  }).detach();
}

/// Returns where the agent closed the device, or is gone.
void serve(Channel &channel) {
  Packet packet;
  while (channel.receive(packet) == Channel::Outcome::packet) {
    const auto request = Request(packet.kind);
    if (request == Request::close_device) return;
    Unpacker said(packet.bytes);
    Packer answer;
    goshawk_error error = {};
    error.struct_size = sizeof error;
    const goshawk_status status =
        plugin::guarded(&error, [&] { return act(request, said, packet.file, answer, &error); });
    if (request == Request::cancel || request == Request::forget_images) continue;
    Packer words;
    if (!channel.send(uint32_t(status), status == GOSHAWK_OK ? answer : words.text(error.message))) return;
  }
}

}  // namespace

int run_host() {
  ::prctl(PR_SET_NAME, "goshawk-engine");
  be_first_to_go();
  end_with_agent();
  // A terminal and a service manager signal the whole process group; the agent ends this process when it needs it no more.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_IGN);
  Channel channel(3);
  serve(channel);
  // What an engine still does, and what it would do when it is taken down, is nobody's any more.
  _exit(0);
}

}  // namespace goshawk::isolated

int main() { return goshawk::isolated::run_host(); }
