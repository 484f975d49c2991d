// Why a call of TensorRT failed, told by its logger alone: one logger for all contexts, which run side by side. Knows no
// NVIDIA header, so that it is tested where there is none.
#pragma once

#include <mutex>
#include <string>
#include <thread>

namespace goshawk::tensorrt {

/// The first error that is said during a call belongs to the thread that made the call; the ones after it are
/// consequences. What TensorRT's own threads say belongs to the call under way where there is only one, else to nobody:
/// another call's words would be a wrong reason.
class LastWords {
 public:
  /// One call, on the thread that makes it. An inner call's words are its own. Allocates nothing.
  class Call {
   public:
    explicit Call(LastWords &words) : words_(words), thread_(std::this_thread::get_id()) {
      const std::lock_guard<std::mutex> lock(words_.mutex_);
      next_ = words_.newest_;
      words_.newest_ = this;
    }
    ~Call() {
      const std::lock_guard<std::mutex> lock(words_.mutex_);
      Call **place = &words_.newest_;
      while (*place != this) place = &(*place)->next_;
      *place = next_;
    }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    /// What was said, or `fallback`.
    std::string words(const char *fallback) const {
      const std::lock_guard<std::mutex> lock(words_.mutex_);
      return said_.empty() ? fallback : said_;
    }

   private:
    friend class LastWords;
    LastWords &words_;
    const std::thread::id thread_;
    Call *next_ = nullptr;
    std::string said_;
  };

  void say(const char *message) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Call *owner = owner_of(std::this_thread::get_id());
    if (owner != nullptr && owner->said_.empty()) owner->said_ = message;
  }

 private:
  Call *owner_of(std::thread::id thread) const {
    for (Call *call = newest_; call != nullptr; call = call->next_) {
      if (call->thread_ == thread) return call;
    }
    return newest_ != nullptr && newest_->next_ == nullptr ? newest_ : nullptr;
  }

  std::mutex mutex_;
  Call *newest_ = nullptr;
};

}  // namespace goshawk::tensorrt
