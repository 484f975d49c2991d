#pragma once

#include "candidates.h"
#include "head_map.h"
#include "head_regions.h"
#include "head_text.h"

namespace goshawk {

struct DecodeOptions {
  double score_threshold = 0.25;
  /// Every class of a box that reaches the threshold is a candidate of its own (how COCO is evaluated).
  bool multi_label = false;
  /// One byte per class, or null: all. A box whose best class is not wanted is dropped.
  const uint8_t *wanted = nullptr;
};

/// Candidates kept for NMS.
constexpr size_t max_candidates = 1000;

/// Reads the outputs of a network as its bundle's head says: the same as src/perception/decode/head-decoder.ts, bit for bit
/// but for the last bit of exp, tanh and pow. Holds nothing of a run.
class HeadDecoder {
 public:
  /// Throws Failure where check_outputs does: no read of a run lies beyond a tensor.
  HeadDecoder(HeadSpec spec, const std::vector<TensorShape> &tensors);

  const HeadSpec &spec() const { return spec_; }
  /// `data`: of every tensor of HeadSpec::tensors, in their order, with as many values as its shape says. Fills `into` from
  /// empty, without the cap.
  void run(const float *const *data, const DecodeOptions &options, Candidates &into) const;
  /// Of a head with a map, instead of candidates.
  void regions(const float *const *data, ClassMap &into) const;
  /// Of a head with depths: of each place to `values`, from empty.
  Grid depth(const float *const *data, std::vector<float> &values) const;
  /// Of a head with a vector, a text, or regions.
  void vector(const float *const *data, std::vector<float> &values) const;
  void text(const float *const *data, ReadLine &line) const;
  void boxes_of_map(const float *const *data, MapRegions &into) const;
  /// Of a head with the points of one figure: in pixels of the input, to the end of `points`.
  void figure(const float *const *data, std::vector<Keypoint> &points) const;
  /// Of a candidate of that run; 0: the head has none.
  float angle(const float *const *data, const Candidates &from, size_t index) const;
  /// Of a candidate of that run, in pixels of the input; see head_parts.h. Only where the head has masks, or points.
  Mask mask(const float *const *data, const Candidates &from, size_t index, std::vector<double> &sums,
            std::vector<uint8_t> &values) const;
  void keypoints(const float *const *data, const Candidates &from, size_t index, std::vector<Keypoint> &points) const;

 private:
  struct Run;

  HeadSpec spec_;
  std::vector<Segment> segments_;
  Prototypes prototypes_;
  size_t map_columns_ = 0;
};

}  // namespace goshawk
