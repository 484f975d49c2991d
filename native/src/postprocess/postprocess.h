#pragma once

#include <vector>

#include "../base/geometry.h"
#include "head_decoder.h"
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
  /// Throws Failure where the tensors are not those of the head.
  Postprocessor(HeadSpec head, const std::vector<TensorShape> &tensors) : decoder_(std::move(head), tensors) {}

  /// `data`: of every tensor of HeadSpec::tensors, in their order. Best score first. Sets `found` to the candidates before the cap.
  void run(const float *const *data, const Geometry &geometry, const DetectOptions &options, std::vector<Detection> &out,
           uint32_t &found);
  const Candidates &candidates() const { return candidates_; }

 private:
  HeadDecoder decoder_;
  Candidates candidates_;
  Nms nms_;
};

}  // namespace goshawk
