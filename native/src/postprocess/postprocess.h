#pragma once

#include <vector>

#include "../base/geometry.h"
#include "decode.h"
#include "nms.h"

namespace goshawk {

struct Detection {
  int32_t class_id;
  float score;
  /// Pixels of the frame, clipped to it.
  double x1, y1, x2, y2;
};

struct DetectOptions {
  DecodeOptions decode;
  double iou_threshold = 0.45;
  uint32_t max_detections = 300;
  /// Candidates kept for NMS.
  size_t max_candidates = goshawk::max_candidates;
};

/// Outputs of the network to detections in the frame. Keeps its buffers: one per thread.
class Postprocessor {
 public:
  explicit Postprocessor(DecoderSpec spec) : spec_(std::move(spec)) {}

  /// Best score first. Sets `found` to the candidates before the cap.
  void run(const float *data, const std::vector<int64_t> &dims, const Geometry &geometry, const DetectOptions &options,
           std::vector<Detection> &out, uint32_t &found);
  const Candidates &candidates() const { return candidates_; }

 private:
  DecoderSpec spec_;
  Candidates candidates_;
  Nms nms_;
};

}  // namespace goshawk
