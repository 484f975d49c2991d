#pragma once

#include "head_rows.h"

namespace goshawk {

/// The vector of a picture to `values`, from empty; it stays empty where it is not finite, or has no direction. The same as
/// src/perception/decode/head-vector.ts.
void vector_of(const HeadSpec &spec, const Segment &segment, const float *const *data, std::vector<float> &values);

/// What a line says: labels in their order, and how sure the network is of them, as a mean.
struct ReadLine {
  std::vector<uint32_t> labels;
  double score = 0;
  /// Steps whose values are no numbers.
  uint32_t invalid = 0;
};

/// CTC, read greedily: the same as src/perception/decode/head-text.ts.
void read_line(const HeadSpec &spec, const Segment &segment, const float *const *data, ReadLine &line);

}  // namespace goshawk
