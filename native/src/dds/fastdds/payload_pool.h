// Where Fast DDS puts what it receives: blocks that JavaScript reads in place. The one copy of a picture is the middleware's,
// from the shared segment or the socket's buffer into the block.
#pragma once

#include <algorithm>
#include <cstring>

#include "../middleware.h"
#include "api.h"

namespace goshawk::dds {

class PayloadPool final : public ReceivePool {
 public:
  explicit PayloadPool(const PoolLimits &limits) : blocks_(limits.blocks, limits.bytes) {}

  bool give_with(const rtps::SerializedPayload_t &data, bool ours, rtps::SerializedPayload_t &payload) override {
    // Ours already, e.g. from another reader of one participant: nothing is copied.
    if (ours) {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto held = find(data.data);
      if (held == held_.end()) return false;
      held->payloads += 1;
      fill(payload, data.data, data.max_size);
    } else {
      if (!give(data.length, payload)) return false;
      std::memcpy(payload.data, data.data, data.length);
    }
    payload.encapsulation = data.encapsulation;
    payload.length = data.length;
    return true;
  }

  void take_back(rtps::SerializedPayload_t &payload) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto held = find(payload.data);
      if (held != held_.end() && (held->payloads -= 1) == 0) held_.erase(held);
    }
    payload.data = nullptr;
    payload.length = 0;
    payload.max_size = 0;
    payload.pos = 0;
  }

  /// Who takes it over keeps the bytes, however long the middleware has the payload. Null where it is not ours.
  std::shared_ptr<Lease> lease_of(const rtps::SerializedPayload_t &payload) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto held = find(payload.data);
    return held == held_.end() ? nullptr : held->lease;
  }

 private:
  struct Held {
    std::shared_ptr<Lease> lease;
    int payloads;
  };

  /// False where no block is free. Of a reliable writer the message is then asked for again; of another one the reader tells
  /// with the next message that it was lost.
  bool give(uint32_t size, rtps::SerializedPayload_t &payload) noexcept override {
    std::shared_ptr<Lease> lease = blocks_.take(size);
    if (!lease) return false;
    try {
      const std::lock_guard<std::mutex> lock(mutex_);
      fill(payload, lease->block->data.get(), size);
      held_.push_back({std::move(lease), 1});
      return true;
    } catch (const std::bad_alloc &) {
      return false;
    }
  }

  void fill(rtps::SerializedPayload_t &payload, uint8_t *data, uint32_t size) {
    payload.data = data;
    payload.max_size = size;
  }

  std::vector<Held>::iterator find(const uint8_t *data) {
    return std::find_if(held_.begin(), held_.end(),
                        [data](const Held &each) { return each.lease->block->data.get() == data; });
  }

  BlockPool blocks_;
  std::mutex mutex_;
  std::vector<Held> held_;
};

}  // namespace goshawk::dds
