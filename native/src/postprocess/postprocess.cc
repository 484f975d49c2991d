#include "postprocess.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace goshawk {

namespace {

/// From pixels of the input to those of the frame.
struct Back {
  explicit Back(const Geometry &from)
      : geometry(from), scale_x(double(from.width) / from.source_width), scale_y(double(from.height) / from.source_height) {}

  double x(double value) const { return (value - geometry.left) / scale_x; }
  double y(double value) const { return (value - geometry.top) / scale_y; }
  Mask mask(const Mask &mask) const {
    return {x(mask.x), y(mask.y), mask.cell_width / scale_x, mask.cell_height / scale_y, mask.columns, mask.rows};
  }
  /// Where the sides are scaled differently it is the nearest box.
  RotatedBox rotated(const Candidates::Box &box, double angle) const {
    const double cos = std::cos(angle), sin = std::sin(angle);
    const auto length = [](double a, double b) { return std::sqrt(a * a + b * b); };
    return {x((double(box.x1) + box.x2) / 2), y((double(box.y1) + box.y2) / 2),
            (double(box.x2) - box.x1) * length(cos / scale_x, sin / scale_y),
            (double(box.y2) - box.y1) * length(sin / scale_x, cos / scale_y), std::atan2(sin / scale_y, cos / scale_x)};
  }

  const Geometry &geometry;
  /// Input pixels per frame pixel, as the TypeScript reference divides.
  const double scale_x, scale_y;
};

/// The upright box around a rotated one.
Detection hull_of(const Detection &detection, const RotatedBox &box) {
  const double cos = std::abs(std::cos(box.angle)), sin = std::abs(std::sin(box.angle));
  const double x = (box.width * cos + box.height * sin) / 2, y = (box.width * sin + box.height * cos) / 2;
  return {detection.class_id, detection.score, box.cx - x, box.cy - y, box.cx + x, box.cy + y};
}

/// Clips a box to the frame, and says whether any of it is left: one can lie wholly in the pad.
bool clip(Detection &box, const Geometry &geometry) {
  const auto inside = [](double value, double end) { return std::min(end, std::max(0.0, value)); };
  box.x1 = inside(box.x1, geometry.source_width);
  box.y1 = inside(box.y1, geometry.source_height);
  box.x2 = inside(box.x2, geometry.source_width);
  box.y2 = inside(box.y2, geometry.source_height);
  return box.x2 > box.x1 && box.y2 > box.y1;
}

}  // namespace

void Postprocessor::run(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out) {
  out.detections.clear();
  out.masks.clear();
  out.mask_values.clear();
  out.points.clear();
  out.rotated.clear();
  out.depth.reset();
  out.depth_values.clear();
  out.vector.clear();
  out.text.clear();
  if (decoder_.spec().raw) return add_whole(geometry, out);
  if (decoder_.spec().vector) return add_vector(data, geometry, out);
  if (decoder_.spec().text) return add_text(data, geometry, options, out);
  if (decoder_.spec().regions) return add_boxes_of_map(data, geometry, options, out);
  if (decoder_.spec().depth) return add_depth(data, geometry, out);
  if (decoder_.spec().is_figure()) return add_figure(data, geometry, options, out);
  if (decoder_.spec().map) return add_regions(data, geometry, options, out);
  decoder_.run(data, options.decode, candidates_);
  out.candidates = uint32_t(candidates_.count());
  out.invalid = candidates_.invalid;
  candidates_.cap(options.max_candidates);
  const Back back(geometry);
  for (const uint32_t index : kept(data, options)) {
    const Candidates::Box &box = candidates_.boxes[index];
    const float score = std::min(1.0f, candidates_.scores[index]);
    Detection detection = {candidates_.classes[index], score, back.x(box.x1), back.y(box.y1), back.x(box.x2), back.y(box.y2)};
    RotatedBox rotated{};
    if (decoder_.spec().angle) {
      rotated = back.rotated(box, double(decoder_.angle(data, candidates_, index)));
      detection = hull_of(detection, rotated);
    }
    if (!clip(detection, geometry)) continue;
    out.detections.push_back(detection);
    if (decoder_.spec().angle) out.rotated.push_back(rotated);
    add_parts(data, index, geometry, out);
  }
}

const std::vector<uint32_t> &Postprocessor::kept(const float *const *data, const DetectOptions &options) {
  // No IoU is above 1.
  const bool final = decoder_.spec().final_choice();
  if (final || !decoder_.spec().angle) {
    return nms_.run(candidates_, final ? 1 : options.iou_threshold, options.max_detections);
  }
  angles_.clear();
  for (size_t i = 0; i < candidates_.count(); i++) angles_.push_back(decoder_.angle(data, candidates_, i));
  return nms_.run_rotated(candidates_, angles_, options.iou_threshold, options.max_detections);
}

void Postprocessor::add_regions(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out) {
  decoder_.regions(data, map_);
  out.candidates = uint32_t(map_.regions().size());
  out.invalid = 0;
  const Back back(geometry);
  const uint8_t *wanted = options.decode.wanted;
  for (const ClassRegion &region : map_.regions()) {
    if (out.detections.size() >= options.max_detections) break;
    if (region.score < options.decode.score_threshold || (wanted != nullptr && wanted[region.class_id] == 0)) continue;
    const Mask mask = back.mask(map_.hull(region));
    Detection detection = {region.class_id, float(region.score), mask.x, mask.y, mask.x + mask.columns * mask.cell_width,
                           mask.y + mask.rows * mask.cell_height};
    if (!clip(detection, geometry)) continue;
    out.detections.push_back(detection);
    out.masks.push_back(mask);
    map_.append(region, out.mask_values);
  }
}

void Postprocessor::add_whole(const Geometry &geometry, Found &out) {
  out.candidates = 1;
  out.invalid = 0;
  out.detections.push_back({0, 1, 0, 0, double(geometry.source_width), double(geometry.source_height)});
}

void Postprocessor::add_vector(const float *const *data, const Geometry &geometry, Found &out) {
  decoder_.vector(data, out.vector);
  out.candidates = 1;
  out.invalid = 1;
  if (!out.vector.empty()) add_whole(geometry, out);
}

void Postprocessor::add_text(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out) {
  decoder_.text(data, line_);
  out.candidates = 1;
  if (!line_.labels.empty() && line_.score >= options.decode.score_threshold && options.max_detections > 0) {
    out.text = line_.labels;
    add_whole(geometry, out);
    out.detections[0].score = std::min(1.0f, float(line_.score));
  }
  out.invalid = line_.invalid;
}

void Postprocessor::add_boxes_of_map(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out) {
  decoder_.boxes_of_map(data, regions_);
  out.candidates = uint32_t(regions_.found().size());
  out.invalid = 0;
  const bool wanted = options.decode.wanted == nullptr || options.decode.wanted[0] != 0;
  const Back back(geometry);
  std::vector<std::pair<Detection, RotatedBox>> all;
  for (const auto &[box, mean] : regions_.found()) {
    if (!wanted || !(mean >= options.decode.score_threshold)) continue;
    const double w = box.width / 2, h = box.height / 2;
    const Candidates::Box in_input = {float(box.cx - w), float(box.cy - h), float(box.cx + w), float(box.cy + h)};
    const RotatedBox rotated = back.rotated(in_input, std::atan2(box.sin, box.cos));
    Detection detection = hull_of({0, std::min(1.0f, float(mean)), 0, 0, 0, 0}, rotated);
    if (clip(detection, geometry)) all.emplace_back(detection, rotated);
  }
  std::stable_sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.first.score > b.first.score; });
  if (all.size() > options.max_detections) all.erase(all.begin() + std::ptrdiff_t(options.max_detections), all.end());
  for (const auto &[detection, rotated] : all) {
    out.detections.push_back(detection);
    out.rotated.push_back(rotated);
  }
}

void Postprocessor::add_depth(const float *const *data, const Geometry &geometry, Found &out) {
  const Grid whole = decoder_.depth(data, depths_);
  out.candidates = 1;
  out.invalid = uint32_t(std::count_if(depths_.begin(), depths_.end(), [](float value) { return std::isnan(value); }));
  out.detections.push_back({0, 1, 0, 0, double(geometry.source_width), double(geometry.source_height)});
  // The cells whose centres lie in the picture.
  const auto first = [](double side, double cell) { return size_t(std::ceil(side / cell - 0.5)); };
  const size_t left = first(geometry.left, whole.cell_width);
  const size_t top = first(geometry.top, whole.cell_height);
  const size_t right = first(double(geometry.left) + geometry.width, whole.cell_width);
  const size_t bottom = first(double(geometry.top) + geometry.height, whole.cell_height);
  Grid kept = whole;
  kept.x = double(left) * whole.cell_width;
  kept.y = double(top) * whole.cell_height;
  kept.columns = uint32_t(right - left);
  kept.rows = uint32_t(bottom - top);
  for (size_t y = top; y < bottom; y++) {
    const float *line = depths_.data() + y * whole.columns;
    out.depth_values.insert(out.depth_values.end(), line + left, line + right);
  }
  out.depth = Back(geometry).mask(kept);
}

void Postprocessor::add_figure(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out) {
  decoder_.figure(data, out.points);
  const Back back(geometry);
  const double threshold = options.decode.score_threshold;
  const auto inside = [](double value, double end) { return std::min(end, std::max(0.0, value)); };
  constexpr double far = std::numeric_limits<double>::infinity();
  Detection found = {0, 0, far, far, -far, -far};
  double sum = 0;
  bool sound = true;
  for (Keypoint &point : out.points) {
    point.x = back.x(point.x);
    point.y = back.y(point.y);
    sum += point.score;
    sound = sound && std::isfinite(point.x + point.y);
    if (!(point.score >= threshold)) continue;
    const double x = inside(point.x, geometry.source_width), y = inside(point.y, geometry.source_height);
    found.x1 = std::min(found.x1, x);
    found.y1 = std::min(found.y1, y);
    found.x2 = std::max(found.x2, x);
    found.y2 = std::max(found.y2, y);
  }
  const double score = sum / double(out.points.size());
  found.score = std::min(1.0f, float(score));
  out.candidates = 1;
  out.invalid = sound && std::isfinite(score) ? 0 : 1;
  const bool wanted = options.max_detections > 0 && (options.decode.wanted == nullptr || options.decode.wanted[0] != 0);
  if (out.invalid == 0 && score >= threshold && wanted && found.x2 > found.x1 && found.y2 > found.y1) {
    out.detections.push_back(found);
  } else {
    out.points.clear();
  }
}

void Postprocessor::add_parts(const float *const *data, size_t index, const Geometry &geometry, Found &out) {
  const Back back(geometry);
  if (decoder_.spec().masks) out.masks.push_back(back.mask(decoder_.mask(data, candidates_, index, sums_, out.mask_values)));
  if (!decoder_.spec().keypoints) return;
  const size_t first = out.points.size();
  decoder_.keypoints(data, candidates_, index, out.points);
  for (size_t k = first; k < out.points.size(); k++) {
    out.points[k].x = back.x(out.points[k].x);
    out.points[k].y = back.y(out.points[k].y);
  }
}

}  // namespace goshawk
