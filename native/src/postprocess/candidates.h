#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace goshawk {

/// Boxes before NMS as columns, in pixels of the network's input; reused for every frame.
///
/// INVARIANTS (the same as src/perception/decode/candidates.ts, which the tests compare with)
/// - every box is finite with x1 < x2 and y1 < y2 in float32, every score finite;
/// - after cap(n) the n best scores are left in the order of their arrival; of equal scores the earlier one.
struct Candidates {
  struct Box {
    float x1, y1, x2, y2;
  };
  std::vector<Box> boxes;
  std::vector<float> scores;
  std::vector<int32_t> classes;
  /// Which row of the network's outputs it was, counted over all strides.
  std::vector<uint32_t> rows;
  /// Of the next candidate.
  uint32_t row = 0;
  /// Above the threshold, but NaN or infinite: a sick engine, or a float16 that overflowed.
  uint32_t invalid = 0;

  size_t count() const { return scores.size(); }
  void clear();
  void add(int32_t class_id, double score, double x1, double y1, double x2, double y2);
  void add_centred(int32_t class_id, double score, double cx, double cy, double width, double height);
  void cap(size_t limit);
};

}  // namespace goshawk
