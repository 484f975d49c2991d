// How many messages of each writer never came, by the numbers that writers give them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace goshawk::dds {

/// Nine hours of a camera with 30 pictures a second, or a quarter of an hour of 1000 messages a second.
constexpr uint64_t most_lost_at_once = 1 << 20;

/// What a gap counts for: whoever can send may say any number, and no loss explains a jump that wide.
constexpr uint32_t believed_loss(uint64_t missing) { return missing <= most_lost_at_once ? uint32_t(missing) : 0; }

/// Counts from the first message of each writer on: what was before is not ours.
class SequenceGaps {
 public:
  /// A number that is not higher than the last one of its writer is no news.
  void add(uint64_t writer, uint64_t number) {
    const auto known =
        std::find_if(writers_.begin(), writers_.end(), [&](const Writer &each) { return each.id == writer; });
    if (known == writers_.end()) {
      // Writers that are gone are not told here: the one that was not heard for longest gives way.
      if (writers_.size() == most_writers) writers_.erase(writers_.begin());
      writers_.push_back({writer, number});
      return;
    }
    if (number <= known->last) return;
    missing_ += believed_loss(number - known->last - 1);
    known->last = number;
    std::rotate(known, known + 1, writers_.end());
  }
  uint64_t missing() const { return missing_; }

 private:
  struct Writer {
    uint64_t id;
    uint64_t last;
  };
  static constexpr size_t most_writers = 64;

  std::vector<Writer> writers_;
  uint64_t missing_ = 0;
};

}  // namespace goshawk::dds
