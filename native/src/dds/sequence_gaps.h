// How many messages of each writer never came, by the numbers that writers give them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "announced.h"

namespace goshawk::dds {

/// Nine hours of a camera with 30 pictures a second, or a quarter of an hour of 1000 messages a second.
constexpr uint64_t most_lost_at_once = 1 << 20;

/// What a gap counts for: whoever can send may say any number, and no loss explains a jump that wide.
constexpr uint32_t believed_loss(uint64_t missing) { return missing <= most_lost_at_once ? uint32_t(missing) : 0; }

/// Counts from the first message of each writer on: what was before is not ours. One that came and was refused did come. Thread-safe.
class SequenceGaps {
 public:
  /// A number that is not higher than the last one of its writer is no news.
  void add(const Guid &writer, uint64_t number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto known =
        std::find_if(writers_.begin(), writers_.end(), [&](const Writer &each) { return each.guid == writer; });
    if (known == writers_.end()) {
      // Writers that are gone are not told here: the one that was not heard for longest gives way.
      if (writers_.size() == most_writers) writers_.erase(writers_.begin());
      writers_.push_back({writer, number, number});
      return;
    }
    if (number <= known->last) return;
    if (number - known->last - 1 <= most_lost_at_once) {
      missing_ += number - known->last - 1;
      known->last = number;
    } else if (number > known->jumped && number - known->jumped - 1 <= most_lost_at_once) {
      // It goes on behind the jump, so that was the writer's own.
      missing_ += number - known->jumped - 1;
      known->last = number;
    } else {
      // Whoever can send may say a number in another's name: one alone must not make all that follow old.
      known->jumped = number;
    }
    std::rotate(known, known + 1, writers_.end());
  }
  uint64_t missing() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return missing_;
  }

 private:
  struct Writer {
    Guid guid;
    uint64_t last;
    /// The last number that no loss explains.
    uint64_t jumped;
  };
  static constexpr size_t most_writers = 64;

  mutable std::mutex mutex_;
  std::vector<Writer> writers_;
  uint64_t missing_ = 0;
};

}  // namespace goshawk::dds
