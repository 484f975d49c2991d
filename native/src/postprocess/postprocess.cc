#include "postprocess.h"

#include <algorithm>

namespace goshawk {

void Postprocessor::run(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out) {
  decoder_.run(data, options.decode, candidates_);
  out.candidates = uint32_t(candidates_.count());
  out.invalid = candidates_.invalid;
  candidates_.cap(options.max_candidates);
  // Input pixels per frame pixel, as the TypeScript reference divides.
  const double scale_x = double(geometry.width) / geometry.source_width;
  const double scale_y = double(geometry.height) / geometry.source_height;
  const auto clip = [](double value, double end) { return std::min(end, std::max(0.0, value)); };
  out.detections.clear();
  out.masks.clear();
  out.mask_values.clear();
  out.points.clear();
  // No IoU is above 1.
  const double iou_threshold = decoder_.spec().final_choice() ? 1 : options.iou_threshold;
  for (const uint32_t index : nms_.run(candidates_, iou_threshold, options.max_detections)) {
    const Candidates::Box &box = candidates_.boxes[index];
    Detection detection;
    detection.class_id = candidates_.classes[index];
    detection.score = std::min(1.0f, candidates_.scores[index]);
    detection.x1 = clip((double(box.x1) - geometry.left) / scale_x, geometry.source_width);
    detection.y1 = clip((double(box.y1) - geometry.top) / scale_y, geometry.source_height);
    detection.x2 = clip((double(box.x2) - geometry.left) / scale_x, geometry.source_width);
    detection.y2 = clip((double(box.y2) - geometry.top) / scale_y, geometry.source_height);
    // A box that lies wholly in the pad.
    if (!(detection.x2 > detection.x1 && detection.y2 > detection.y1)) continue;
    out.detections.push_back(detection);
    add_parts(data, index, geometry, out);
  }
}

void Postprocessor::add_parts(const float *const *data, size_t index, const Geometry &geometry, Found &out) {
  const double scale_x = double(geometry.width) / geometry.source_width;
  const double scale_y = double(geometry.height) / geometry.source_height;
  if (decoder_.spec().masks) {
    Mask mask = decoder_.mask(data, candidates_, index, sums_, out.mask_values);
    mask.x = (mask.x - geometry.left) / scale_x;
    mask.y = (mask.y - geometry.top) / scale_y;
    mask.cell_width /= scale_x;
    mask.cell_height /= scale_y;
    out.masks.push_back(mask);
  }
  if (!decoder_.spec().keypoints) return;
  const size_t first = out.points.size();
  decoder_.keypoints(data, candidates_, index, out.points);
  for (size_t k = first; k < out.points.size(); k++) {
    out.points[k].x = (out.points[k].x - geometry.left) / scale_x;
    out.points[k].y = (out.points[k].y - geometry.top) / scale_y;
  }
}

}  // namespace goshawk
