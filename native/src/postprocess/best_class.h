#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace goshawk {

/// The largest of scores that follow each other, or NaN where one is: by lanes, so that the loop becomes vectors.
inline float top_of(const float *data, int count) {
  constexpr int lanes = 8;
  float top[lanes];
  int sick[lanes] = {};
  for (float &lane : top) lane = data[0];
  int c = 0;
  for (; c + lanes <= count; c += lanes) {
    for (int k = 0; k < lanes; k++) {
      top[k] = data[c + k] > top[k] ? data[c + k] : top[k];
      sick[k] |= data[c + k] != data[c + k];
    }
  }
  for (; c < count; c++) {
    top[0] = data[c] > top[0] ? data[c] : top[0];
    sick[0] |= data[c] != data[c];
  }
  for (int k = 1; k < lanes; k++) {
    top[0] = top[k] > top[0] ? top[k] : top[0];
    sick[0] |= sick[k];
  }
  return sick[0] != 0 ? std::numeric_limits<float>::quiet_NaN() : top[0];
}

/// Index of the largest score, the first of equals; a NaN wins so that it is counted and not hidden.
inline int best_class(const float *data, size_t step, int class_count) {
  int best = 0;
  float top = data[0];
  for (int c = 1; c < class_count; c++) {
    const float value = data[size_t(c) * step];
    if (!(value <= top)) {
      if (std::isnan(top)) break;
      best = c;
      top = value;
    }
  }
  return best;
}

/// The best class of each row of a block, whose values lie `step` apart. By itself, and written so that the loop over rows
/// becomes vectors.
struct BestOf {
  static constexpr size_t block = 512;
  float score[block];
  int32_t id[block];

  void read(const float *values, size_t step, int class_count, size_t count) {
    for (size_t i = 0; i < count; i++) {
      score[i] = values[i];
      id[i] = 0;
    }
    for (int c = 1; c < class_count; c++) {
      const float *row = values + size_t(c) * step;
      for (size_t i = 0; i < count; i++) {
        const float value = row[i];
        const float top = score[i];
        const bool better = !(value <= top) & (top == top);
        id[i] = better ? c : id[i];
        score[i] = better ? value : top;
      }
    }
  }
};

}  // namespace goshawk
