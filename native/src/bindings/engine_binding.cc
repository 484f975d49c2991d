#include <stdio.h>

#include <map>
#include <mutex>

#include "convert.h"
#include "registry.h"

namespace goshawk::bindings {

namespace {

const napi_type_tag engine_tag = {0x6f3b1c2a7d5e4f10, 0x9a8b7c6d5e4f3a21};

struct EngineHolder : Closable {
  std::shared_ptr<Engine> engine;
  std::shared_ptr<Registry> registry;
  ~EngineHolder() override { registry->remove(this); }
  void shut_down() override { engine.reset(); }
};

/// Plugins are never unloaded, so each is opened once per process.
std::shared_ptr<const Plugin> plugin_at(const std::string &path) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const Plugin>> plugins;
  const std::lock_guard<std::mutex> lock(mutex);
  auto &plugin = plugins[path];
  if (plugin == nullptr) plugin = std::make_shared<const Plugin>(path);
  return plugin;
}

/// Loading a model takes up to seconds: off the JavaScript thread.
class OpenWorker : public Napi::AsyncWorker {
 public:
  OpenWorker(Napi::Env env, std::string plugin, Options device, ModelSource model, Napi::ObjectReference bytes,
             Options engine)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), plugin_(std::move(plugin)),
        device_options_(std::move(device)), model_(std::move(model)), bytes_(std::move(bytes)),
        engine_options_(std::move(engine)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      const auto device = std::make_shared<Device>(plugin_at(plugin_), device_options_);
      engine_ = std::make_shared<Engine>(device, model_, engine_options_);
    } catch (const Failure &failure) {
      verdict_ = {failure.code(), failure.what()};
    } catch (const std::exception &error) {
      verdict_ = {"native-internal", error.what()};
    }
  }

  void OnOK() override {
    const Napi::Env env = Env();
    if (!verdict_.ok()) {
      deferred_.Reject(to_error(env, verdict_.code, verdict_.message).Value());
      return;
    }
    auto *holder = new EngineHolder;
    holder->engine = std::move(engine_);
    holder->registry = Registry::of(env).shared_from_this();
    holder->registry->add(holder);
    auto external = Napi::External<EngineHolder>::New(env, holder, [](Napi::Env, EngineHolder *own) { delete own; });
    external.TypeTag(&engine_tag);
    deferred_.Resolve(external);
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::string plugin_;
  Options device_options_;
  ModelSource model_;
  /// Keeps the model's bytes from the garbage collector.
  Napi::ObjectReference bytes_;
  Options engine_options_;
  std::shared_ptr<Engine> engine_;
  Verdict verdict_;
};

/// Opening a device may load a driver: off the JavaScript thread.
class DescribeWorker : public Napi::AsyncWorker {
 public:
  DescribeWorker(Napi::Env env, std::string plugin, Options options)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), plugin_(std::move(plugin)),
        options_(std::move(options)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      description_ = Device(plugin_at(plugin_), options_).describe();
    } catch (const Failure &failure) {
      verdict_ = {failure.code(), failure.what()};
    } catch (const std::exception &error) {
      verdict_ = {"native-internal", error.what()};
    }
  }

  void OnOK() override {
    if (verdict_.ok()) {
      deferred_.Resolve(Napi::String::New(Env(), description_));
    } else {
      deferred_.Reject(to_error(Env(), verdict_.code, verdict_.message).Value());
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::string plugin_;
  Options options_;
  std::string description_;
  Verdict verdict_;
};

EngineHolder &holder_of(const Napi::Value &value) {
  if (!value.IsExternal() || !value.As<Napi::External<EngineHolder>>().CheckTypeTag(&engine_tag)) {
    throw Napi::TypeError::New(value.Env(), "The first argument must be an engine.");
  }
  return *value.As<Napi::External<EngineHolder>>().Data();
}

const char *dtype_name(goshawk_dtype dtype) {
  static const char *const names[] = {"unknown", "float32", "float16", "uint8", "int8", "int32", "int64", "bool"};
  return dtype >= 0 && dtype <= GOSHAWK_BOOL ? names[dtype] : names[0];
}

}  // namespace

std::shared_ptr<Engine> engine_of(const Napi::Value &value) {
  const auto &engine = holder_of(value).engine;
  if (engine == nullptr) throw to_error(value.Env(), "native-closed", "The engine is closed.");
  return engine;
}

Napi::Value open_engine(const Napi::CallbackInfo &info) {
  const Napi::Object spec = info[0].As<Napi::Object>();
  ModelSource model;
  Napi::ObjectReference bytes;
  const Napi::Value source = get(spec, "model");
  if (source.IsTypedArray() && source.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    const Napi::Uint8Array array = source.As<Napi::Uint8Array>();
    model.path = "in memory";
    model.bytes = array.Data();
    model.byte_count = array.ByteLength();
    bytes = Napi::Persistent(source.As<Napi::Object>());
  } else {
    model.path = get_string(spec, "model");
  }
  auto *worker = new OpenWorker(info.Env(), get_string(spec, "plugin"), get_options(spec, "deviceOptions"),
                                std::move(model), std::move(bytes), get_options(spec, "engineOptions"));
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

Napi::Value describe_device(const Napi::CallbackInfo &info) {
  const Napi::Object spec = info[0].As<Napi::Object>();
  auto *worker = new DescribeWorker(info.Env(), get_string(spec, "plugin"), get_options(spec, "deviceOptions"));
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

Napi::Value describe_engine(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<Engine> engine = engine_of(info[0]);
  Napi::Object out = Napi::Object::New(env);
  out.Set("engine", engine->describe());
  out.Set("device", engine->device()->describe());
  out.Set("pictureMemories", double(engine->device()->picture_memories()));
  Napi::Array tensors = Napi::Array::New(env);
  for (const TensorInfo &tensor : engine->tensors()) {
    Napi::Object item = Napi::Object::New(env);
    item.Set("name", tensor.name);
    item.Set("dtype", dtype_name(tensor.dtype));
    item.Set("input", tensor.is_input);
    Napi::Array dims = Napi::Array::New(env);
    for (const int64_t side : tensor.dims) dims.Set(dims.Length(), double(side));
    item.Set("dims", dims);
    tensors.Set(tensors.Length(), item);
  }
  out.Set("tensors", tensors);
  return out;
}

/// Blocks: for a process of its own. Progress goes to a file descriptor as JSON lines, since the engine reports it on
/// threads of its own while this one waits.
Napi::Value build_engine(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Object spec = info[0].As<Napi::Object>();
    BuildSpec build;
    build.onnx = get_string(spec, "onnx");
    build.plan = get_string(spec, "plan");
    build.timing_cache = get_string(spec, "timingCache");
    build.workspace_bytes = uint64_t(get_number(spec, "workspaceBytes"));
    const int file = get_int(spec, "progressFd");
    const Device device(plugin_at(get_string(spec, "plugin")), get_options(spec, "deviceOptions"));
    std::mutex mutex;
    build_plan(device, build, get_options(spec, "engineOptions"), [&](const char *phase, double fraction) {
      const std::lock_guard<std::mutex> lock(mutex);
      // A phase's name is a word of the engine and holds no quotes; a failed write means that the reader has gone.
      return dprintf(file, "{\"phase\":\"%s\",\"fraction\":%.4f}\n", phase, fraction) < 0;
    });
    return info.Env().Undefined();
  });
}

/// Detectors on the engine keep it alive until they are closed.
Napi::Value close_engine(const Napi::CallbackInfo &info) {
  holder_of(info[0]).engine.reset();
  return info.Env().Undefined();
}

}  // namespace goshawk::bindings
