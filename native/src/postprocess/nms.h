#pragma once

#include <cstdint>
#include <vector>

#include "candidates.h"

namespace goshawk {

/// Class-wise greedy non-maximum suppression. Indices of the kept candidates, best score first; of equal scores the
/// earlier candidate first. A box goes when its IoU with a kept box of its class is above `iou_threshold`.
class Nms {
 public:
  const std::vector<uint32_t> &run(const Candidates &candidates, double iou_threshold, size_t max_detections);
  /// The same for boxes that are rotated by `angles` around their centres, by their ProbIoU; see src/perception/postprocess/rotated.ts.
  const std::vector<uint32_t> &run_rotated(const Candidates &candidates, const std::vector<float> &angles, double iou_threshold,
                                           size_t max_detections);

 private:
  /// A box as a normal distribution: its centre, the variances along its sides, and its direction.
  struct Gauss {
    double x, y, w, h, cos, sin;
  };

  static double prob_iou(const Gauss &one, const Gauss &other);
  void sort(const Candidates &candidates);

  std::vector<Gauss> shapes_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> kept_;
};

}  // namespace goshawk
