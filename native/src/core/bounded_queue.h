#pragma once

#include <cstddef>
#include <deque>

namespace goshawk {

/// First in, first out, never longer than its limit. Not thread-safe: its owner's lock guards it.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t limit) : limit_(limit) {}

  /// False where the queue is full; the item is untouched then.
  bool push(T &&item) {
    if (items_.size() >= limit_) return false;
    items_.push_back(std::move(item));
    return true;
  }

  T pop() {
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  template <typename Match>
  bool remove(Match &&match) {
    for (auto it = items_.begin(); it != items_.end(); ++it) {
      if (match(*it)) {
        items_.erase(it);
        return true;
      }
    }
    return false;
  }

  const T &front() const { return items_.front(); }
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }

 private:
  size_t limit_;
  std::deque<T> items_;
};

}  // namespace goshawk
