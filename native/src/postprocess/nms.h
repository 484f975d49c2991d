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

 private:
  std::vector<uint32_t> order_;
  std::vector<uint32_t> kept_;
};

}  // namespace goshawk
