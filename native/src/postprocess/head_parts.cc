#include "head_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "head_boxes.h"

namespace goshawk {

const Segment &segment_of(const std::vector<Segment> &segments, size_t row) {
  size_t index = segments.size() - 1;
  while (index > 0 && segments[index].base > row) index -= 1;
  return segments[index];
}

Mask mask_of(const HeadSpec &spec, const std::vector<Segment> &segments, const Prototypes &prototypes, const float *const *data,
             size_t row, const Candidates::Box &box, std::vector<double> &sums, std::vector<uint8_t> &values) {
  const Segment &segment = segment_of(segments, row);
  const RowView &view = segment.views[spec.masks->output];
  const float *weights =
      data[view.tensor] + view.start + (row - segment.base) * view.row_step + spec.masks->at * view.value_step;
  Mask mask;
  mask.cell_width = spec.input_width / double(prototypes.width);
  mask.cell_height = spec.input_height / double(prototypes.height);
  const double left = std::max(0.0, std::floor(double(box.x1) / mask.cell_width));
  const double top = std::max(0.0, std::floor(double(box.y1) / mask.cell_height));
  const double right = std::min(double(prototypes.width), std::ceil(double(box.x2) / mask.cell_width));
  const double bottom = std::min(double(prototypes.height), std::ceil(double(box.y2) / mask.cell_height));
  if (!(right > left && bottom > top)) return mask;
  mask.x = left * mask.cell_width;
  mask.y = top * mask.cell_height;
  mask.columns = uint32_t(right - left);
  mask.rows = uint32_t(bottom - top);
  sums.assign(size_t(mask.columns) * mask.rows, 0);
  for (size_t k = 0; k < prototypes.count; k++) {
    const double weight = double(weights[k * view.value_step]);
    const float *plane = data[prototypes.tensor] + k * prototypes.height * prototypes.width;
    for (size_t y = 0; y < mask.rows; y++) {
      const float *from = plane + (size_t(top) + y) * prototypes.width + size_t(left);
      double *to = sums.data() + y * mask.columns;
      for (size_t x = 0; x < mask.columns; x++) to[x] += weight * double(from[x]);
    }
  }
  for (const double sum : sums) {
    const double value = std::floor(255 / (1 + std::exp(-sum)) + 0.5);
    values.push_back(std::isnan(value) ? 0 : uint8_t(value));
  }
  return mask;
}

Grid depth_of(const HeadSpec &spec, const Segment &segment, size_t columns, const float *const *data, std::vector<float> &values) {
  const HeadSpec::Depth &depth = *spec.depth;
  const RowView &view = segment.views[depth.output];
  const float *from = data[view.tensor] + view.start + depth.at * view.value_step;
  values.resize(segment.rows);
  for (size_t i = 0; i < segment.rows; i++) {
    const float value = float(transformed(double(from[i * view.row_step]), depth.value));
    const bool is = std::isfinite(value) && !(depth.metres && value <= 0);
    values[i] = is ? value : std::numeric_limits<float>::quiet_NaN();
  }
  Grid grid;
  grid.columns = uint32_t(columns);
  grid.rows = uint32_t(segment.rows / columns);
  grid.cell_width = spec.input_width / double(grid.columns);
  grid.cell_height = spec.input_height / double(grid.rows);
  return grid;
}

void simcc_points(const HeadSpec &spec, const Segment &segment, const float *const *data, std::vector<Keypoint> &points) {
  // Where the largest value of a row is, in pixels of a side; what is no number is passed over.
  const auto peak = [&](size_t output, size_t row, double side) {
    const RowView &view = segment.views[output];
    const float *from = data[view.tensor] + view.start + row * view.row_step;
    const size_t values = spec.outputs[output].values;
    size_t best = 0;
    double score = -std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < values; i++) {
      const double value = double(from[i * view.value_step]);
      if (value > score) {
        best = i;
        score = value;
      }
    }
    return std::pair(double(best) * side / double(values), score);
  };
  for (size_t row = 0; row < segment.rows; row++) {
    const auto [x, across_width] = peak(spec.simcc->x, row, spec.input_width);
    const auto [y, across_height] = peak(spec.simcc->y, row, spec.input_height);
    points.push_back({x, y, std::min(1.0, std::min(across_width, across_height))});
  }
}

void keypoints_of(const HeadSpec &spec, const std::vector<Segment> &segments, const float *const *data, size_t row,
                  std::vector<Keypoint> &points) {
  const HeadSpec::Keypoints &keypoints = *spec.keypoints;
  const Segment &segment = segment_of(segments, row);
  const RowView &view = segment.views[keypoints.output];
  const size_t own = row - segment.base;
  const float *from = data[view.tensor] + view.start + own * view.row_step + keypoints.at * view.value_step;
  const Cell cell = cell_at(spec, segment.level, uint32_t(own));
  const double x = side_of(keypoints.unit, cell, spec.input_width, cell.anchor_width);
  const double y = side_of(keypoints.unit, cell, spec.input_height, cell.anchor_height);
  const double left = keypoints.relative ? cell.x * cell.stride : 0;
  const double top = keypoints.relative ? cell.y * cell.stride : 0;
  for (size_t k = 0; k < keypoints.count; k++, from += keypoints.values * view.value_step) {
    const double score = keypoints.values == 3 ? double(from[2 * view.value_step]) : 0;
    const double first = double(from[0]), second = double(from[view.value_step]);
    points.push_back({(keypoints.swapped ? second : first) * x + left, (keypoints.swapped ? first : second) * y + top, score});
  }
}

}  // namespace goshawk
