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

/// A promise that is settled exactly once. One that nobody settles holds its handle for ever: a frame that was refused
/// before it was under way settles when it is destroyed, and nobody has the promise.
class PendingPromise {
 public:
  explicit PendingPromise(Napi::Env env);
  ~PendingPromise();
  PendingPromise(const PendingPromise &) = delete;
  PendingPromise &operator=(const PendingPromise &) = delete;

  /// In the handle scope in which it was made.
  Napi::Promise promise() const { return Napi::Promise(env_, promise_); }
  void resolve(napi_value value) { settle(napi_resolve_deferred, value); }
  void reject(napi_value value) { settle(napi_reject_deferred, value); }
  /// The environment is ending: its handles are gone already.
  void forget() { deferred_ = nullptr; }

 private:
  void settle(napi_status (*how)(napi_env, napi_deferred, napi_value), napi_value value);

  napi_env env_;
  /// Null once it is settled.
  napi_deferred deferred_ = nullptr;
  napi_value promise_ = nullptr;
};

/// What a frame needs until its result is given. Made and destroyed on the JavaScript thread; the task holds it in between.
struct PendingFrame {
  explicit PendingFrame(Napi::Env env) : promise(env) {}
  PendingPromise promise;
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
Napi::Value given_up_slots(const Napi::CallbackInfo &info);

Napi::Value letterbox(const Napi::CallbackInfo &info);
Napi::Value thumbnail(const Napi::CallbackInfo &info);
Napi::Value convert_picture_value(const Napi::CallbackInfo &info);
Napi::Value convert_picture_aside(const Napi::CallbackInfo &info);
Napi::Value postprocess(const Napi::CallbackInfo &info);

Napi::Value forbid_dumps_value(const Napi::CallbackInfo &info);
Napi::Value secret_bytes(const Napi::CallbackInfo &info);
Napi::Value lock_memory_file_value(const Napi::CallbackInfo &info);
Napi::Value lock_process_value(const Napi::CallbackInfo &info);
Napi::Value memory_file_value(const Napi::CallbackInfo &info);

}  // namespace goshawk::bindings
