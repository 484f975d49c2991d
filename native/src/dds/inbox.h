// Where a middleware's threads put what JavaScript will take: messages, of which old ones give way, and events.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <map>
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

/// A message that gave way, as far as its sender can still be told: who wrote it, and its first octets.
struct GaveWay {
  Identity own{};
  Identity related{};
  size_t size = 0;
  std::array<uint8_t, 32> head{};
  size_t head_size() const { return std::min(size, head.size()); }
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
  /// What waits at most; `gave_way`: how many of those that gave way are remembered, the newest.
  struct Limits {
    size_t messages = 1;
    size_t bytes = std::numeric_limits<size_t>::max();
    size_t gave_way = 0;
  };

  Inbox(Limits limits, std::function<void()> notify) : limits_(limits), notify_(std::move(notify)) {}

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
    bytes_ += received.size;
    samples_.push_back(std::move(received));
    while (samples_.size() > limits_.messages) give_way([](const Received &) { return size_t(1); });
    while (bytes_ > limits_.bytes) give_way([](const Received &each) { return each.size; });
  }
  void notify() { notify_(); }

  std::deque<Received> take_samples() {
    const std::lock_guard<std::mutex> lock(mutex_);
    bytes_ = 0;
    return std::exchange(samples_, {});
  }
  std::deque<GaveWay> take_gave_way() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(gave_way_, {});
  }
  std::deque<StatusEvent> take_events() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(events_, {});
  }
  uint64_t superseded() const { return superseded_.load(); }

  const std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();

 private:
  /// The first octets of a guid are those of its participant.
  using Owner = std::array<uint8_t, 12>;
  static Owner owner_of(const Received &received) {
    Owner owner;
    std::copy(received.own.begin(), received.own.begin() + owner.size(), owner.begin());
    return owner;
  }

  /// The oldest one of the participant that has the most, so that nobody pushes out what another one said. Where messages don't say
  /// who wrote them, the oldest of all.
  template <typename Weight>
  void give_way(Weight &&weight) {
    std::map<Owner, size_t> weights;
    for (const Received &each : samples_) weights[owner_of(each)] += weight(each);
    const auto most = std::max_element(weights.begin(), weights.end(),
                                       [](const auto &one, const auto &other) { return one.second < other.second; });
    const auto oldest = std::find_if(samples_.begin(), samples_.end(),
                                     [&](const Received &each) { return owner_of(each) == most->first; });
    remember(*oldest);
    bytes_ -= oldest->size;
    samples_.erase(oldest);
    superseded_ += 1;
  }

  void remember(const Received &received) {
    if (limits_.gave_way == 0) return;
    GaveWay &one = gave_way_.emplace_back();
    one.own = received.own;
    one.related = received.related;
    one.size = received.size;
    if (received.lease) std::memcpy(one.head.data(), received.lease->block->data.get(), one.head_size());
    if (gave_way_.size() > limits_.gave_way) gave_way_.pop_front();
  }

  const Limits limits_;
  const std::function<void()> notify_;
  std::mutex mutex_;
  std::deque<Received> samples_;
  size_t bytes_ = 0;
  std::deque<GaveWay> gave_way_;
  std::deque<StatusEvent> events_;
  std::atomic<uint64_t> superseded_{0};
};

}  // namespace goshawk::dds
