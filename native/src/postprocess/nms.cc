#include "nms.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace goshawk {

void Nms::sort(const Candidates &candidates) {
  order_.resize(candidates.count());
  std::iota(order_.begin(), order_.end(), 0u);
  const std::vector<float> &scores = candidates.scores;
  std::sort(order_.begin(), order_.end(),
            [&](uint32_t a, uint32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
}

double Nms::prob_iou(const Gauss &one, const Gauss &other) {
  // What Ultralytics adds so that nothing is divided by 0.
  constexpr double tiny = 1e-7;
  const double cos = one.cos * other.cos + one.sin * other.sin;
  const double sin = one.sin * other.cos - one.cos * other.sin;
  const double across = (one.w * other.h + one.h * other.w) * cos * cos + (one.w * other.w + one.h * other.h) * sin * sin;
  const double area = one.w * one.h + other.w * other.h + across;
  const double dx = one.x - other.x, dy = one.y - other.y;
  const auto off_axis = [dx, dy](const Gauss &box) {
    const double u = dx * box.cos + dy * box.sin, v = dy * box.cos - dx * box.sin;
    return box.w * v * v + box.h * u * u;
  };
  const double alike = std::log(area / (4 * std::sqrt(one.w * one.h * other.w * other.h) + tiny) + tiny) * 0.5;
  const double distance = (off_axis(one) + off_axis(other)) / (area + tiny) * 0.25 + alike;
  // As Math.max does it: a NaN is no overlap.
  if (std::isnan(distance)) return 0;
  return 1 - std::sqrt(1 - std::exp(-std::min(100.0, std::max(tiny, distance))) + tiny);
}

const std::vector<uint32_t> &Nms::run_rotated(const Candidates &candidates, const std::vector<float> &angles,
                                              double iou_threshold, size_t max_detections) {
  sort(candidates);
  kept_.clear();
  shapes_.clear();
  for (const uint32_t index : order_) {
    if (kept_.size() >= max_detections) break;
    const auto &[x1, y1, x2, y2] = candidates.boxes[index];
    const double width = double(x2) - x1, height = double(y2) - y1;
    const double angle = double(angles[index]);
    const Gauss shape = {(double(x1) + x2) / 2, (double(y1) + y2) / 2, width * width / 12, height * height / 12,
                         std::cos(angle),       std::sin(angle)};
    bool suppressed = false;
    for (size_t at = 0; at < kept_.size() && !suppressed; at++) {
      suppressed = candidates.classes[kept_[at]] == candidates.classes[index] && prob_iou(shapes_[at], shape) > iou_threshold;
    }
    if (suppressed) continue;
    kept_.push_back(index);
    shapes_.push_back(shape);
  }
  return kept_;
}

const std::vector<uint32_t> &Nms::run(const Candidates &candidates, double iou_threshold, size_t max_detections) {
  sort(candidates);
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
