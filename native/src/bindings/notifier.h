// Wakes JavaScript from another thread.
#pragma once

#include <napi.h>

#include <atomic>
#include <mutex>

namespace goshawk::bindings {

/// At most once until it was rearmed. After `stop` it does nothing more, whoever still calls it.
class Notifier {
 public:
  Notifier(Napi::Env env, const Napi::Function &listener, const char *name, bool keep_alive) {
    function_ = Napi::ThreadSafeFunction::New(env, listener, name, 0, 1);
    if (!keep_alive) function_.Unref(env);
  }
  void notify() {
    if (pending_.exchange(true)) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return;
    function_.NonBlockingCall([](Napi::Env, Napi::Function listener) { listener.Call({}); });
  }
  void rearm() { pending_.store(false); }
  void stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
    function_.Abort();
  }

 private:
  Napi::ThreadSafeFunction function_;
  std::atomic<bool> pending_{false};
  std::mutex mutex_;
  bool stopped_ = false;
};

}  // namespace goshawk::bindings
