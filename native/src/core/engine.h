#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../../plugins/goshawk_engine.h"
#include "../base/device_picture.h"

namespace goshawk {

using Options = std::vector<std::pair<std::string, std::string>>;

/// A loaded engine plugin; never unloaded. Throws Failure: `native-library` with dlerror's words, `native-plugin-abi`,
/// or what the plugin says.
class Plugin {
 public:
  explicit Plugin(const std::string &path);
  explicit Plugin(const goshawk_plugin *table) : table_(table) {}
  const goshawk_plugin &table() const { return *table_; }
  const std::string &path() const { return path_; }

 private:
  void accept(goshawk_plugin_open_fn open);
  std::string path_;
  const goshawk_plugin *table_ = nullptr;
};

struct TensorInfo {
  std::string name;
  goshawk_dtype dtype = 0;
  bool is_input = false;
  std::vector<int64_t> dims;
};

/// One device of a plugin. Lives longer than every engine and buffer on it (they hold it).
class Device : public std::enable_shared_from_this<Device> {
 public:
  Device(std::shared_ptr<const Plugin> plugin, const Options &options);
  ~Device();
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  std::string describe() const;
  const goshawk_plugin &table() const { return plugin_->table(); }
  goshawk_device *handle() const { return handle_; }

  /// The kinds of memory, as bits, whose pictures it takes as they are.
  uint32_t picture_memories() const;
  /// Before the first picture of a pool: what was imported of it is let go of when it is over.
  void know(const std::shared_ptr<PicturePool> &pool);

 private:
  void forget(uint64_t pool);

  std::shared_ptr<const Plugin> plugin_;
  goshawk_device *handle_ = nullptr;
  std::mutex mutex_;
  std::set<uint64_t> pools_;
};

/// Memory that the engine reads and writes in place.
class Buffer {
 public:
  Buffer(std::shared_ptr<Device> device, size_t bytes);
  ~Buffer();
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  void *host() const { return raw_.host; }
  const goshawk_buffer &raw() const { return raw_; }

 private:
  std::shared_ptr<Device> device_;
  goshawk_buffer raw_ = {};
};

struct BuildSpec {
  std::string onnx;
  std::string plan;
  /// Empty: none.
  std::string timing_cache;
  uint64_t workspace_bytes = 0;
};

/// Phase and fraction 0..1, negative where unknown; true asks the build to stop. Called on any thread.
using BuildProgress = std::function<bool(const char *phase, double fraction)>;

/// ONNX to a plan on disk; blocks for minutes. Throws Failure, `native-unsupported` where the engine has no plans.
void build_plan(const Device &device, const BuildSpec &spec, const Options &options, const BuildProgress &progress);

/// A path, or bytes that stay valid while the engine is made.
struct ModelSource {
  std::string path;
  const void *bytes = nullptr;
  size_t byte_count = 0;
};

/// A model on a device.
class Engine {
 public:
  Engine(std::shared_ptr<Device> device, const ModelSource &model, const Options &options);
  ~Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  const std::vector<TensorInfo> &tensors() const { return tensors_; }
  std::string describe() const;
  const std::shared_ptr<Device> &device() const { return device_; }
  const goshawk_engine_api &api() const { return *device_->table().engine; }
  goshawk_engine *handle() const { return handle_; }

 private:
  std::shared_ptr<Device> device_;
  goshawk_engine *handle_ = nullptr;
  std::vector<TensorInfo> tensors_;
};

/// Work on a device, one piece after the other. Where the device has no streams, nothing.
class Stream {
 public:
  explicit Stream(std::shared_ptr<Device> device);
  ~Stream();
  Stream(const Stream &) = delete;
  Stream &operator=(const Stream &) = delete;

  goshawk_stream *handle() const { return handle_; }

 private:
  std::shared_ptr<Device> device_;
  goshawk_stream *handle_ = nullptr;
};

/// One execution context in a stream, which it may share with others of one slot. One thread at a time, but for cancel.
class Context {
 public:
  Context(std::shared_ptr<Engine> engine, std::shared_ptr<Stream> stream);
  ~Context();
  Context(const Context &) = delete;
  Context &operator=(const Context &) = delete;

  void set_shape(uint32_t index, const std::vector<int64_t> &dims);
  void prepare();
  /// Valid after prepare.
  TensorInfo tensor(uint32_t index) const;
  void bind(uint32_t index, const Buffer &buffer);
  /// GOSHAWK_OK: `done` will be called once. Otherwise not, and `message` says why.
  goshawk_status submit(goshawk_completion done, void *user, std::string &message);
  void cancel();
  /// Letterbox on the device; throws Failure where it offers none.
  void letterbox(const goshawk_image &image, const goshawk_letterbox &box, const Buffer &destination);
  /// The same of a picture in memory that `picture_memories` of the device has.
  void letterbox(const DevicePicture &picture, const goshawk_letterbox &box, const Buffer &destination);

 private:
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<Stream> stream_;
  goshawk_context *handle_ = nullptr;
};

/// The stable code that JavaScript sees for a plugin's status.
const char *status_code(goshawk_status status);
size_t tensor_dtype_bytes(goshawk_dtype dtype);

}  // namespace goshawk
