// Where a middleware's threads put what JavaScript will take: messages, of which the oldest give way, and events.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "../base/block_pool.h"

namespace goshawk::dds {

/// Who wrote a message and as which one: 16 octets of a guid, 8 of a number.
using Identity = std::array<uint8_t, 24>;

struct Received {
  std::shared_ptr<Lease> lease;
  size_t size = 0;
  Identity own{};
  /// What the message belongs to, as its writer said.
  Identity related{};
};

struct StatusEvent {
  /// `matched` (count: peers now), `incompatible` (policy), `lost` (count: since the start).
  const char *kind;
  uint32_t count;
  std::string policy;
};

/// What a reader could not take.
struct Refusals {
  std::atomic<uint64_t> too_large{0};
  std::atomic<uint64_t> largest{0};
  /// No block was free: whoever consumes is too slow.
  std::atomic<uint64_t> overrun{0};

  void refuse(size_t size) {
    too_large.fetch_add(1);
    largest.store(size);
  }
};

class Inbox {
 public:
  Inbox(size_t queue, std::function<void()> notify) : queue_(queue), notify_(std::move(notify)) {}

  void push_event(StatusEvent event) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      // A peer that flaps must not fill the memory of one that does not listen, nor hide how it ended: a count says all that was
      // before it.
      const auto same = std::find_if(events_.begin(), events_.end(), [&](const StatusEvent &each) {
        return std::string_view(each.kind) == event.kind && each.policy == event.policy;
      });
      if (same == events_.end()) events_.push_back(std::move(event));
      else same->count = event.count;
    }
    notify_();
  }

  /// `notify` follows.
  void received(Received received) {
    const std::lock_guard<std::mutex> lock(mutex_);
    samples_.push_back(std::move(received));
    if (samples_.size() <= queue_) return;
    samples_.pop_front();
    superseded_ += 1;
  }
  void notify() { notify_(); }

  std::deque<Received> take_samples() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(samples_, {});
  }
  std::deque<StatusEvent> take_events() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(events_, {});
  }
  uint64_t superseded() const { return superseded_.load(); }

  const std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();

 private:
  const size_t queue_;
  const std::function<void()> notify_;
  std::mutex mutex_;
  std::deque<Received> samples_;
  std::deque<StatusEvent> events_;
  std::atomic<uint64_t> superseded_{0};
};

}  // namespace goshawk::dds
