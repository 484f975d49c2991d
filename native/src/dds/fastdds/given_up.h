// Messages of which fragments came and were dropped: whether they are lost shows only with what their writer's next message is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <mutex>

#include "api.h"

namespace goshawk::dds {

/// The fragments of a message that a GAP's range ends with are dropped as well (3.1.2, WriterProxy and process_gap_msg), though
/// the writer has that message still and sends it again. A reader announces a writer's messages in their order: what did not
/// come before a later one is lost. One that its writer drops instead of sending it again counts twice: Fast DDS counts it as
/// well, and does not say which one it means. Any thread.
class GivenUp {
 public:
  /// Fragments were dropped. Returns how many messages are lost for that: one, where too many are open to wait for.
  uint32_t dropped(const rtps::GUID_t &writer, const rtps::SequenceNumber_t &number) {
    const std::lock_guard lock(mutex_);
    const auto same = [&](const Message &open) { return open.writer == writer && open.number == number; };
    if (std::any_of(open_.begin(), open_.end(), same)) return 0;
    open_.push_back({writer, number});
    if (open_.size() <= most_open) return 0;
    open_.pop_front();
    return 1;
  }

  /// A message came, or is known to be lost. Returns how many before it of the same writer are lost.
  uint32_t settle(const rtps::GUID_t &writer, const rtps::SequenceNumber_t &number) {
    return forget([&](const Message &open) { return open.writer == writer && open.number <= number; }, &number);
  }

  /// The writer is gone. Returns how many of its messages are lost.
  uint32_t gone(const rtps::GUID_t &writer) {
    return forget([&](const Message &open) { return open.writer == writer; }, nullptr);
  }

 private:
  struct Message {
    rtps::GUID_t writer;
    rtps::SequenceNumber_t number;
  };
  static constexpr size_t most_open = 64;

  template <typename Which>
  uint32_t forget(const Which &which, const rtps::SequenceNumber_t *come) {
    const std::lock_guard lock(mutex_);
    uint32_t lost = 0;
    const auto end = std::remove_if(open_.begin(), open_.end(), [&](const Message &open) {
      if (!which(open)) return false;
      if (come == nullptr || open.number != *come) lost += 1;
      return true;
    });
    open_.erase(end, open_.end());
    return lost;
  }

  std::mutex mutex_;
  std::deque<Message> open_;
};

}  // namespace goshawk::dds
