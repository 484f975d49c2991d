// What one JavaScript environment (the main thread, or a worker) holds of the core.
#pragma once

#include <napi.h>

#include <memory>
#include <set>

#include "../core/detector.h"

namespace goshawk::bindings {

/// Something that must release the engine before the environment ends.
class Closable {
 public:
  virtual ~Closable() = default;
  /// Blocks until nothing runs any more. Idempotent.
  virtual void shut_down() = 0;
};

/// What a frame needs until its result is given. Made and destroyed on the JavaScript thread; the task holds it in between.
struct PendingFrame {
  explicit PendingFrame(Napi::Env env) : deferred(Napi::Promise::Deferred::New(env)) {}
  Napi::Promise::Deferred deferred;
  /// Keeps the pixels from the garbage collector until the result is there.
  Napi::ObjectReference pixels;
  /// The same for what is written while the pixels are read.
  Napi::ObjectReference thumbnail;
  FrameResult result;
};

/// ONNX Runtime crashes the process when its sessions outlive main(): everything is released when the environment is
/// torn down, and before process.exit, which tears nothing down (native/index.ts calls shutDown then).
class Registry : public std::enable_shared_from_this<Registry> {
 public:
  static std::shared_ptr<Registry> make(Napi::Env env);
  static Registry &of(Napi::Env env);

  void add(Closable *item) { items_.insert(item); }
  void remove(Closable *item) { items_.erase(item); }
  void shut_down();

  /// JavaScript thread: one more frame under way. While there are any the process stays alive.
  void begin(Napi::Env env);
  /// Any thread: gives the frame, with its result, to the JavaScript thread.
  void deliver(PendingFrame *pending);

 private:
  static void settle(napi_env env, napi_value function, void *context, void *data);

  napi_threadsafe_function results_ = nullptr;
  std::set<Closable *> items_;
  int under_way_ = 0;
};

Napi::Value open_engine(const Napi::CallbackInfo &info);
Napi::Value describe_device(const Napi::CallbackInfo &info);
Napi::Value describe_engine(const Napi::CallbackInfo &info);
Napi::Value close_engine(const Napi::CallbackInfo &info);
Napi::Value build_engine(const Napi::CallbackInfo &info);
/// Throws a TypeError unless the value came from open_engine.
std::shared_ptr<Engine> engine_of(const Napi::Value &value);

Napi::Value create_detector(const Napi::CallbackInfo &info);
Napi::Value detect(const Napi::CallbackInfo &info);
Napi::Value cancel(const Napi::CallbackInfo &info);
Napi::Value close_detector(const Napi::CallbackInfo &info);
Napi::Value stuck_slots(const Napi::CallbackInfo &info);

Napi::Value letterbox(const Napi::CallbackInfo &info);
Napi::Value postprocess(const Napi::CallbackInfo &info);

}  // namespace goshawk::bindings
