#include "nms.h"

#include <algorithm>
#include <numeric>

namespace goshawk {

const std::vector<uint32_t> &Nms::run(const Candidates &candidates, double iou_threshold, size_t max_detections) {
  order_.resize(candidates.count());
  std::iota(order_.begin(), order_.end(), 0u);
  const std::vector<float> &scores = candidates.scores;
  std::sort(order_.begin(), order_.end(),
            [&](uint32_t a, uint32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  kept_.clear();
  for (const uint32_t index : order_) {
    if (kept_.size() >= max_detections) break;
    const Candidates::Box &box = candidates.boxes[index];
    const int32_t class_id = candidates.classes[index];
    // In double, and as a quotient: every implementation then rounds alike at the threshold.
    const double area = (double(box.x2) - box.x1) * (double(box.y2) - box.y1);
    bool suppressed = false;
    for (const uint32_t other : kept_) {
      if (candidates.classes[other] != class_id) continue;
      const Candidates::Box &kept = candidates.boxes[other];
      const double w = double(std::min(box.x2, kept.x2)) - double(std::max(box.x1, kept.x1));
      if (w <= 0) continue;
      const double h = double(std::min(box.y2, kept.y2)) - double(std::max(box.y1, kept.y1));
      if (h <= 0) continue;
      const double inter = w * h;
      const double both = area + (double(kept.x2) - kept.x1) * (double(kept.y2) - kept.y1) - inter;
      if (inter / both > iou_threshold) {
        suppressed = true;
        break;
      }
    }
    if (!suppressed) kept_.push_back(index);
  }
  return kept_;
}

}  // namespace goshawk
